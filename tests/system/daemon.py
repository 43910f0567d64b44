"""Runs `sluice up` beside a test, and speaks with it as a stranger does."""

import http.client
import json
import signal
import subprocess
from contextlib import contextmanager

from program import BIN

STOP_S = 30


class Daemon:
    def __init__(self, process: subprocess.Popen, told: dict):
        self.process = process
        self.url = told["url"]
        self.catalog_url = told["catalog"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def ask(self, method: str, path: str, body=None, headers=None):
        """One request; answers its status, headers and body (parsed when it is JSON)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        data = json.dumps(body) if isinstance(body, (dict, list)) else body
        connection.request(method, path, body=data, headers=headers or {})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        is_json = response.getheader("Content-Type", "").startswith("application/json")
        return response.status, dict(response.headers), json.loads(text) if is_json and text else text

    def get(self, path: str, **options):
        return self.ask("GET", "/iceberg/v1/" + path, **options)

    def refused(self, method: str, path: str, status: int, body=None, headers=None) -> dict:
        """The error of a request that must fail so."""
        got, _, answer = self.ask(method, "/iceberg/v1/" + path, body, headers)
        assert got == status, answer
        assert answer["error"]["code"] == status
        return answer["error"]

    def stop(self, sent=signal.SIGTERM) -> int:
        self.process.send_signal(sent)
        return self.process.wait(STOP_S)

    def pyiceberg(self):
        from pyiceberg.catalog.rest import RestCatalog

        return RestCatalog("sluice", uri=self.catalog_url)


@contextmanager
def up(project, *arguments, exit=0, prog=BIN, env=None):
    process = subprocess.Popen(
        [str(prog), "up", "--port", "0", "--json", *arguments],
        cwd=project.root,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line, "sluice up said nothing"
        daemon = Daemon(process, json.loads(line))
        yield daemon
        if process.poll() is None:
            assert daemon.stop() == exit
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(STOP_S)
        process.stdout.close()
