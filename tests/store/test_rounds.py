"""Rounds on both databases: kept once, read as they were asked, copied, taken along and brought back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.store import NotFound, runs, turns
from core.store.database import Database
from core.store.imports.load import load
from core.store.portable.export import export
from core.store.rounds import asked, branch, whole
from tests.store.conftest import OWNER, answer

PROMPTS = ["Which?", "Why?", "And then?"]


@pytest.fixture
def run_id(database: Database) -> str:
    """A comparison of two lanes with three rounds; the third went on from the first lane's answer in both."""
    made_id, lanes = runs.create(database, OWNER, "c", ["a/one", "b/two"], prompt=PROMPTS[0], apart={1: {"seed": 3}})
    ids = [lane.conversation_id for lane in lanes]
    last: dict[str, str] = {}
    for number, prompt in enumerate(PROMPTS):
        names = {lane_id: f"c{number}-{at}" for at, lane_id in enumerate(ids)}
        questions = {lane_id: asked.question_id(OWNER, name) for lane_id, name in names.items()}
        if number == 2:
            last[ids[1]] = branch.copy(database, OWNER, "c2", last[ids[0]], ids[0], ids[1])
        asked.begin(database, OWNER, made_id, f"c{number}", prompt, questions, follows=ids[0] if number == 2 else None)
        for lane_id, name in names.items():
            turn = turns.NewTurn(name, prompt, conversation_id=lane_id, parent_id=last.get(lane_id))
            begun = turns.begin(database, OWNER, turn, owner_process="p")
            assert begun.user_message_id == questions[lane_id]
            turns.finish(database, OWNER, name, answer(f"{name} says."))
            last[lane_id] = begun.answer_message_id
    return made_id


def texts_of(comparison: whole.StoredComparison) -> list[list[str]]:
    return [[turn.text for turn in lane.turns] for lane in comparison.lanes]


SAID = [
    ["Which?", "c0-0 says.", "Why?", "c1-0 says.", "And then?", "c2-0 says."],
    ["Which?", "c0-1 says.", "Why?", "c1-1 says.", "And then?", "c2-1 says."],
]


def test_rounds_are_read_as_they_were_asked(database: Database, run_id: str) -> None:
    comparison = whole.read(database, OWNER, run_id)
    assert [(each.number, each.prompt) for each in comparison.rounds] == [(1, "Which?"), (2, "Why?"), (3, "And then?")]
    assert [each.follows for each in comparison.rounds] == [None, None, comparison.lanes[0].conversation_id]
    assert texts_of(comparison) == SAID
    assert [lane.wishes for lane in comparison.lanes] == [{}, {"seed": 3}]


def test_a_round_is_kept_once_whoever_sends_it_at_the_same_time(database: Database, run_id: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = ["d1", "d1", "d2", "d1"]
        list(pool.map(lambda name: asked.begin(database, OWNER, run_id, name, name, {}), names))
    comparison = whole.read(database, OWNER, run_id)
    assert [each.number for each in comparison.rounds] == [1, 2, 3, 4, 5]
    assert {each.prompt for each in comparison.rounds[3:]} == {"d1", "d2"}


def test_a_copied_branch_is_copied_once(database: Database, run_id: str) -> None:
    first, second = (lane.conversation_id for lane in whole.read(database, OWNER, run_id).lanes)
    leaf = whole.read(database, OWNER, run_id).lanes[0].turns[-1].id
    assert branch.copy(database, OWNER, "x", leaf, first, second) == branch.copy(
        database, OWNER, "x", leaf, first, second
    )
    with pytest.raises(NotFound):
        branch.copy(database, "ben", "x", leaf, first, second)
    with pytest.raises(NotFound):
        branch.copy(database, OWNER, "x", "no-such-message", first, second)


def test_a_file_brings_rounds_back_as_they_were(database: Database, run_id: str) -> None:
    runs.take_out(database, OWNER, whole.read(database, OWNER, run_id).lanes[1].conversation_id)
    before = whole.read(database, OWNER, run_id)
    data = "".join(export(database, OWNER, "json")).encode()
    load(database, "ben", data)
    load(database, "ben", data)
    with database.read() as connection:
        from sqlalchemy import select

        from core.store.tables import conversations

        of_ben = conversations.c.owner_id == "ben", conversations.c.kind == "comparison"
        copy_id = connection.execute(select(conversations.c.id).where(*of_ben)).scalar_one()
    copied = whole.read(database, "ben", copy_id)
    assert texts_of(copied) == SAID
    assert [(each.prompt, each.created_at) for each in copied.rounds] == [
        (each.prompt, each.created_at) for each in before.rounds
    ]
    assert copied.rounds[2].follows == copied.lanes[0].conversation_id
    assert [lane.wishes for lane in copied.lanes] == [{}, {"seed": 3}]
    assert [lane.removed_at for lane in copied.lanes] == [lane.removed_at for lane in before.lanes]
    assert whole.read(database, OWNER, run_id) == before


def test_another_owner_puts_no_round_in(database: Database, run_id: str) -> None:
    with pytest.raises(NotFound):
        asked.begin(database, "ben", run_id, "z", "Mine?", {})
    with pytest.raises(NotFound):
        asked.join(database, "ben", run_id, 1, {})
    with pytest.raises(NotFound):
        runs.take_out(database, "ben", whole.read(database, OWNER, run_id).lanes[0].conversation_id)
    assert len(whole.read(database, OWNER, run_id).rounds) == 3
