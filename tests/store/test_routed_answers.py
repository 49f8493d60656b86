"""Verdicts on the size of a model: one an answer, the owner's alone, gone with the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from core.store import conversations, purge, routed_answers, turns
from core.store.database import Database
from tests.store.conftest import OWNER, answer

EASY = {"tier": "small", "difficulty": 0.21, "by_difficulty": True}
Say = Callable[..., turns.Begun]


def routed(database: Database, say: Say, request_id: str, **chosen: object) -> turns.Begun:
    begun = say(request_id, "Write a wish")
    turns.finish(database, OWNER, request_id, answer(), chosen={**EASY, **chosen})
    return begun


def test_the_row_comes_with_the_end_of_the_answer(database: Database, say: Say) -> None:
    begun = routed(database, say, "r1")
    say("r2", "not routed", "Yes.")
    (row,) = routed_answers.newest(database, OWNER)
    assert row == routed_answers.Routed(begun.answer_message_id, "small", 0.21, True, row.at)
    assert turns.finish(database, OWNER, "r1", answer(), chosen={**EASY, "tier": "big"})
    assert routed_answers.newest(database, OWNER) == [row]


def test_a_verdict_is_kept_changed_and_taken_back(database: Database, say: Say) -> None:
    begun = routed(database, say, "r1", difficulty=None, by_difficulty=False)
    assert routed_answers.of_conversation(database, OWNER, begun.conversation_id) == {}
    for _ in range(2):
        assert routed_answers.judge(database, OWNER, begun.answer_message_id, "big", EASY)
    assert routed_answers.of_conversation(database, OWNER, begun.conversation_id) == {begun.answer_message_id: "big"}
    assert [row.verdict for row in routed_answers.newest(database, OWNER)] == ["big"]
    assert routed_answers.judge(database, OWNER, begun.answer_message_id, None, EASY)
    assert routed_answers.of_conversation(database, OWNER, begun.conversation_id) == {}


def test_nobody_else_sees_or_judges_it(database: Database, say: Say) -> None:
    begun = routed(database, say, "r1")
    assert not routed_answers.judge(database, "bob", begun.answer_message_id, "big", EASY)
    assert routed_answers.newest(database, "bob") == []
    assert routed_answers.judge(database, OWNER, begun.answer_message_id, "big", EASY)
    assert routed_answers.of_conversation(database, "bob", begun.conversation_id) == {}


def test_an_older_answer_gets_its_row_with_the_verdict(database: Database, say: Say) -> None:
    begun = say("r1", "a question", "Yes.")
    assert begun.user_message_id
    assert not routed_answers.judge(database, "bob", begun.answer_message_id, "big", EASY)
    assert not routed_answers.judge(database, OWNER, begun.user_message_id, "big", EASY)
    assert routed_answers.newest(database, OWNER) == []
    assert routed_answers.judge(database, OWNER, begun.answer_message_id, "big", EASY)
    assert [(row.tier, row.verdict) for row in routed_answers.newest(database, OWNER)] == [("small", "big")]
    assert routed_answers.count(database, OWNER) == 1


def test_it_goes_with_the_conversation(database: Database, say: Say) -> None:
    begun = routed(database, say, "r1")
    conversations.remove(database, OWNER, begun.conversation_id)
    purge.purge(database, database.now() + timedelta(days=1))
    assert routed_answers.newest(database, OWNER) == []
