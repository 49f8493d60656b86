"""The spool: it keeps order, goes on where it was stopped, sets aside what is hopeless, and has a bound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.store import Health, Unavailable
from core.store.backends.spool import Spool, SpoolFull

AWAY = Health("down", "unreachable", "Away.")


def test_the_spool_keeps_order_and_takes_up_where_it_was_stopped(tmp_path: Path) -> None:
    spool, played = Spool(tmp_path), []
    for number in range(5):
        assert spool.add("begin", {"n": number})

    def play(operation: str, values: object) -> None:
        if len(played) == 3:
            raise Unavailable(AWAY)
        played.append((operation, values))

    with pytest.raises(Unavailable):
        spool.drain(play)
    assert (len(played), spool.waiting) == (3, 2)
    Spool(tmp_path).drain(lambda operation, values: played.append((operation, values)))
    assert played == [("begin", {"n": number}) for number in range(5)]
    assert spool.empty


def test_the_spool_sets_aside_what_the_database_will_never_take(tmp_path: Path) -> None:
    spool, played = Spool(tmp_path), []
    spool.add("begin", {"n": 1})
    with (tmp_path / "waiting.jsonl").open("a") as file:
        file.write('{"torn": \n')
    spool.add("begin", {"n": 2})

    def play(_: str, values: object) -> None:
        if values == {"n": 1}:
            raise ValueError("never")
        played.append(values)

    spool.drain(play)
    assert played == [{"n": 2}]
    refused = [json.loads(line) for line in (tmp_path / "waiting.refused.jsonl").read_text().splitlines()]
    assert [entry["why"] for entry in refused] == ["ValueError: never", "not a whole line"]


def test_the_spool_has_a_bound_and_memory_when_there_is_no_disk(tmp_path: Path) -> None:
    spool = Spool(None, most_bytes=100)
    assert not spool.add("begin", {"n": 1})
    assert spool.in_memory
    with pytest.raises(SpoolFull):
        spool.add("begin", {"text": "x" * 100})
    (tmp_path / "file").touch()
    on_disk = Spool(tmp_path / "file")
    assert not on_disk.add("begin", {"n": 1})
    played: list[object] = []
    on_disk.drain(lambda _, values: played.append(values))
    assert played == [{"n": 1}]
