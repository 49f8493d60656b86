"""Line-ups: models under a name that a person gives once."""

from __future__ import annotations

import pytest

from core.store import Changed, NotFound, erasure, line_ups
from core.store.database import Database

ANA, BEN = "ana", "ben"
FOUR = ["sim/quick", "sim/steady", "sim/thinker", "sim/flaky"]


def names(database: Database) -> list[str]:
    return [line_up.name for line_up in line_ups.all_of(database, ANA)]


def test_a_name_is_one_line_up(database: Database) -> None:
    first = line_ups.save(database, ANA, "  Fast   four ", FOUR)
    assert line_ups.save(database, ANA, "FAST FOUR", FOUR[:2]) == first
    [saved] = line_ups.all_of(database, ANA)
    assert (saved.name, saved.model_ids) == ("FAST FOUR", ("sim/quick", "sim/steady"))
    assert line_ups.all_of(database, BEN) == []


def test_renaming_to_another_ones_name_is_refused(database: Database) -> None:
    fast, slow = (line_ups.save(database, ANA, name, FOUR) for name in ("Fast", "Slow"))
    with pytest.raises(Changed):
        line_ups.rename(database, ANA, slow, "fast")
    line_ups.rename(database, ANA, fast, "FAST")
    line_ups.rename(database, ANA, slow, "慢")
    assert names(database) == ["FAST", "慢"]


def test_a_successor_takes_a_models_place_once(database: Database) -> None:
    saved = line_ups.save(database, ANA, "Fast", FOUR)
    line_ups.swap(database, ANA, saved, "sim/thinker", "sim/slow")
    line_ups.swap(database, ANA, saved, "sim/flaky", "sim/slow")
    assert line_ups.all_of(database, ANA)[0].model_ids == ("sim/quick", "sim/steady", "sim/slow")


def test_a_line_up_belongs_to_its_owner(database: Database) -> None:
    saved = line_ups.save(database, ANA, "Fast", FOUR)
    for act in (
        lambda: line_ups.rename(database, BEN, saved, "Other"),
        lambda: line_ups.swap(database, BEN, saved, "sim/quick", "sim/slow"),
        lambda: line_ups.remove(database, BEN, saved),
    ):
        with pytest.raises(NotFound):
            act()
    line_ups.remove(database, ANA, saved)
    line_ups.save(database, ANA, "Again", FOUR)
    erasure.begin(database, ANA)
    assert names(database) == []


def test_a_hundred_are_the_most(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_ups, "MOST", 1)
    line_ups.save(database, ANA, "Fast", FOUR)
    with pytest.raises(Changed):
        line_ups.save(database, ANA, "Slow", FOUR)
    line_ups.save(database, ANA, "Fast", FOUR[:2])
