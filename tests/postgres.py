"""Provide a real PostgreSQL server: TEST_DATABASE_URL if set, otherwise one started from this machine's binaries."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import psycopg
import pytest

PASSWORD = "p@ss/w:rd#1"
USER = "drift"


class Server:
    """A PostgreSQL server of our own, in a temporary folder, on a free port of the loopback interface."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="drift-postgres-"))
        # PostgreSQL refuses to run as root.
        self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            shutil.chown(self.folder, "nobody")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._initialise()
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:p%40ss%2Fw%3Ard%231@127.0.0.1:{self.port}/postgres"

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        options = ["--auth=scram-sha-256", f"--username={USER}", f"--pwfile={secret}"]
        data = ["--no-sync", "--encoding=UTF8", "--locale=C", "-D", str(self.folder / "data")]
        self._run("initdb", *options, *data)

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(self.binaries / name), *arguments]
        told = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self.user)
        if told.returncode:
            raise RuntimeError(f"{name}: {told.stderr[-500:]}")

    def start(self) -> None:
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder), "-c", "fsync=off"]
        with (self.folder / "log").open("ab") as log:
            command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *options]
            # The server keeps the real clock when the tests are given another: its time limits would never be reached.
            environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log, **self.user
            )
        for _ in range(300):
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text()[-500:])

    def stop(self) -> None:
        """Stop it at once: open connections are cut."""
        self.process.send_signal(2)
        self.process.wait(30)

    def remove(self) -> None:
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def find_binaries() -> Path | None:
    """Return the folder that holds initdb and postgres."""
    places = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@pytest.fixture(scope="session")
def postgres_server():
    """Give a server of our own that a test may stop and start."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL: set TEST_DATABASE_URL, or install the package postgresql")
    server = Server(binaries)
    yield server
    server.remove()


@pytest.fixture
def postgres_url(request):
    """Give the address of an empty database, dropped afterwards."""
    server = os.environ.get("TEST_DATABASE_URL") or request.getfixturevalue("postgres_server").url
    name = f"drift_test_{uuid.uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}"')
    address, _, options = server.partition("?")
    yield f"{address.rsplit('/', 1)[0]}/{name}" + (f"?{options}" if options else "")
    _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server.replace("postgres://", "postgresql://", 1), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Give where a history can be opened: a file, then a PostgreSQL database."""
    return tmp_path / "history.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
