"""Checks of one model at several hosts: whose they are, and how long they are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select

from core.store import equality_checks
from core.store.database import Database
from core.views.model_equality import CheckedHost, EqualityCheck, hosts_as_json, hosts_of_json
from tests.store.conftest import OWNER

HOSTS = [
    CheckedHost("acme/small", "reference", 15, 15, answers=[["amber"], ["天"]]),
    CheckedHost("bolt/small", "different", 21, 15, 15, 6, 1e-6, 6, 1, answered_by="bolt/tiny", answers=[["sage"], []]),
    CheckedHost("cask/small", "too_few", 3, 2, why="auth", answers=[]),
]


def check(at: datetime, *, shared: bool = False) -> EqualityCheck:
    return EqualityCheck(str(uuid4()), "small 8 b", at, 15, HOSTS, shared)


def test_a_check_is_read_as_it_was_stored_and_by_its_owner_alone(database: Database) -> None:
    stored = check(database.now())
    equality_checks.add(database, OWNER, stored)
    equality_checks.add(database, OWNER, stored)
    assert equality_checks.recent(database, OWNER) == [stored]
    assert equality_checks.recent(database, "eve") == []
    assert stored.has_result
    assert [host.is_tested for host in stored.hosts] == [True, True, False]


def test_a_shared_check_is_everybodys(database: Database) -> None:
    first, second = check(database.now(), shared=True), check(database.now())
    equality_checks.add(database, OWNER, first)
    equality_checks.add(database, "eve", second)
    assert equality_checks.recent(database, "eve") == [second, first]
    assert equality_checks.recent(database, OWNER) == [first]


def test_a_check_is_kept_for_a_month(database: Database) -> None:
    old, young = (check(database.now() - timedelta(days=days)) for days in (32, 30))
    equality_checks.add(database, OWNER, old)
    equality_checks.add(database, OWNER, young)
    assert equality_checks.recent(database, OWNER) == [young]

    def stored() -> int:
        with database.read() as connection:
            return connection.execute(select(func.count()).where(equality_checks.c.owner_id == OWNER)).scalar_one()

    assert stored() == 2
    for keep_days, number in ((None, 1), (None, 1), (60, 1), (7, 0)):
        equality_checks.drop_old(database, keep_days)
        assert stored() == number


def test_fields_of_another_version_are_left_out() -> None:
    rows = [{**row, "mood": "good"} for row in hosts_as_json(HOSTS)]
    assert hosts_of_json(rows) == HOSTS
