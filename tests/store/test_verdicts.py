"""Verdicts beside a comparison: found by their owner alone, hidden from the history, gone and back with it."""

from __future__ import annotations

import pytest

from core.store import NotFound, conversations, purge, runs, search, tree, turns, verdicts
from core.store.database import Database
from tests.store.conftest import OWNER, answer


@pytest.fixture
def run_id(database: Database) -> str:
    return runs.create(database, OWNER, "r0", ["sim/quick", "sim/steady"], prompt="Why tea?")[0]


def test_it_is_kept_once_and_found_newest_first(database: Database, run_id: str) -> None:
    first = verdicts.create(database, OWNER, "r1", run_id, "judge", "sim/slow", ["b", "a"])
    assert verdicts.create(database, OWNER, "r1", run_id, "judge", "sim/slow", ["b", "a"]) == first
    second = verdicts.create(database, OWNER, "r2", run_id, "merge", "sim/quick", ["a", "b"])
    links = verdicts.of_run(database, OWNER, run_id)
    assert [(link.conversation_id, link.kind, link.model_id, link.answers) for link in links] == [
        (second, "merge", "sim/quick", ("a", "b")),
        (first, "judge", "sim/slow", ("b", "a")),
    ]


def test_nobody_else_finds_or_adds_one(database: Database, run_id: str) -> None:
    verdict_id = verdicts.create(database, OWNER, "r1", run_id, "judge", "sim/slow", ["a"])
    assert verdicts.of_run(database, "bob", run_id) == []
    with pytest.raises(NotFound):
        verdicts.create(database, "bob", "r1", run_id, "judge", "sim/slow", ["a"])
    with pytest.raises(NotFound):
        verdicts.fork(database, "bob", verdict_id, "a", "Why tea?")
    with pytest.raises(NotFound):
        verdicts.create(database, OWNER, "r2", "no-such-run", "judge", "sim/slow", ["a"])


def test_it_is_not_in_the_history_and_goes_and_comes_with_its_comparison(database: Database, run_id: str) -> None:
    verdict_id = verdicts.create(database, OWNER, "r1", run_id, "judge", "sim/slow", ["a"])
    assert [entry.id for entry in conversations.recent(database, OWNER).entries] == [run_id]
    conversations.remove(database, OWNER, run_id)
    assert verdicts.of_run(database, OWNER, run_id) == []
    with pytest.raises(NotFound):
        conversations.get(database, OWNER, verdict_id)
    conversations.restore(database, OWNER, run_id)
    assert [link.conversation_id for link in verdicts.of_run(database, OWNER, run_id)] == [verdict_id]


def test_purging_a_comparison_leaves_nothing_of_it(database: Database, run_id: str) -> None:
    verdicts.create(database, OWNER, "r1", run_id, "judge", "sim/slow", ["a"])
    conversations.remove(database, OWNER, run_id)
    assert purge.purge(database, database.now()) == 4  # the comparison, two lanes, the verdict


@pytest.fixture
def merged(database: Database, run_id: str) -> turns.Begun:
    verdict_id = verdicts.create(database, OWNER, "r1", run_id, "merge", "sim/slow", ["a"])
    shown = "Write one answer out of these: umbrella"
    begun = turns.begin(
        database, OWNER, turns.NewTurn("r2", shown, conversation_id=verdict_id), owner_process="host/1/a"
    )
    turns.finish(database, OWNER, "r2", answer("Tea wakes you."))
    return begun


def test_a_search_finds_what_was_said_but_not_what_was_shown(
    database: Database, run_id: str, merged: turns.Begun
) -> None:
    assert search.find(database, OWNER, "umbrella") == []
    assert [(hit.run_id, hit.role) for hit in search.find(database, OWNER, "wakes")] == [(run_id, "assistant")]


def test_a_merged_answer_goes_on_as_an_answer_to_the_question(database: Database, merged: turns.Begun) -> None:
    chat_id = verdicts.fork(database, OWNER, merged.conversation_id, merged.answer_message_id, "Why tea?")
    shown = tree.path(database, OWNER, chat_id).turns
    assert [(turn.role, turn.text) for turn in shown] == [("user", "Why tea?"), ("assistant", "Tea wakes you.")]
    assert verdicts.fork(database, OWNER, merged.conversation_id, merged.answer_message_id, "Why tea?") == chat_id
    assert [hit.conversation_id for hit in search.find(database, OWNER, "why")] == [chat_id]
    assert conversations.get(database, OWNER, chat_id).kind == "chat"
