"""A server of PostgreSQL for tests: on a socket of its own, in a folder of its own, with a password."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PASSWORD = "geheim@1#2"
_USER = "postgres"
_SECONDS = 60


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, if there is one."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return Path(found).resolve().parent if found else folders[-1].parent if folders else None


class Server:
    """A server in `folder`, which belongs to a user that may run it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder, self._programs = folder, programs
        self._process: subprocess.Popen[bytes] | None = None
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        self._own(folder, secret)
        make = [programs / "initdb", "-D", folder / "data", "-U", _USER, "-A", "scram-sha-256", "--pwfile", secret]
        subprocess.run([*make, "-E", "UTF8", "--no-sync"], check=True, capture_output=True, **self._as_user())

    def url(self, password: str = "geheim%401%232", name: str = "postgres") -> str:
        """The URL of a database, with the password as a URL has it, or without."""
        return f"postgresql+psycopg://{_USER}{password and ':'}{password}@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ("-c", "listen_addresses=", "-c", "fsync=off", "-k", self.folder)
        command = [self._programs / "postgres", "-D", self.folder / "data", *options]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._as_user()
        )
        ready = [self._programs / "pg_isready", "-q", "-h", self.folder]
        end = time.monotonic() + _SECONDS
        while subprocess.run(ready).returncode:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the server did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_SECONDS)
            self._process = None

    def run(self, *statements: str, rows: Sequence[Sequence[Any]] = ()) -> None:
        """Run SQL; the last statement for each of `rows`, if there are any."""
        import psycopg

        secret = {"user": _USER, "password": PASSWORD, "dbname": "postgres"}
        with psycopg.connect(host=str(self.folder), **secret) as connection, connection.cursor() as cursor:
            *first, last = statements
            for statement in first:
                cursor.execute(statement)
            if rows:
                cursor.executemany(last, rows)
            else:
                cursor.execute(last)

    def _own(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            entry = pwd.getpwnam(_USER)
            for path in paths:
                os.chown(path, entry.pw_uid, entry.pw_gid)

    def _as_user(self) -> dict[str, Any]:
        """What starts a process as a user that is not root, as which the server refuses to run."""
        return {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}


@contextmanager
def running_server(programs: Path) -> Iterator[Server]:
    """A server, which is ended and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # the name of a socket must be short
    try:
        server = Server(programs, folder)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
