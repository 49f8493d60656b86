"""A person's own messages and calls on both databases, as the Insights page counts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import update

from core.records import Attempt, CallFacts
from core.store import calls, conversations, own_messages, turns
from core.store.database import Database
from core.store.tables import messages
from tests.store.conftest import OWNER, START
from tests.store.conftest import answer as completed

Say = Callable[..., turns.Begun]
ONCE = (Attempt("sim", "sim/quick", 1, "ok", 10.0),)
HOUR = int(START.timestamp()) // 3600


def test_what_is_read_of_questions_and_answers(database: Database, say: Say) -> None:
    long = "word " * 1000
    first = say("r1", f"Why? {long}", f"Because. {long}")
    say("r2", "And then?", "Nothing.", after=first)
    running = say("r3", "Still running")
    ids = [first.conversation_id, running.conversation_id]
    question, answer, follow_up, _, waiting, pending = own_messages.read(database, OWNER, ids)
    assert (question.role, question.is_first, question.characters) == ("user", True, len(f"Why? {long}"))
    assert len(question.text) == own_messages.QUESTION_CHARACTERS
    assert (answer.role, answer.model_id, answer.state, answer.finish) == ("assistant", "sim/quick", "done", "stop")
    assert (answer.output_tokens, answer.error, len(answer.text)) == (20, None, own_messages.ANSWER_CHARACTERS)
    assert not follow_up.is_first
    assert waiting.text == "Still running"
    assert (pending.state, pending.output_tokens) == ("running", None)
    assert question.at_us < follow_up.at_us < waiting.at_us


def test_every_change_shows_and_what_is_deleted_is_gone(database: Database, say: Say) -> None:
    first, second = say("r1", "One", "1"), say("r2", "Two")

    def stamps() -> dict[str, tuple[int, int]]:
        return {each.id: each.changed for each in own_messages.conversations_of(database, OWNER)}

    before = stamps()
    turns.finish(database, OWNER, "r2", completed("2"))
    after = stamps()
    assert after[first.conversation_id] == before[first.conversation_id]
    assert after[second.conversation_id] != before[second.conversation_id]
    conversations.remove(database, OWNER, first.conversation_id)
    assert list(stamps()) == [second.conversation_id]
    assert own_messages.conversations_of(database, "ben") == []


def test_a_copy_which_is_not_searched_counts_for_nothing(database: Database, say: Say) -> None:
    first, second = say("r1", "One", "1"), say("r2", "Two", "2")
    with database.write() as connection:
        connection.execute(
            update(messages).where(messages.c.conversation_id == second.conversation_id).values(words="")
        )
    rows = own_messages.read(database, OWNER, [first.conversation_id, second.conversation_id])
    assert [row.text for row in rows] == ["One", "1"]


def test_texts_and_calls_are_the_owners_alone(database: Database, say: Say) -> None:
    say("r1", "One", "1")
    say("r2", "Two", "2")
    say("r3", "Three", "3", owner="ben")
    rows = own_messages.read(database, OWNER, [each.id for each in own_messages.conversations_of(database, OWNER)])
    ids = [row.id for row in rows]
    assert sorted(own_messages.texts(database, OWNER, ids).values()) == ["1", "2", "One", "Two"]
    assert own_messages.texts(database, "ben", ids) == {}
    assert own_messages.read(database, "ben", [row.conversation_id for row in rows]) == []
    [hour] = own_messages.calls_by_hour(database, OWNER)
    assert (hour.model_id, hour.hour, hour.calls, hour.failures) == ("sim/quick", HOUR, 4, 2)  # each after a retry


def test_calls_are_counted_by_how_they_were_asked(database: Database) -> None:
    for number, facts in enumerate(
        (
            CallFacts("a", effort="high"),
            CallFacts("b", effort=2000, response_format="schema"),
            CallFacts("c", effort="high", tools="calculator search"),
            CallFacts("d", temperature=1.0),
        )
    ):
        calls.add(database, OWNER, replace(completed("x"), facts=facts, attempts=ONCE), request_id=f"r{number}")
        calls.add(database, "ben", replace(completed("x"), facts=facts, attempts=ONCE), request_id=f"b{number}")
    counted = own_messages.calls_by_setting(database, OWNER)
    assert [(each.name, each.value, each.calls) for each in counted] == [
        ("effort", "high", 2), ("effort", "2000", 1), ("response_format", "schema", 1),
        ("tools", "calculator search", 1),
    ]  # fmt: skip
