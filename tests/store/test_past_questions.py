"""The questions that a person asked a model: found by owner and model, with the conversation above, no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.records import Attempt, Completion
from core.store import conversations, past_questions, runs, turns
from core.store.batches import carrying, making
from core.store.batches.carrying import Ended, Wish
from core.store.database import Database
from core.store.votes import blind
from core.views.batches import BatchPlan, Item
from core.views.conversation import CONTINUE, File, GenerationSettings
from tests.store.conftest import OWNER, START, answer
from tests.store.plans import plans

OLD, OTHER = "acme/old", "acme/other"


def completion(text: str, model_id: str) -> Completion:
    provider_id = model_id.partition("/")[0]
    return replace(answer(text), model_id=model_id, attempts=(Attempt(provider_id, model_id, 1, "ok", 950.0),))


def ask(
    database: Database, text: str, model_id: str = OLD, *, owner: str = OWNER, after: turns.Begun | None = None,
    files: tuple[File, ...] = (), conversation_id: str | None = None, generation: GenerationSettings | None = None,
) -> turns.Begun:  # fmt: skip
    """A question with its answer, "re: " and the text."""
    number = database.now() - START
    request_id = f"{owner}-{number / timedelta(seconds=1)}"
    begun = turns.begin(
        database,
        owner,
        turns.NewTurn(
            request_id,
            text,
            model_id,
            conversation_id=after.conversation_id if after else conversation_id,
            parent_id=after.answer_message_id if after else None,
            generation=generation,
            files=files,
        ),
        owner_process="here/1/x",
    )
    turns.finish(database, owner, request_id, completion(f"re: {text}", model_id=model_id))
    return begun


def prompts(database: Database, model_id: str = OLD, most: int = 10, owner: str = OWNER) -> list[str]:
    return [question.prompt for question in past_questions.newest(database, owner, model_id, most)]


def test_the_newest_questions_come_first_and_only_ones_own(database: Database) -> None:
    for text in ("one", "two", "three"):
        ask(database, text)
    ask(database, "of another model", OTHER)
    ask(database, "of another person", owner="eve")
    assert prompts(database) == ["three", "two", "one"]
    assert prompts(database, most=2) == ["three", "two"]
    assert past_questions.number(database, OWNER, OLD) == 3
    assert past_questions.models(database, OWNER) == [OLD, OTHER]
    assert past_questions.models(database, "nobody") == []
    assert past_questions.newest(database, "nobody", OLD, 5) == []


def test_a_question_comes_with_all_that_was_sent_with_it(database: Database) -> None:
    first = ask(
        database,
        "Sum it up",
        generation=GenerationSettings("Be brief", temperature=0.2, never_substitute=True),
        files=(File("a.txt", "some text"),),
    )
    ask(database, "And in French?", after=first)
    second, alone = past_questions.newest(database, OWNER, OLD, 5)
    assert (alone.prompt, [(file.name, file.text) for file in alone.files]) == ("Sum it up", [("a.txt", "some text")])
    assert (alone.above, alone.system, alone.answer) == ((), "Be brief", "re: Sum it up")
    assert alone.settings == {"temperature": 0.2, "never_substitute": True}
    assert second.above == (
        ("user", "Sum it up\n\na.txt:\n```\nsome text\n```"),
        ("assistant", "re: Sum it up"),
    )


def test_a_long_conversation_is_cut_above(database: Database) -> None:
    last = ask(database, "0")
    for n in range(1, 30):
        last = ask(database, f"{n}", after=last)
    newest = past_questions.newest(database, OWNER, OLD, 1)[0]
    assert newest.prompt == "29"
    assert len(newest.above) == past_questions.MOST_ABOVE
    assert newest.above[-1] == ("assistant", "re: 28")


def test_a_question_that_was_asked_again_counts_once_with_its_newest_answer(database: Database) -> None:
    first = ask(database, "Why?")
    turns.begin(
        database,
        OWNER,
        turns.NewTurn(
            "again", None, model_id=OLD, conversation_id=first.conversation_id, parent_id=first.user_message_id
        ),
        owner_process="here/1/x",
    )
    turns.finish(database, OWNER, "again", completion("better", model_id=OLD))
    (question,) = past_questions.newest(database, OWNER, OLD, 5)
    assert (question.prompt, question.answer) == ("Why?", "better")
    assert past_questions.number(database, OWNER, OLD) == 1


def test_what_is_no_question_or_is_gone_is_left_out(database: Database) -> None:
    first = ask(database, "kept")
    ask(database, CONTINUE, after=first)
    gone = ask(database, "deleted")
    conversations.remove(database, OWNER, gone.conversation_id)
    assert prompts(database) == ["kept"]


def test_an_open_blind_comparison_is_not_told(database: Database) -> None:
    run_id, lane_rows = runs.create(database, OWNER, "r", [OLD, OTHER], prompt="Which?", options={"blind": True})
    for lane in lane_rows:
        ask(database, "Which?", lane.model_id, conversation_id=lane.conversation_id)
    assert prompts(database) == []
    blind.reveal(database, OWNER, run_id)
    assert prompts(database) == ["Which?"]


def test_rows_of_batches_come_with_what_was_expected(database: Database) -> None:
    rule = {"kind": "equals"}
    plan = BatchPlan("mine", (OTHER, OLD), [("1+1?", "2"), ("Hi", None), ("2+2?", "4")], rule=rule, system="Count")
    batch_id, _ = making.create(database, OWNER, "b", plan, "here/1/x")
    carrying.step(database, OWNER, batch_id, "here/1/x", Wish(take={1: 3}))
    ended = [Ended(n, Item(1, "done", f"it is {n}"), ended_at=START) for n in (1, 2, 3)]
    carrying.step(database, OWNER, batch_id, "here/1/x", Wish(ended=ended))
    past = past_questions.of_batches(database, OWNER, OLD, 5)
    assert [(each.prompt, each.answer, each.expected) for each in past] == [
        ("1+1?", "it is 1", "2"), ("2+2?", "it is 3", "4")
    ]  # fmt: skip
    assert (past[0].system, past[0].rule) == ("Count", rule)
    assert past_questions.of_batches(database, "eve", OLD, 5) == []


@pytest.mark.parametrize("act", ["number", "newest"])
def test_they_are_found_by_an_index_of_owner_and_model(database: Database, act: str) -> None:
    ask(database, "one")

    def read() -> object:
        if act == "number":
            return past_questions.number(database, OWNER, OLD)
        return past_questions.newest(database, OWNER, OLD, 5)

    assert "calls_of_model" in plans(database, read, without_seq_scan=True)[0]
