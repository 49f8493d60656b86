"""One empty quota room for each test, on SQLite and on a real PostgreSQL; a clock that tests set by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection

from core.providers.limits import PlannedCall
from core.records import Limit, Model, Provider
from core.store.columns import to_us
from core.store.database import Database
from core.store.opening import open_database
from core.store.quota.tables import cache_hits, cached_answers, faqs, holds, meters, rests, shares
from core.store.tables import calls
from tests.store import postgres

START = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)
Opened = Callable[[str], Database]


class Frozen:
    """The database's clock, standing still until it is moved. It is called with a connection, as the real one is."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self, _connection: Connection | None = None) -> int:
        return to_us(self.at)

    def move(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open each kind of database once; PostgreSQL starts only for those who ask for it."""
    databases: dict[str, Database] = {}
    servers: list[object] = []

    def open_one(kind: str) -> Database:
        if kind not in databases:
            url = None
            if kind == "postgresql":
                running = postgres.running()
                servers.append(running)
                url = running.__enter__().new()
            databases[kind] = open_database(url, tmp_path_factory.mktemp(kind))
            assert databases[kind].health().state == "ok"
        return databases[kind]

    yield open_one
    for database in databases.values():
        database.close()
    for running in servers:
        running.__exit__(None, None, None)  # type: ignore[attr-defined]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, opened: Opened) -> Database:
    return emptied(opened(request.param))


@pytest.fixture
def sqlite(opened: Opened) -> Database:
    """For what does not depend on the database: only SQLite."""
    return emptied(opened("sqlite"))


@pytest.fixture
def clock() -> Frozen:
    return Frozen()


def emptied(database: Database) -> Database:
    with database.write(durable=False) as connection:
        for table in (meters, holds, shares, rests, cached_answers, faqs, cache_hits, calls):
            connection.execute(table.delete())
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def provider(*limits: Limit, name: str = "acme") -> Provider:
    models = tuple(Model(f"{name}/{model_name}", model_name, name) for model_name in ("small", "big"))
    return Provider(name, name.title(), "openai", f"https://{name}.example/v1", limits=limits, models=models)


def limit(amount: float | None = 10, **fields: object) -> Limit:
    values = {"pool": "account", "unit": "requests", "per": "day", **fields}
    return Limit(amount=None if amount is None else Decimal(str(amount)), **values)  # type: ignore[arg-type]


def ask(of: Provider, model: str = "small", **fields: object) -> PlannedCall:
    model_object = next(
        (listed for listed in of.models if listed.name == model), Model(f"{of.id}/{model}", model, of.id)
    )
    return replace(PlannedCall(of, model_object, "k1", input_tokens=100, output_tokens=50), **fields)  # type: ignore[arg-type]
