"""How long an answer will be, before it is asked for: by its budget, by past answers, else a guess that says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from core.budget import ask_for
from core.expected_output import expected_output, within
from core.providers.limits import price
from core.records import AskedEffort, ExpectedOutput, Limit, Model, PastOutput, Provider
from core.store.database import Database
from core.store.past_outputs import PastOutputs
from core.store.tables import calls

ACME = Provider("acme", "Acme", "openai", "https://api.acme.example/v1")
LEVELS = Model("acme/m", "m", "acme", efforts=("low", "medium", "high"), usd_per_million_in=Decimal(1),
               usd_per_million_out=Decimal(2), usd_per_million_reasoning=Decimal(10), reasoning=True)  # fmt: skip
BUDGETED = replace(LEVELS, efforts=("budget",))
UNABLE = replace(LEVELS, reasoning=False, efforts=(), lacks=("reasoning_effort",))
PAST = [PastOutput(1_000 * n, 900 * n) for n in range(1, 11)]


@pytest.mark.parametrize(
    ("effort", "model", "past", "expected"),
    [
        (None, replace(LEVELS, reasoning=False), [], ExpectedOutput(400, 400)),
        (None, LEVELS, [], ExpectedOutput(1_600, 1_600, 1_200, 1_200)),
        ("high", LEVELS, [], ExpectedOutput(4_800, 4_800, 4_400, 4_400)),
        ("high", LEVELS, PAST[:4], ExpectedOutput(4_800, 4_800, 4_400, 4_400)),
        ("high", LEVELS, PAST, ExpectedOutput(5_500, 9_000, 4_950, 8_100, "past", 10)),
        (8_000, BUDGETED, PAST, ExpectedOutput(8_400, 8_400, 8_000, 8_000, "budget")),
        ("medium", BUDGETED, [], ExpectedOutput(8_592, 8_592, 8_192, 8_192, "budget")),
        ("medium", BUDGETED, PAST, ExpectedOutput(5_500, 9_000, 4_950, 8_100, "past", 10)),
        ("none", replace(LEVELS, efforts=("toggle",)), [], ExpectedOutput(400, 400)),
        (
            "high",
            UNABLE,
            [],
            ExpectedOutput(400, 400),
        ),
    ],
)
def test_the_budget_tells_or_the_past_or_nobody(
    effort: AskedEffort | None, model: Model, past: list[PastOutput], expected: ExpectedOutput
) -> None:
    assert expected_output(effort, ACME, model, past) == expected


def test_a_harder_thought_reserves_and_costs_more() -> None:
    plain, hard = (
        ask_for(ACME, LEVELS, None, 100, None, expected=expected_output(effort, ACME, LEVELS, PAST if effort else ()))
        for effort in (None, "high")
    )
    assert (plain.output_tokens, hard.output_tokens) == (1_600, 9_000)
    (line,) = price([hard], [[]])
    assert line.cost_usd == Decimal("0.000100") + Decimal("0.0018") + Decimal("0.081")  # thoughts at their own price
    assert line.usual_cost_usd == Decimal("0.000100") + Decimal("0.0011") + Decimal("0.0495")
    usual = hard.as_usual()
    assert (usual.output_tokens, usual.reasoning_tokens) == (5_500, 4_950)


def test_an_estimate_is_never_longer_than_asked_for_or_than_a_limit_has_room_for() -> None:
    hard = expected_output("high", ACME, LEVELS, PAST)
    assert within(hard, 2_000) == ExpectedOutput(2_000, 2_000, 2_000, 2_000, "past", 10)
    limited = replace(ACME, limits=(Limit("account", "tokens", "minute", Decimal(6_000)),))
    assert ask_for(limited, LEVELS, None, 1_000, None, expected=hard).output_tokens == 5_000
    assert ask_for(limited, LEVELS, None, 5_900, None, expected=hard).output_tokens == 400
    counted = replace(limited, quirks={"counts_max_tokens": True})
    assert ask_for(counted, LEVELS, None, 1_000, 8_000, expected=hard).output_tokens == 8_000


def test_the_past_is_ones_own_whole_answers_at_this_effort(database: Database) -> None:
    now = datetime.now(UTC)

    def log(tokens: int, effort: object = "high", *, ago: timedelta = timedelta(hours=1), **fields: object) -> None:
        row = {
            "id": str(uuid4()), "at": now - ago, "owner_id": "ana", "outcome": "ok", "provider_id": "acme",
            "model_id": "acme/m", "n": 1, "ms": 5.0, "output_tokens": tokens, "reasoning_tokens": tokens // 2,
            "estimated": False, "cached": False, "settings": {"effort": effort} if effort else None, **fields,
        }  # fmt: skip
        with database.write() as connection:
            connection.execute(calls.insert(), [row])

    log(10)
    log(20, ago=timedelta(minutes=1))
    log(30, "low")
    log(40, None)
    log(50, 8_000)
    log(60, owner_id="bo")
    log(70, estimated=True)
    log(80, cached=True)
    log(90, outcome="server")
    log(95, ago=timedelta(days=91))
    log(99, model_id="acme/other")
    seconds = [0.0]
    past = PastOutputs(database, clock=lambda: seconds[0])
    assert past.of("ana", "acme/m", "high") == (PastOutput(20, 10), PastOutput(10, 5))
    assert past.of("ana", "acme/m", None) == (PastOutput(40, 20),)
    assert past.of("ana", "acme/m", 8_000) == (PastOutput(50, 25),)
    assert past.of("cy", "acme/m", "high") == ()
    log(100)
    assert len(past.of("ana", "acme/m", "high")) == 2  # read once a minute
    seconds[0] = 61.0
    assert len(past.of("ana", "acme/m", "high")) == 3
