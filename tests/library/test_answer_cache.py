"""The cache in memory: `reuse=True` without a database, its bounds and what never gets in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core import ChatRequest, Completion, Delta, Finish, Timing
from core.answer_cache import OVERHEAD_BYTES, MemoryCache
from core.engine import Engine
from core.options import load
from tests.library.conftest import ask

Make = Callable[..., Engine]


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def cached(completion: Completion) -> list[str]:
    return [note.detail for note in completion.notes if note.kind == "cached"]


def test_the_same_question_is_answered_again_and_says_so(engine: Make) -> None:
    made = engine()
    first, second = (made.complete(ask(reuse=True)) for _ in range(2))
    assert (first.cached, second.cached) == (False, True)
    assert second.text == first.text
    assert (second.cost_usd, second.attempts, cached(second)) == (Decimal(0), (), ["0"])
    assert second.timing.started_at > first.timing.started_at
    streamed = asyncio.run(made.answer(ask(reuse=True)))
    assert streamed.cached
    assert "".join(event.text for event in made.stream_sync(ask(reuse=True)) if isinstance(event, Delta)) == first.text


@pytest.mark.parametrize(
    "other",
    [
        ask("Explain tide", reuse=True),
        ask(model="sim/steady", reuse=True),
        ask("Explain tides ", reuse=True),
        ask(reuse=True, max_output_tokens=77),
        ask(),
    ],
)
def test_another_question_or_one_that_does_not_want_it_is_asked(engine: Make, other: ChatRequest) -> None:
    made = engine()
    made.complete(ask(reuse=True))
    assert not made.complete(other).cached


def test_owners_do_not_share_answers(engine: Make) -> None:
    made = engine()
    made.complete(ask(reuse=True), owner_id="anna")
    assert not made.complete(ask(reuse=True), owner_id="ben").cached
    assert made.complete(ask(reuse=True), owner_id="anna").cached


@pytest.mark.parametrize(
    "request_",
    [
        ask(model="sim/quick:429", reuse=True, retries=False),
        ask("Is sk-proj-0123456789abcdefghijklmnopqrstuvwxyz0123 a key?", reuse=True, secrets="mask"),
    ],
)
def test_what_may_not_be_given_again_is_not_cached(engine: Make, request_: ChatRequest) -> None:
    made = engine()
    for _ in range(2):
        assert not made.complete(request_).cached
    assert isinstance(made.runner.cache, MemoryCache)
    assert made.runner.cache.count() == 0


def test_settings_are_part_of_the_question(engine: Make, tmp_path: Path) -> None:
    made, cache = engine(environ={"GROQ_API_KEY": "gsk_0123456789abcdefghij"}), MemoryCache(load({}, folder=tmp_path))
    plain, warm, hot = (
        made.prepare(ask(model="groq/quick", reuse=True, temperature=value)) for value in (None, 0.3, 0.9)
    )
    for question in (plain, hot):
        cache.keep(question, answer("Twice a day."))
    assert [bool(cache.recall(question)) for question in (plain, warm, hot)] == [True, False, False]


@pytest.mark.parametrize("mode", ["off", "faq"])
def test_the_option_turns_it_off(engine: Make, mode: str) -> None:
    made = engine(options={"cache": mode})
    assert not any(made.complete(ask(reuse=True)).cached for _ in range(2))


def answer(text: str) -> Completion:
    return Completion("sim/quick", text, "", None, Finish("stop"), Timing(datetime(2026, 11, 30, tzinfo=UTC)))


def test_an_answer_is_given_again_until_it_is_too_old(engine: Make, tmp_path: Path) -> None:
    clock, made = Clock(), engine()
    cache = MemoryCache(load({"ROUNDTABLE_CACHE_MAX_AGE_HOURS": "1"}, folder=tmp_path), clock)
    question = made.prepare(ask(reuse=True))
    cache.keep(question, answer("Twice a day."))
    clock.now_s = 3599
    recalled = cache.recall(question)
    assert recalled
    assert cached(recalled) == ["3599"]
    clock.now_s = 3601
    assert cache.recall(question) is None
    assert cache.count() == 0


def test_the_least_recently_used_goes_first(engine: Make, tmp_path: Path) -> None:
    made, room = engine(), 2 * OVERHEAD_BYTES + 100
    cache = MemoryCache(load({"ROUNDTABLE_CACHE_OWNER_BYTES": str(room)}, folder=tmp_path))
    first, second, third = (made.prepare(ask(text, reuse=True)) for text in ("One", "Two", "Three"))
    others = made.prepare(ask("One", reuse=True), owner_id="ben")
    for question in (first, second, others):
        cache.keep(question, answer("Yes."))
    assert cache.recall(first)
    cache.keep(third, answer("Yes."))
    assert [bool(cache.recall(question)) for question in (first, second, third, others)] == [True, False, True, True]
    cache.keep(first, answer("x" * 200))  # more than the owner may have
    assert cache.count() <= 3
