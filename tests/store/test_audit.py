"""The log of calls for the administrator: complete, quick by every filter, only ever added to or expired."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.events import person
from core.records import CallFacts
from core.store import audit, calls, erasure, turns
from core.store.database import Database
from core.store.people import directory
from core.views.audit import AuditFilter
from core.views.people import Account
from tests.store.conftest import OWNER, START, answer
from tests.store.plans import plans

CORE = Path(__file__).resolve().parents[2] / "core"
FACTS = CallFacts("a" * 64, temperature=0.5, max_output_tokens=100)


def add(database: Database, number: int, *, owner: str = OWNER, model: str = "sim/quick", day: int = 0) -> None:
    made = answer()
    timing = replace(made.timing, started_at=START + timedelta(days=day, seconds=number))
    attempts = tuple(replace(attempt, model_id=model) for attempt in made.attempts)
    calls.add(database, owner, replace(made, timing=timing, attempts=attempts, facts=FACTS), request_id=f"r{number}")


def test_a_row_says_who_when_what_and_how(database: Database) -> None:
    add(database, 1)
    last, first = audit.page(database, AuditFilter()).rows
    assert (first.outcome, last.outcome) == ("overloaded", "ok")
    assert (last.person, last.model_id, last.input_tokens, last.output_tokens) == (person(OWNER), "sim/quick", 10, 20)
    assert str(last.cost_usd) == "0.00012"
    assert last.settings == {"temperature": 0.5, "max_output_tokens": 100}
    assert last.prompt_hash == FACTS.prompt_hash
    assert last.text is None
    assert first.at < last.at


def test_who_has_an_account_is_named_and_found_by_name(database: Database) -> None:
    add(database, 1)
    add(database, 2, owner="visitor")
    directory.note(database, OWNER, Account("https://id.example", "7", "Jane Doe", "jane@example.org"))
    names = {row.person: row.name for row in audit.page(database, AuditFilter()).rows}
    assert names == {person(OWNER): "Jane Doe", person("visitor"): ""}
    for words in ("jane d", "JANE@example", person(OWNER)[:5]):
        assert {row.name for row in audit.page(database, AuditFilter(person=words)).rows} == {"Jane Doe"}
    erasure.begin(database, OWNER)
    assert {row.name for row in audit.page(database, AuditFilter()).rows} == {""}


def test_every_filter_and_every_page(database: Database) -> None:
    for number in range(30):
        add(database, number, owner=f"owner{number % 3}", model=f"sim/m{number % 2}", day=number // 10)
    everything = list(audit.everything(database, AuditFilter()))
    assert len(everything) == 60
    assert [row.at for row in everything] == sorted((row.at for row in everything), reverse=True)

    pages, before = [], None
    while True:
        page = audit.page(database, AuditFilter(before=before), limit=7)
        pages += page.rows
        before = page.following
        if before is None:
            break
    assert pages == everything

    def number_of(**chosen: object) -> int:
        return len(list(audit.everything(database, AuditFilter(**chosen))))  # type: ignore[arg-type]

    assert number_of(person=person("owner1")) == number_of(person=f" {person('owner1')[:6].upper()} ") == 20
    assert number_of(person="nobody") == 0
    assert number_of(model_id="sim/m1", outcome="ok") == 15
    assert number_of(since=START + timedelta(days=1), until=START + timedelta(days=2)) == 20
    assert audit.models(database) == ["sim/m0", "sim/m1"]
    assert audit.outcomes(database) == ["ok", "overloaded"]


@pytest.mark.parametrize(
    "chosen",
    [
        AuditFilter(),
        AuditFilter(outcome="overloaded"),
        AuditFilter(model_id="sim/m1"),
        AuditFilter(person=person(OWNER)),
        AuditFilter(since=START, until=START + timedelta(days=1)),
        AuditFilter(before=(START, "x")),
        AuditFilter(outcome="ok", before=(START, "x")),
    ],
)
def test_a_page_reads_no_more_than_itself(database: Database, chosen: AuditFilter) -> None:
    """By an index in the order of the list: nothing is sorted, and the table is not read from end to end."""
    add(database, 1)
    for plan in plans(database, lambda: audit.page(database, chosen), without_seq_scan=True):
        assert "TEMP B-TREE" not in plan.replace(
            "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", ""
        )  # calls of one instant
        assert "Seq Scan on calls" not in plan
        assert "SCAN calls\n" not in f"{plan}\n"


def test_the_text_is_there_as_long_as_its_conversation(database: Database, say: Callable[..., turns.Begun]) -> None:
    say("r1", "What is a tide?", "Water.")
    assert {row.text for row in audit.page(database, AuditFilter()).rows} == {None}
    assert {row.text for row in audit.page(database, AuditFilter(), texts=True).rows} == {"What is a tide?"}
    erasure.begin(database, OWNER)
    erasure.go_on(database, keep_calls=True, longest_answer_s=0)
    rows = audit.page(database, AuditFilter(), texts=True).rows
    assert {(row.text, row.prompt_hash) for row in rows} == {(None, None)}
    assert person(OWNER) not in {row.person for row in rows}


def test_what_is_too_old_expires(database: Database) -> None:
    for number in range(6):
        add(database, number, day=number)
    assert audit.expire(database, START + timedelta(days=3)) == 6
    assert min(row.at for row in audit.everything(database, AuditFilter())) >= START + timedelta(days=3)
    assert audit.expire(database, START + timedelta(days=3)) == 0


def test_only_expiry_and_erasure_touch_a_row() -> None:
    """Every UPDATE or DELETE of the table in the sources, wherever it is built."""
    touched = set()
    for path in sorted(CORE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in ("update", "delete")
                    and [name.id for name in node.args if isinstance(name, ast.Name)] == ["calls"]
                ):
                    touched.add((path.relative_to(CORE).as_posix(), function.name))
    assert touched == {("store/audit.py", "expire"), ("store/erasure.py", "_calls")}
