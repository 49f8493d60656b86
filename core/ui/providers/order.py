"""The orders of the table: by what a provider gives, or by one of its columns. Unknown values come last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ...providers.capacity import Capacity
from ..models.names import label
from ..text import noted, t
from .rows import ProviderRow

BY_USE = "use"
_STATES = ("live", "limited", "degraded", "gone")


@dataclass(frozen=True, slots=True)
class Order:
    """`key`: what rows are compared by, None where it is unknown; `most_first`: the greatest comes first."""

    title: Callable[[], str]
    key: Callable[[ProviderRow], Any]
    most_first: bool = False


def _use(row: ProviderRow) -> tuple[int, bool, bool, Decimal]:
    """Ready ones first, then free tiers, trials, paid ones; among them the one that answers most questions a day."""
    provider, questions = row.provider, row.questions_a_day
    groups = (
        row.ready,
        row.standing.state == "refused",
        bool(provider.free) and provider.state == "live" and not provider.local,
        provider.state == "trial",
        provider.state == "live" and not provider.local,
        provider.local,
    )
    group = groups.index(True) if True in groups else len(groups)
    return group, provider.simulated, questions is None, -(questions or Decimal(0))


def _rank(limit: Capacity | None) -> tuple[int, Decimal] | None:
    """Limits in one unit, those that tell of a day before others."""
    if limit is None:
        return None
    a_day = limit.left_a_day
    amount = limit.amount if limit.left is None else limit.left
    unit_rank = 2 if limit.unit in ("requests", "tokens") else 0
    return (unit_rank + 1, a_day) if a_day is not None else (unit_rank, amount or Decimal(0))


ORDERS: Mapping[str, Order] = {
    BY_USE: Order(lambda: t("free quota"), _use),
    "provider": Order(lambda: t("Provider"), lambda row: label(row.provider).casefold()),
    "state": Order(
        lambda: t("State"), lambda row: _STATES.index(row.state.state) if row.state.state in _STATES else None
    ),
    "requests": Order(lambda: t("Requests/day"), lambda row: _rank(row.requests), most_first=True),
    "tokens": Order(lambda: t("Tokens/day"), lambda row: _rank(row.tokens), most_first=True),
    "card": Order(lambda: t("Card"), lambda row: row.provider.privacy.card),
    "phone": Order(lambda: t("Phone"), lambda row: row.provider.privacy.phone),
    "trains": Order(lambda: t("Trains"), lambda row: row.provider.privacy.trains),
    "region": Order(lambda: t("Region"), lambda row: noted(row.provider.privacy.region or "") or None),
    "models": Order(lambda: t("Models"), lambda row: row.models or None, most_first=True),
    "first-token": Order(lambda: t("First token"), lambda row: row.ttft_ms),
    "ends": Order(lambda: t("Ends on"), lambda row: row.ending.ends_on if row.ending else None),
}


def ordered(rows: Sequence[ProviderRow], by: str, *, reverse: bool) -> list[ProviderRow]:
    """The rows in an order of ORDERS, the other way round with `reverse`."""
    order = ORDERS[by]
    comparable = [row for row in rows if order.key(row) is not None]
    unknown = [row for row in rows if order.key(row) is None]
    return [*sorted(comparable, key=order.key, reverse=order.most_first != reverse), *unknown]
