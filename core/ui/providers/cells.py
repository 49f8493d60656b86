"""The cells of a row in words: what is said, what stands small below it, and its tone."""

from __future__ import annotations

from datetime import UTC, datetime

from ...providers.capacity import Capacity
from .. import session
from ..base.table import Cell
from ..models import facts
from ..quota.words import number
from ..text import ago, noted, seconds, t
from .rows import ProviderRow

SOON_DAYS = 14


def cells(row: ProviderRow) -> list[Cell]:
    """The cells after the provider's name, in the order of the columns."""
    privacy = row.provider.privacy
    return [
        _state(row),
        _limit(row.requests),
        _limit(row.tokens),
        _yes_no(privacy.card),
        _yes_no(privacy.phone),
        _yes_no(privacy.trains),
        Cell(text=noted(privacy.region) if privacy.region else ""),
        Cell(text=str(row.models) if row.models else ""),
        Cell(text=seconds(row.ttft_ms) if row.ttft_ms is not None else ""),
        _end(row),
    ]


def kind(row: ProviderRow) -> str:
    """What stands below the provider's name."""
    provider = row.provider
    if provider.state == "retired":
        return t("retired")
    if provider.simulated:
        return t("simulated")
    if provider.local:
        return t("on this computer")
    if provider.state == "trial":
        return t("trial")
    return t("free tier") if provider.free else ""


def _state(row: ProviderRow) -> Cell:
    """By the last real call; what keeps a provider from being called comes before it."""
    now, state = datetime.now(UTC), row.state
    if row.provider.state == "retired":
        return Cell(text=t("gone"), small=str(row.provider.retired_on or ""), tone="bad")
    if row.provider.local and not row.running:
        return Cell(text=t("not running"))
    if row.standing.state == "refused":
        return Cell(text=t("key rejected"), small=ago(row.standing.at, now) if row.standing.at else "", tone="bad")
    if row.standing.state == "no_key":
        return Cell(text=t("running, needs a key"), tone="warning") if row.running else Cell(text=t("no key"))
    if state.at is None:
        text = t("running") if row.running else t("ready") if row.provider.simulated else t("unknown")
        return Cell(text=text, small="" if row.running or row.provider.simulated else t("not tested yet"))
    small = t("asks for a card") if state.why == "needs_card" else ago(state.at, now)
    return {
        "live": Cell(text=t("live"), small=small, tone="good"),
        "limited": Cell(text=t("limited"), small=small, tone="warning"),
        "degraded": Cell(text=t("degraded"), small=small, tone="warning"),
        "gone": Cell(text=t("gone"), small=small, tone="bad"),
    }.get(state.state, Cell(text=t("unknown")))


def _limit(limit: Capacity | None) -> Cell:
    """What is left of a limit, or only its size where nothing was counted yet."""
    if limit is None:
        return Cell(text="")
    size = None if limit.amount is None else number(limit.unit, limit.amount) + "+" * limit.is_least
    left = None if limit.left is None else number(limit.unit, limit.left)
    unit = "" if limit.unit in ("requests", "tokens", "usd") else limit.unit
    period = "" if limit.per == "day" and not unit else facts.per_period(limit.per)
    is_low = limit.left is not None and (limit.left <= 0 or (limit.amount and limit.left * 5 <= limit.amount))
    return Cell(text=_figure(left, size), small=f"{unit} {period}".strip(), tone="warning" if is_low else "")


def _figure(left: str | None, size: str | None) -> str:
    """ "13 of 20", "8.5 of 10 USD", "13 left", "20"."""
    if left is None:
        return size or ""
    if size is None:
        return t("{left} left", left=left)
    return t("{left} of {size}", left=left.removesuffix(" USD"), size=size)


def _yes_no(fact: bool | None) -> Cell:
    if fact is None:
        return Cell(text="")
    return Cell(text=t("yes"), tone="warning") if fact else Cell(text=t("no"))


def _end(row: ProviderRow) -> Cell:
    """The day on which the first of the models ends, and which that is."""
    if row.ending is None:
        return Cell(text="")
    left = session.life(row.provider).days_left(row.ending)
    is_soon = left is not None and left <= SOON_DAYS
    return Cell(text=str(row.ending.ends_on), small=row.ending.name, tone="warning" if is_soon else "")
