"""A MariaDB server of a test's own, which speaks MySQL's protocol: a fresh folder, a free port, no rights of root."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from postgres_server import DATABASE, PASSWORD, USER, free_port

START_S = 30


def server_program() -> str:
    """mariadbd, which Debian keeps in a folder that is not on every user's PATH."""
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, "MariaDB is not installed: ./x test installs what tools/apt-packages.txt names"
    return found


class MysqlServer:
    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.process = None
        folder.mkdir(parents=True)
        self.prefix = []
        if os.geteuid() == 0:  # MariaDB refuses to run as root
            self.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            os.chown(folder, 65534, 65534)
        subprocess.run(
            [*self.prefix, "mariadb-install-db", "--no-defaults", f"--datadir={folder}/data",
             "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, capture_output=True, cwd="/",
        )
        self.start()
        self.sql(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4; CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'; "
                 f"GRANT SELECT ON {DATABASE}.* TO '{USER}'@'%'", database="mysql")

    def start(self) -> None:
        # A server that is under another's clock shows whether times are read as what they are.
        self.process = subprocess.Popen(
            [*self.prefix, server_program(), "--no-defaults", f"--datadir={self.folder}/data", f"--port={self.port}",
             f"--socket={self.folder}/socket", "--bind-address=127.0.0.1", f"--pid-file={self.folder}/pid",
             "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--default-time-zone=+05:00"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )
        until = time.monotonic() + START_S
        while self.client("SELECT 1", "mysql").returncode != 0:
            assert time.monotonic() < until and self.process.poll() is None, "MariaDB did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends at once, as a server that goes away does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=START_S)
            self.process = None

    def client(self, text: str, database: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["mariadb", "--no-defaults", "-S", f"{self.folder}/socket", "-uroot", "-N", "-B",
             "--default-character-set=utf8mb4", database, "-e", text],
            capture_output=True, text=True, check=False,
        )

    def sql(self, text: str, database: str = DATABASE) -> str:
        done = self.client(text, database)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
