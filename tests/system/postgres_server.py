"""A PostgreSQL server of a test's own: a fresh folder, a free port, no rights of root."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

USER = "app"
PASSWORD = "s3cr:t/W%rd"  # has what a URL must escape
PASSWORD_IN_URL = "s3cr%3At%2FW%25rd"
DATABASE = "shop"
START_S = 30


def server_programs() -> Path:
    """The folder of initdb and postgres, which Debian keeps off the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: int(bin.parent.name))
    for folder in reversed(folders):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    assert found, "PostgreSQL is not installed: ./x test installs what tools/apt-packages.txt names"
    return Path(found).resolve().parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgresServer:
    def __init__(self, folder: Path):
        self.folder = folder
        self.programs = server_programs()
        self.port = free_port()
        self.process = None
        folder.mkdir(parents=True)
        (folder / "password").write_text(PASSWORD)
        # PostgreSQL refuses to run as root.
        self.prefix = []
        if os.geteuid() == 0:
            self.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            for path in (folder, folder / "password"):
                os.chown(path, 65534, 65534)
        subprocess.run(
            [*self.prefix, self.programs / "initdb", "-D", folder / "data", "-U", USER, "-N",
             "-A", "scram-sha-256", "--pwfile", folder / "password", "-E", "UTF8", "--locale=C"],
            check=True, capture_output=True, cwd="/",
        )
        self.start()
        self.sql(f"CREATE DATABASE {DATABASE}", database="postgres")

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*self.prefix, self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port),
             "-k", self.folder, "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )
        until = time.monotonic() + START_S
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
                             check=False).returncode != 0:
            assert time.monotonic() < until, "PostgreSQL did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """Stops at once, as a server that goes away does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=START_S)
            self.process = None

    def sql(self, text: str, database: str = DATABASE) -> str:
        done = subprocess.run(
            [self.programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
             "-p", str(self.port), "-U", USER, "-d", database, "-c", text],
            env={**os.environ, "PGPASSWORD": PASSWORD}, capture_output=True, text=True, check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
