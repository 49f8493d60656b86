"""The cache's savings: one row for each time it answered, with what the answer had cost when it was made.

note(connection, owner, answer, ...)      in the transaction that found the answer
since(database, owner, [instant, ...])    sums, one for each instant
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, func, select

from ...records import Completion
from ...views.usage import CacheSavings
from ..columns import to_us
from ..database import Database
from .tables import cache_hits

h = cache_hits.c


def note(connection: Connection, owner_id: str, completion: Completion, at_us: int, faq_key: str | None) -> None:
    """`completion` is the answer as it was made, with its cost and time then."""
    usage = completion.usage
    counts = [n for n in (usage.input_tokens, usage.output_tokens) if n is not None] if usage else []
    row = {
        "id": str(uuid4()),
        "at_us": at_us,
        "owner_id": owner_id,
        "model_id": completion.model_id,
        "tokens": sum(counts) if counts else None,
        "cost_usd": completion.cost_usd,
        "ms": completion.timing.total_ms,
        "faq_key": faq_key,
    }
    connection.execute(cache_hits.insert(), row)


def since(
    database: Database, owner_id: str, starts: Sequence[datetime], *, without: Sequence[str] = ()
) -> list[CacheSavings]:
    """This owner's savings since each of these instants, in their order; without those of the providers `without`."""
    others = [h.model_id.not_like(f"{provider_id}/%") for provider_id in without]
    with database.read() as connection:
        return [_since(connection, start, h.owner_id == owner_id, *others) for start in starts]


def _since(connection: Connection, start: datetime, *owned: ColumnElement[bool]) -> CacheSavings:
    values = (h.tokens, h.cost_usd, h.ms)
    sums: list[Any] = [func.count(), *(func.sum(value) for value in values), *(func.count(value) for value in values)]
    query = select(*sums).where(h.at_us >= to_us(start), *owned)
    n, tokens, cost, ms, counted, priced, timed = connection.execute(query).one()
    return CacheSavings(n, None if tokens is None else int(tokens), cost, ms, counted, priced, timed)
