"""Answers for everybody: proposed, read, approved; what was shared before approval was needed waits for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from core.records import Attempt, Note
from core.store import NotFound
from core.store.database import Database
from core.store.quota import cache, faqs, shared
from core.store.quota.tables import cached_answers
from tests.quota.conftest import Frozen
from tests.quota.test_cache import ANSWER, QUESTION, asking


@pytest.fixture
def marked(database: Database, clock: Frozen) -> Database:
    faqs.mark(database, "admin", ["What is a quota?"], now=clock)
    return database


def test_a_proposal_is_given_to_nobody_not_even_to_whoever_caused_it(marked: Database, clock: Frozen) -> None:
    assert cache.put(marked, "ana", QUESTION, ANSWER, own=False, now=clock)
    for owner in ("ana", "bo"):
        assert cache.get(marked, owner, QUESTION, now=clock) is None
    assert [(faq.question, faq.model_id, faq.text) for faq in shared.proposed(marked)] == [
        ("what is a quota", "groq/small", "A share.")
    ]
    assert (faqs.marked(marked)[0].answers, shared.approved(marked)) == (0, [])


def test_what_was_shared_before_waits_for_approval(marked: Database, clock: Frozen) -> None:
    """Rows of earlier versions have the owner "*"."""
    cache.put(marked, "ana", QUESTION, ANSWER, now=clock)
    with marked.write() as connection:
        connection.execute(update(cached_answers).where(cached_answers.c.owner_id == "ana").values(owner_id="*"))
    assert cache.get(marked, "bo", QUESTION, now=clock) is None
    assert shared.proposed(marked)


def test_the_text_that_was_approved_is_given_and_nothing_that_was_not_shown(marked: Database, clock: Frozen) -> None:
    spoken = replace(
        ANSWER, reasoning="secret", notes=(Note("turns_left_out", "3"),), attempts=(Attempt("g", "m", 1, "ok", 1.0),)
    )
    cache.put(marked, "ana", QUESTION, spoken, own=False, now=clock)
    shared.approve(marked, shared.proposed(marked)[0].name, spoken.text, now=clock)
    hit = cache.get(marked, "bo", QUESTION, now=clock)
    assert hit is not None
    assert (hit.shared, hit.completion.text, hit.completion.reasoning, hit.completion.notes) == (
        True, "A share.", "", ()
    )  # fmt: skip
    assert shared.proposed(marked) == []
    shared.approve(marked, shared.approved(marked)[0].name, "A better one.", now=clock)
    hit = cache.get(marked, "bo", QUESTION, now=clock)
    assert hit is not None
    assert (hit.completion.text, hit.completion.notes) == ("A better one.", (Note("edited"),))


def test_an_approved_answer_is_not_replaced_by_the_next_one(marked: Database, clock: Frozen) -> None:
    cache.put(marked, "ana", QUESTION, ANSWER, own=False, now=clock)
    cache.put(marked, "bo", QUESTION, replace(ANSWER, text="Buy this."), own=False, now=clock)
    assert [faq.text for faq in shared.proposed(marked)] == ["A share."]
    shared.approve(marked, shared.proposed(marked)[0].name, "A share.", now=clock)
    assert not cache.put(marked, "bo", QUESTION, replace(ANSWER, text="Buy this."), own=False, now=clock)
    assert shared.proposed(marked) == []


def test_a_visitor_cannot_flood_the_administrator(marked: Database, clock: Frozen) -> None:
    for number in range(20):
        cache.put(marked, "ana", replace(QUESTION, seed=number), ANSWER, own=False, now=clock)
    assert len(shared.proposed(marked)) == shared.MOST_FOR_A_QUESTION


def test_an_approved_answer_outlives_its_age_and_a_lack_of_room(marked: Database, clock: Frozen) -> None:
    cache.put(marked, "ana", QUESTION, ANSWER, own=False, now=clock)
    shared.approve(marked, shared.proposed(marked)[0].name, "A share.", now=clock)
    cache.put(marked, "ana", replace(QUESTION, seed=1), ANSWER, own=False, now=clock)
    clock.move(days=30)
    assert cache.drop_old(marked, most_bytes=0, now=clock) == 1
    assert cache.get(marked, "bo", QUESTION, now=clock)
    assert shared.proposed(marked) == []
    faqs.unmark(marked, "What is a quota?")
    assert shared.approved(marked) == []


def test_one_of_another_owner_can_be_neither_approved_nor_rejected(marked: Database, clock: Frozen) -> None:
    cache.put(marked, "ana", asking("What is mine?"), ANSWER, now=clock)
    name = cache.key_of("ana", asking("What is mine?"))
    with pytest.raises(NotFound):
        shared.approve(marked, name, "x", now=clock)
    with pytest.raises(NotFound):
        shared.reject(marked, name)
