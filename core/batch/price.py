"""The forecast of a batch before it begins: calls, tokens and cost of each model, and how much of it fits today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import zip_longest

from ..engine import Engine
from ..errors import LLMError
from ..expected_output import USUAL_TOKENS
from ..providers.limits import LENGTH, PlannedCall, price
from ..records import ExpectedOutput, Window
from ..store.database import Database
from ..store.quota import view
from ..views.batches import Fit

LONG = ("day", "month", "once")


def fits(
    database: Database,
    engine: Engine,
    model_ids: Sequence[str],
    planned: Sequence[Sequence[PlannedCall]],
    calls: int,
    input_tokens: int,
    expected: Sequence[ExpectedOutput | None] = (),
) -> list[Fit]:
    """`planned` holds for each model one planned call, or nothing where its calls are not counted; `expected` is how
    long the answers of each will probably be."""
    tokens_per_call = -(-input_tokens // max(calls, 1))
    made = [replace(ask.as_usual(), input_tokens=tokens_per_call) for asks in planned for ask in asks[:1]]
    windows = iter(zip(made, view.of_asks(database, made), strict=True))
    forecasts = []
    for model_id, asks, output in zip_longest(model_ids, planned, expected[: len(model_ids)]):
        if not asks:
            wrote = calls * (output.usual if output else USUAL_TOKENS)
            forecasts.append(Fit(model_id, calls, input_tokens, wrote, _free(engine, model_id), counted=False))
            continue
        ask, model_windows = next(windows)
        forecasts.append(_fit(model_id, ask, model_windows, calls, input_tokens))
    return forecasts


def _fit(model_id: str, ask: PlannedCall, windows: Sequence[Window], calls: int, input_tokens: int) -> Fit:
    line = next(iter(price([ask], [windows])), None)
    fitting: list[tuple[int, Window]] = []
    least_s = 0.0
    for need in line.needs if line else ():
        window = need.window
        if not need.needed:
            continue
        if window.per in LONG and window.remaining is not None:
            fitting.append((int(max(window.remaining, Decimal(0)) // need.needed), window))
        elif window.per in ("second", "minute", "hour") and window.limit:
            least_s = max(least_s, calls * float(need.needed / window.limit) * LENGTH[window.per].total_seconds())
    scarce = min(fitting, key=lambda entry: entry[0], default=None)
    cost = line.cost_usd * calls if line and line.cost_usd is not None else None
    wrote = (ask.output_tokens or 0) * calls
    return Fit(
        model_id,
        calls,
        input_tokens,
        wrote,
        cost,
        counted=True,
        fits=scarce[0] if scarce else None,
        window=scarce[1] if scarce else None,
        least_s=least_s or None,
    )


def _free(engine: Engine, model_id: str) -> Decimal | None:
    try:
        provider, _model = engine.catalog.find(model_id)
    except LLMError:
        return None
    return Decimal(0) if provider.simulated or provider.local else None
