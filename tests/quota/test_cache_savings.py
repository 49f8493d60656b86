"""What the cache spared is what the answers took when they were made; what is not known is in no sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from core.records import ChatRequest, Completion, Finish, Message, Timing, Usage
from core.store.database import Database
from core.store.quota import cache, cache_savings
from core.views.usage import CacheSavings
from tests.quota.conftest import START, Frozen

ANSWER = Completion(
    "groq/small", "A share.", "", Usage(10, 20), Finish("stop"), Timing(START, total_ms=1500.0), Decimal("0.002")
)
NOTHING = CacheSavings(0, None, None, None, 0, 0, 0)


def ask(database: Database, clock: Frozen, owner: str, text: str, made: Completion, times: int) -> None:
    request = ChatRequest([Message("user", text)], model_id="groq/small")
    cache.put(database, owner, request, made, now=clock)
    for _ in range(times):
        assert cache.get(database, owner, request, now=clock)


def test_each_answer_given_again_counts_with_what_it_took(database: Database, clock: Frozen) -> None:
    assert cache_savings.since(database, "ana", [START]) == [NOTHING]
    ask(database, clock, "ana", "a", ANSWER, 2)
    clock.move(days=2)
    ask(database, clock, "ana", "b", replace(ANSWER, usage=None, cost_usd=None), 1)
    ask(database, clock, "bo", "a", ANSWER, 1)
    lately, all_of_it = cache_savings.since(database, "ana", [START + timedelta(days=1), START])
    assert lately == CacheSavings(1, None, None, 1500.0, 0, 0, 1)
    assert cache_savings.since(database, "ana", [START], without=["groq"]) == [NOTHING]
    assert all_of_it == CacheSavings(3, 60, Decimal("0.004"), 4500.0, 2, 2, 3)


def test_the_sums_outlive_the_answers(sqlite: Database, clock: Frozen) -> None:
    ask(sqlite, clock, "ana", "a", ANSWER, 1)
    clock.move(days=30)
    assert cache.drop_old(sqlite, now=clock) == 1
    assert cache_savings.since(sqlite, "ana", [START])[0].requests == 1
