"""Accounts, ended sign-ins and wrong passwords, on both databases and over several processes' worth of threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from core.store import erasure, turns
from core.store.database import Database
from core.store.opening import open_database
from core.store.people import directory, sign_ins
from core.views.people import Account
from tests.store.conftest import OWNER, START

ANA = Account("https://id.example", "42", "Ana", "ana@example.org")
Say = Callable[..., turns.Begun]


class Now:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


def test_people_and_what_they_use(database: Database, say: Say) -> None:
    directory.note(database, OWNER, ANA)
    directory.note(database, OWNER, Account(ANA.issuer, ANA.subject, "Ana B.", ""))
    say("r1", "Hello", "Yes.")
    say("r2", "Hello", "Yes.", owner="a visitor")
    by_id = {person.id: person for person in directory.everybody(database, START - timedelta(days=1))}
    assert by_id.keys() == {OWNER, "a visitor"}
    assert by_id[OWNER].account == Account(ANA.issuer, ANA.subject, "Ana B.", "")
    assert by_id["a visitor"].account is None
    assert by_id[OWNER].requests == by_id["a visitor"].requests > 0
    assert by_id[OWNER].tokens > 0


def test_a_role_outlives_visits_and_an_erasure(database: Database) -> None:
    directory.note(database, OWNER, ANA)
    assert directory.role(database, OWNER) == ""
    directory.set_role(database, OWNER, "blocked")
    directory.note(database, OWNER, ANA)
    erasure.begin(database, OWNER)
    assert directory.role(database, OWNER) == "blocked"
    directory.set_role(database, OWNER, "")
    erasure.begin(database, OWNER)
    assert directory.everybody(database, START) == []


def test_a_sign_out_holds_for_everybody(database: Database) -> None:
    assert not sign_ins.is_signed_out(database, "s1")
    sign_ins.sign_out(database, "s1")
    sign_ins.sign_out(database, "s1")
    assert sign_ins.is_signed_out(database, "s1")
    assert not sign_ins.is_signed_out(database, "s2")


def test_each_wrong_password_waits_twice_as_long(url: str | None, tmp_path: Path) -> None:
    now = Now()
    database = open_database(url, tmp_path, now=now)
    assert [sign_ins.count(database, "a") for _ in range(6)] == [True] * 5 + [False]
    waits = []
    for _ in range(9):
        waits.append(sign_ins.wait_s(database, "a"))
        assert not sign_ins.count(database, "a")
        now.at += timedelta(seconds=waits[-1])
        assert sign_ins.count(database, "a")
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 640]
    assert sign_ins.count(database, "another address")
    sign_ins.succeed(database, "a")
    assert sign_ins.wait_s(database, "a") == 0
    database.close()


def test_a_quarter_of_an_hour_without_a_try_begins_anew(url: str | None, tmp_path: Path) -> None:
    now = Now()
    database = open_database(url, tmp_path, now=now)
    for _ in range(5):
        assert sign_ins.count(database, "a")
    now.at += timedelta(seconds=sign_ins.LONGEST_WAIT_S + 1)
    assert [sign_ins.count(database, "a") for _ in range(6)] == [True] * 5 + [False]
    database.close()


def test_tries_at_the_same_time_do_not_pass_together(url: str | None, tmp_path: Path) -> None:
    now = Now()
    replicas = [open_database(url, tmp_path, now=now) for _ in range(3)]
    with ThreadPoolExecutor(12) as pool:
        passed = list(pool.map(lambda n: sign_ins.count(replicas[n % 3], "a"), range(48)))
    assert sum(passed) == sign_ins.FREE_TRIES + 1
    for replica in replicas:
        replica.close()
