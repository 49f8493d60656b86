"""The cache of answers: what is kept, for whom, how long, how much, and what never is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.errors import Truncated
from core.records import ChatRequest, Completion, Finish, Message, Timing, Usage
from core.store.database import Database
from core.store.quota import cache, faqs, shared
from tests.quota.conftest import START, Frozen

QUESTION = ChatRequest([Message("user", "What is a quota?")], model_id="groq/small")
ANSWER = Completion(
    "groq/small", "A share.", "", Usage(10, 20), Finish("stop"), Timing(START, 90.0), cost_usd=Decimal("0.002")
)


def asking(text: str, **fields: object) -> ChatRequest:
    return replace(QUESTION, messages=(Message("user", text),), **fields)  # type: ignore[arg-type]


def approve_all(database: Database) -> None:
    for proposal in shared.proposed(database):
        shared.approve(database, proposal.name, proposal.text)


def test_the_same_question_again_is_answered_at_once_with_its_age(database: Database, clock: Frozen) -> None:
    assert cache.get(database, "ana", QUESTION, now=clock) is None
    assert cache.put(database, "ana", QUESTION, ANSWER, now=clock)
    clock.move(seconds=90)
    hit = cache.get(database, "ana", replace(QUESTION, request_id="another", conversation_id="c"), now=clock)
    assert hit is not None
    assert (hit.age_s, hit.made_at, hit.shared) == (90, START, False)
    assert (hit.completion.text, hit.completion.cached, hit.completion.cost_usd) == ("A share.", True, 0)
    assert hit.completion.attempts == ()
    assert cache.size_of(database, "ana").answers == 1


def test_nobody_else_and_nothing_else_finds_it(database: Database, clock: Frozen) -> None:
    cache.put(database, "ana", QUESTION, ANSWER, now=clock)
    assert cache.get(database, "bo", QUESTION, now=clock) is None
    for other in (
        replace(QUESTION, model_id="groq/big"),
        replace(QUESTION, temperature=0.2),
        replace(QUESTION, seed=1),
        replace(QUESTION, max_output_tokens=10),
        replace(QUESTION, messages=(Message("system", "Be brief."), *QUESTION.messages)),
        asking("what is a quota"),
    ):
        assert cache.get(database, "ana", other, now=clock) is None


@pytest.mark.parametrize(
    "answer",
    [
        replace(ANSWER, error=Truncated("cut")),
        replace(ANSWER, finish=Finish("truncated")),
        replace(ANSWER, finish=Finish("length")),
        replace(ANSWER, finish=Finish("stopped")),
        replace(ANSWER, finish=None),
        replace(ANSWER, text=" "),
        replace(ANSWER, cached=True),
        replace(ANSWER, text="x" * 300_000),
    ],
)
def test_what_is_not_whole_is_not_kept(sqlite: Database, clock: Frozen, answer: Completion) -> None:
    assert not cache.put(sqlite, "ana", QUESTION, answer, now=clock)
    assert cache.get(sqlite, "ana", QUESTION, now=clock) is None


def test_creative_settings_are_left_alone_unless_asked(sqlite: Database, clock: Frozen) -> None:
    wild = replace(QUESTION, temperature=0.9)
    assert not cache.put(sqlite, "ana", wild, ANSWER, now=clock)
    assert cache.put(sqlite, "ana", wild, ANSWER, creative=True, now=clock)
    assert cache.get(sqlite, "ana", wild, now=clock) is None
    assert cache.get(sqlite, "ana", wild, creative=True, now=clock) is not None


def test_an_old_answer_is_none(database: Database, clock: Frozen) -> None:
    cache.put(database, "ana", QUESTION, ANSWER, now=clock)
    clock.move(hours=2)
    assert cache.get(database, "ana", QUESTION, oldest_s=3600, now=clock) is None
    assert cache.drop_old(database, oldest_s=3600, now=clock) == 1
    assert cache.get(database, "ana", QUESTION, now=clock) is None


def test_the_least_used_go_first_when_an_owners_share_is_full(database: Database, clock: Frozen) -> None:
    for n in range(4):
        clock.move(seconds=1)
        cache.put(database, "ana", asking(f"question {n}"), replace(ANSWER, text="x" * 1000), now=clock)
    cache.put(database, "bo", QUESTION, ANSWER, now=clock)
    clock.move(seconds=1)
    assert cache.get(database, "ana", asking("question 0"), now=clock)
    clock.move(seconds=1)
    big = replace(ANSWER, text="y" * 1000)
    assert cache.put(database, "ana", asking("one more"), big, share_bytes=6000, now=clock)
    left = [n for n in range(4) if cache.get(database, "ana", asking(f"question {n}"), now=clock)]
    assert left[0] == 0
    assert 1 not in left
    assert cache.size_of(database, "ana").size_bytes <= 6000
    assert cache.get(database, "bo", QUESTION, now=clock)


def test_a_marked_question_is_shared_in_nearly_the_same_words(database: Database, clock: Frozen) -> None:
    cache.put(database, "ana", QUESTION, ANSWER, now=clock)
    assert cache.get(database, "bo", QUESTION, now=clock) is None
    faqs.mark(database, "admin", ["What is a quota?"], now=clock)
    assert [question.question for question in faqs.marked(database)] == ["What is a quota?"]
    cache.put(database, "ana", QUESTION, ANSWER, now=clock)
    approve_all(database)
    for words in ("what is a  quota", "WHAT IS A QUOTA ??", "Ｗｈａｔ is a quota？", "What is a\nquota。"):
        hit = cache.get(database, "bo", asking(words), now=clock)
        assert hit is not None
        assert hit.shared
    assert cache.get(database, "bo", asking("What is a quote?"), now=clock) is None
    later = replace(QUESTION, messages=(Message("user", "Hi"), Message("assistant", "Hi"), *QUESTION.messages))
    assert cache.get(database, "bo", later, now=clock) is None
    assert faqs.unmark(database, "what is a quota") == 1
    assert cache.get(database, "bo", QUESTION, now=clock) is None


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("你好？", "你好?", True),
        ("ＡＢＣ１２３", "abc123", True),
        ("  a   b ", "A b.", True),
        ("Straße", "STRASSE", True),
        ("C", "C++", False),
        ("1 + 1", "1 - 1", False),
        ("??", "!", True),
    ],
)
def test_what_counts_as_nearly_the_same(left: str, right: str, same: bool) -> None:
    assert (faqs.near(left) == faqs.near(right)) is same


def test_the_list_alone_keeps_and_gives_nothing_of_ones_own(database: Database, clock: Frozen) -> None:
    faqs.mark(database, "admin", ["What is a quota?"], now=clock)
    assert cache.put(database, "ana", QUESTION, ANSWER, own=False, now=clock)
    assert not cache.put(database, "ana", asking("Something else"), ANSWER, own=False, now=clock)
    assert cache.size_of(database, "ana").answers == 0
    approve_all(database)
    hit = cache.get(database, "ana", QUESTION, own=False, now=clock)
    assert hit is not None
    assert hit.shared
    assert cache.get(database, "ana", QUESTION, shared=False, now=clock) is None


def test_the_list_tells_its_hits_and_its_answers(database: Database, clock: Frozen) -> None:
    assert not faqs.any_marked(database)
    assert faqs.mark(database, "admin", ["What is a quota?", "what is a QUOTA", "Who are you?", " ?! "], now=clock) == 2
    assert faqs.mark(database, "admin", ["who are you"], now=clock) == 0
    assert faqs.any_marked(database)
    cache.put(database, "ana", QUESTION, ANSWER, now=clock)
    approve_all(database)
    for owner in ("bo", "cy", "cy"):
        assert cache.get(database, owner, QUESTION, now=clock)
    listed = {faq.question: (faq.hits, faq.answers) for faq in faqs.marked(database)}
    assert listed == {"What is a quota?": (3, 1), "Who are you?": (0, 0)}
    clock.move(seconds=1)
    faqs.unmark(database, "What is a quota")
    faqs.mark(database, "admin", ["What is a quota?"], now=clock)
    assert faqs.marked(database)[0].hits == 0


def test_of_too_much_in_all_the_least_used_go(database: Database, clock: Frozen) -> None:
    for owner in ("ana", "bo", "cy"):
        clock.move(seconds=1)
        cache.put(database, owner, QUESTION, replace(ANSWER, text="x" * 1000), now=clock)
    size = cache.size_of(database, "ana").size_bytes
    assert cache.drop_old(database, most_bytes=3 * size, now=clock) == 0
    assert cache.drop_old(database, most_bytes=2 * size, now=clock) == 1
    assert [cache.size_of(database, owner).answers for owner in ("ana", "bo", "cy")] == [0, 1, 1]
