"""Every attempt to call a provider, failures too: one row each, the numbers of the answer on the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, func, select

from core.records import Completion
from core.store import Unavailable
from core.store.database import Database
from core.store.tables import calls, derived, from_us, insert_new, to_us


@dataclass(frozen=True, slots=True)
class CallRow:
    """One attempt as it was kept; `outcome` is "ok" or the kind of the error."""

    at: datetime
    provider_id: str
    model_id: str
    n: int
    outcome: str
    ms: float
    ttft_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    estimated: bool
    cost_usd: Decimal | None
    cached: bool
    request_id: str | None
    conversation_id: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """What was asked of one model since an instant; costs that are unknown are not in the sum."""

    provider_id: str
    model_id: str
    calls: int
    failures: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal


def rows(owner_id: str, completion: Completion, request_id: str | None = None) -> list[dict[str, Any]]:
    """The attempts of an answer as JSON values. An answer that was never sent has none."""
    seed = request_id or uuid4().hex
    at = completion.timing.started_at
    made = []
    for attempt in completion.attempts:
        made.append(
            {
                "id": derived(owner_id, seed, "call", str(attempt.n)),
                "at_us": to_us(at),
                "owner_id": owner_id,
                "provider_id": attempt.provider_id,
                "model_id": attempt.model_id,
                "n": attempt.n,
                "outcome": attempt.outcome,
                "ms": attempt.ms,
                "request_id": request_id,
                **_numbers(completion, last=attempt is completion.attempts[-1]),
            }
        )
        at += timedelta(milliseconds=attempt.ms, seconds=attempt.wait_s or 0)
    return made


def add(
    database: Database,
    owner_id: str,
    completion: Completion,
    *,
    request_id: str | None = None,
    conversation_id: str | None = None,
) -> bool:
    """Keep the attempts of an answer that no job carried (`turns.finish` keeps a job's); False: in the spool."""
    made = [{**row, "conversation_id": conversation_id} for row in rows(owner_id, completion, request_id)]
    return not made or database.save("calls", {"rows": made}) is not None


def insert(connection: Connection, values: Mapping[str, Any]) -> int:
    """The operation behind `add`: how many rows were new."""
    return insert_new(connection, calls, [_row(row) for row in values["rows"]])


def recent(database: Database, owner_id: str, *, since: datetime | None = None, limit: int = 1000) -> list[CallRow]:
    """The newest attempts of an owner, newest first."""
    names = [calls.c[name] for name in CallRow.__dataclass_fields__]
    query = select(*names).where(calls.c.owner_id == owner_id).order_by(calls.c.at.desc(), calls.c.n.desc())
    if since:
        query = query.where(calls.c.at >= since)
    with database.read() as connection:
        return [CallRow(*row) for row in connection.execute(query.limit(limit))]


def totals(database: Database, owner_id: str, *, since: datetime) -> Sequence[Total]:
    """Sums by model since an instant, the most called first."""
    count = func.count().label("calls")
    failed = func.count().filter(calls.c.outcome != "ok")
    tokens_in, tokens_out = func.sum(calls.c.input_tokens), func.sum(calls.c.output_tokens)
    query = (
        select(calls.c.provider_id, calls.c.model_id, count, failed, tokens_in, tokens_out, func.sum(calls.c.cost_usd))
        .where(calls.c.owner_id == owner_id, calls.c.at >= since)
        .group_by(calls.c.provider_id, calls.c.model_id)
        .order_by(count.desc(), calls.c.model_id)
    )
    with database.read() as connection:
        found = connection.execute(query).all()
    return [
        Total(provider, model, n, failures, int(read or 0), int(wrote or 0), cost or Decimal(0))
        for provider, model, n, failures, read, wrote, cost in found
    ]


def speeds(database: Database, *, since: datetime, limit: int = 2000) -> dict[str, float]:
    """The median tokens a second of whole answers by model, over all owners' newest; nothing while it is away."""
    query = (
        select(calls.c.model_id, calls.c.output_tokens, calls.c.ms)
        .where(calls.c.at >= since, calls.c.outcome == "ok", calls.c.output_tokens > 0, calls.c.ms > 0)
        .order_by(calls.c.at.desc())
        .limit(limit)
    )
    try:
        with database.read() as connection:
            found = connection.execute(query).all()
    except Unavailable:
        return {}
    by_model: dict[str, list[float]] = {}
    for model_id, tokens, ms in found:
        by_model.setdefault(model_id, []).append(tokens * 1000 / ms)
    return {model_id: median(measured) for model_id, measured in by_model.items()}


def _numbers(completion: Completion, *, last: bool) -> dict[str, Any]:
    usage = completion.usage if last else None
    cost = completion.cost_usd if last else None
    return {
        "ttft_ms": completion.timing.ttft_ms if last else None,
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "estimated": bool(usage and usage.estimated),
        "cost": None if cost is None else str(cost),
        "cached": last and completion.cached,
    }


def _row(values: Mapping[str, Any]) -> dict[str, Any]:
    cost = values["cost"]
    kept = {name: value for name, value in values.items() if name not in ("at_us", "cost")}
    return {**kept, "at": from_us(values["at_us"]), "cost_usd": None if cost is None else Decimal(cost)}
