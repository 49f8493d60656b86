"""When a model cannot answer, another does, and the answer says who, why and in which order; or nobody does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.desk import Wishes
from core.records import Note
from tests.desk.acme import KEYS, ME, answer, counted, desk_of, ended, model, per, settled, table, until
from tests.net.faulty_server import FaultyServer

DAY = per("requests", "day", 1000)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    running = FaultyServer().start()
    yield running
    running.stop()


def test_another_answers_and_says_so(tmp_path: Path, server: FaultyServer) -> None:
    desk = desk_of(
        tmp_path,
        table("acme", server.url("auth"), DAY),
        table("bolt", server.url("good"), DAY, models=model("other")),
        table("cask", server.url("good"), DAY, models=model("vendor/small:free")),
    )
    completion = answer(desk, "r1", "acme/small")
    assert completion.error is None
    assert completion.model_id == "cask/vendor/small:free"
    assert Note("failed_over", "acme/small") in completion.notes
    assert [(one.model_id, one.outcome) for one in completion.attempts] == [
        ("acme/small", "auth"),
        ("cask/vendor/small:free", "ok"),
    ]
    until(lambda: settled(desk))
    assert counted(desk) == (2, 0)


def test_a_spent_day_passes_on_without_a_request(tmp_path: Path, server: FaultyServer) -> None:
    desk = desk_of(
        tmp_path,
        table("acme", server.url("overloaded"), per("requests", "day", 1)),
        table("bolt", server.url("good"), DAY),
    )
    before = server.calls["overloaded"]
    assert answer(desk, "r1", "acme/small").model_id == "bolt/small"
    assert answer(desk, "r2", "acme/small").model_id == "bolt/small"
    assert server.calls["overloaded"] == before + 1


def test_nobody_stands_in_where_a_person_forbids_it(tmp_path: Path, server: FaultyServer) -> None:
    tables = (table("acme", server.url("forbidden"), DAY), table("bolt", server.url("good"), DAY))
    desk = desk_of(tmp_path, *tables)
    begun = desk.ask(ME, "r1", "Hi", "acme/small", wishes=Wishes(never_substitute=True), keys=KEYS)
    completion = ended(desk, "r1")
    assert completion.error
    assert completion.model_id == "acme/small"
    assert desk.sheet(ME, begun.conversation_id).wishes.never_substitute is True


def test_nobody_stands_in_in_a_comparison(tmp_path: Path, server: FaultyServer) -> None:
    desk = desk_of(tmp_path, table("acme", server.url("forbidden"), DAY), table("bolt", server.url("good"), DAY))
    run_id = desk.compare(ME, "c1", "Hi", ["acme/small"], keys=KEYS)
    assert ended(desk, "c1-0").error
    until(lambda: desk.comparison(ME, run_id).lanes[0].turns[-1].state == "failed")
    lane = desk.comparison(ME, run_id).lanes[0]
    desk.again(ME, "r2", lane, lane.turns[-1], "acme/small", KEYS)
    assert ended(desk, "r2").error


@pytest.mark.parametrize("fault", ["bad-request", "cut-after", "filter"])
def test_what_another_would_not_mend_is_not_passed_on(tmp_path: Path, server: FaultyServer, fault: str) -> None:
    desk = desk_of(tmp_path, table("acme", server.url(fault), DAY), table("bolt", server.url("good"), DAY))
    before = server.calls["good"]
    assert answer(desk, "r1", "acme/small").model_id == "acme/small"
    assert server.calls["good"] == before


def test_when_all_fail_the_first_failure_counts(tmp_path: Path, server: FaultyServer) -> None:
    names = ("acme", "bolt", "cask", "dune")
    keys = {name: f"{name}-0123456789abcdef" for name in names}
    faults = ("credits", "overloaded", "forbidden", "good")
    desk = desk_of(tmp_path, *(table(name, server.url(fault), DAY) for name, fault in zip(names, faults, strict=True)))
    completion = answer(desk, "r1", "acme/small", keys=keys)
    assert completion.error
    assert (completion.model_id, completion.error.kind) == ("acme/small", "credits")
    assert [one.provider_id for one in completion.attempts] == ["acme", "bolt", "bolt", "cask"]
    assert not [note for note in completion.notes if note.kind == "failed_over"]


def test_nothing_simulated_and_nobody_without_a_key_stands_in(tmp_path: Path, server: FaultyServer) -> None:
    free = table("bolt", server.url("good"), DAY).replace('key_names = ["BOLT_KEY"]', 'auth = "none"')
    desk = desk_of(tmp_path, table("acme", server.url("auth"), DAY), free)
    assert answer(desk, "r1", "acme/small", keys={"acme": KEYS["acme"]}).error
