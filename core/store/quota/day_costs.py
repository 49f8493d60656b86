"""What the calls of one day cost, added up by model in the database: a look at one day reads the calls of that day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import case, func, select

from ...records import Usage
from ...views.costs import AnswerCost
from ..database import Database
from ..tables import calls

PRICED, NOTHING, UNKNOWN = "priced", "nothing", "unknown"


def of_day(database: Database, owner_id: str, day: date, zone: tzinfo) -> list[AnswerCost]:
    """A sum for each model that answered, and for each way its cost is known. Raises `StoreError`.

    The day begins at midnight of `zone`. Attempts that failed before a token came are left out: nobody charges them.
    """
    start, end = (datetime.combine(date_, time(), tzinfo=zone) for date_ in (day, day + timedelta(days=1)))
    c = calls.c
    model_id = func.coalesce(c.served_model_id, c.model_id).label("model")
    price_known = case((c.cost_usd.is_(None), UNKNOWN), (c.cost_usd == 0, NOTHING), else_=PRICED).label("price_known")
    counts = ("input_tokens", "output_tokens", "reasoning_tokens")
    query = (
        select(
            model_id,
            price_known,
            func.count().label("answers"),
            func.sum(c.cost_usd).label("cost_usd"),
            *(func.sum(c[name]).label(name) for name in counts),
        )
        .where(
            c.owner_id == owner_id,
            c.at >= start,
            c.at < end,
            c.cached.is_(False),
            c.sent.is_not(False),
            c.simulated.is_not(True),
            (c.outcome == "ok") | c.output_tokens.is_not(None),
        )
        .group_by(model_id, price_known)
        .order_by(model_id, price_known)
    )
    with database.read() as connection:
        return [_cost(row) for row in connection.execute(query)]


def _cost(row: Any) -> AnswerCost:
    counted = [None if number is None else int(number) for number in row[4:]]
    usage = Usage(counted[0], counted[1], counted[2])
    return AnswerCost("", row.model, row.cost_usd, None if usage == Usage() else usage, cached=False, answers=row[2])
