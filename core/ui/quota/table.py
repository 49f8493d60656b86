"""The table of limits: a row for each that was touched, one for a provider of which none was; a click opens a card."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from hashlib import sha256
from typing import Any

import streamlit as st

from ...records import Window
from .. import session
from ..base import table as tables
from ..base.table import Cell, TableHead, TableRow
from ..models.facts import per_period
from ..models.marks import colour_and_shape
from ..models.names import label
from ..text import t, wait
from . import words
from .free_today import Supply
from .outlook import LONG, Outlook, pace_word
from .rows import NEAR

OPEN, SORT, REVERSED = "quota-open", "quota-sort", "quota-reversed"
OWN_DAY = "day"
Order = Callable[["Line"], Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A row: of one window, or (`look` None) of all that a provider documents. `row_id` is safe in an address."""

    row_id: str
    provider_id: str
    name: str
    scope: str
    look: Outlook | None
    supply: Supply | None = None


def _share_left(line: Line) -> float | None:
    if line.look:
        return line.look.left
    if line.supply and line.supply.left is not None and line.supply.size:
        return float(line.supply.left / line.supply.size)
    return None


def _resets_at(line: Line) -> datetime | None:
    return line.look.window.resets_at if line.look else None


def _ends_at(line: Line) -> datetime | None:
    return line.look.forecast.ends_at if line.look and line.look.forecast else None


ORDERS: Mapping[str, tuple[Callable[[], str], Order]] = {
    "provider": (lambda: t("Provider and pool"), lambda line: line.name.casefold()),
    "limit": (lambda: t("Limit"), lambda line: words.title(line.look.window) if line.look else None),
    "left": (lambda: t("Remaining"), _share_left),
    "used": (lambda: t("Used"), lambda line: 1 - share if (share := _share_left(line)) is not None else None),
    "resets": (lambda: t("Resets in"), _resets_at),
    "source": (lambda: t("Source"), lambda line: line.look.window.source if line.look else "documented"),
    "forecast": (lambda: t("At this rate"), _ends_at),
}
NUMBERS = {"left", "used", "resets"}


def table(
    looks: Mapping[str, Sequence[Outlook]],
    supplies: Mapping[str, Supply],
    own_day: Sequence[Outlook],
    now: datetime,
    zone: tzinfo | None,
    *,
    below: Callable[[str], None],
) -> None:
    """`below` draws the card of a provider, or of the person's own day (`OWN_DAY`)."""
    lines = [*lines_of(looks, supplies, own_day)]
    if not lines:
        return
    by_id = {line.row_id: line for line in lines}

    def toggle(row_id: str) -> None:
        if row_id in by_id:
            st.session_state[OPEN] = None if st.session_state.get(OPEN) == row_id else row_id

    tables.draw(
        "quota",
        t("Limits"),
        [_head(name) for name in ORDERS],
        [_row(line, now, zone) for line in _ordered(lines)],
        sort=_sort_by,
        toggle=toggle,
        below=lambda row_id: below(by_id[row_id].provider_id),
    )


def lines_of(
    looks: Mapping[str, Sequence[Outlook]], supplies: Mapping[str, Supply], own_day: Sequence[Outlook]
) -> Iterator[Line]:
    """In the order of the providers; of each the long windows first, which are what a person plans by."""
    for look in own_day:
        name = t("Your daily limit")
        yield Line(f"{OWN_DAY}-{look.window.unit}", OWN_DAY, name, t("keys of the server"), look)
    for provider_id, outlooks in looks.items():
        name = label(session.engine().catalog.providers[provider_id])
        touched = [look for look in outlooks if look.touched]
        for look in sorted(touched, key=lambda look: look.window.per not in LONG):
            row_id = sha256(look.window.id.encode()).hexdigest()[:12]
            yield Line(row_id, provider_id, name, words.bare(words.scope(look.window)), look)
        if not touched:
            yield Line(provider_id, provider_id, name, "", None, supplies.get(provider_id))


def _ordered(lines: Sequence[Line]) -> list[Line]:
    """By the chosen column, unknown ones last; as they come where none is chosen."""
    chosen = st.session_state.get(SORT)
    if not isinstance(chosen, str) or chosen not in ORDERS:
        return list(lines)
    key = ORDERS[chosen][1]
    comparable = [line for line in lines if key(line) is not None]
    unknown = [line for line in lines if key(line) is None]
    return [*sorted(comparable, key=key, reverse=bool(st.session_state.get(REVERSED))), *unknown]


def _sort_by(column: str) -> None:
    if column in ORDERS:
        again = st.session_state.get(SORT) == column
        st.session_state[REVERSED] = again and not st.session_state.get(REVERSED)
        st.session_state[SORT] = column


def _head(name: str) -> TableHead:
    is_sorted = st.session_state.get(SORT) == name
    direction = "descending" if st.session_state.get(REVERSED) else "ascending"
    return TableHead(name, ORDERS[name][0](), name in NUMBERS, direction if is_sorted else "")  # type: ignore[arg-type]


def _row(line: Line, now: datetime, zone: tzinfo | None) -> TableRow:
    colour, shape = colour_and_shape(line.provider_id, session.engine().catalog.providers)
    cells = _cells(line.look, now, zone) if line.look else _documented(line.supply)
    return TableRow(
        line.row_id, line.name, cells, line.scope, colour, shape, st.session_state.get(OPEN) == line.row_id
    )  # fmt: skip


def _cells(look: Outlook, now: datetime, zone: tzinfo | None) -> list[Cell]:
    window = look.window
    tone = "bad" if "empty" in look.alerts else "warning" if look.alerts else ""
    left = "" if window.remaining is None else words.number(window.unit, window.remaining)
    used = window.used
    if window.limit is not None and window.remaining is not None:
        used = max(window.limit - window.remaining - window.reserved, window.used * 0)
    reserved = t("+{number} reserved", number=words.number(window.unit, window.reserved)) if window.reserved else ""
    return [
        Cell(text=_limit(window.unit, window.per, window.limit)),
        Cell(text=left, tone=tone),
        Cell(text=words.number(window.unit, used), small=reserved),
        _resets(look, now),
        _source(window, now),
        Cell(text=pace_word(look, now, zone), tone="warning" if "pace" in look.alerts else ""),
    ]


def _limit(unit: str, per: str, size: Decimal | None, more: str = "") -> str:
    """ "1,000 requests per day"; of unknown size "Requests per day"."""
    noun = words.noun(unit)
    if size is None:
        sentence = t("{what} {per}", what=noun or t("Cost"), per=per_period(per))
        return sentence[:1].upper() + sentence[1:]
    number = words.number(unit, size) + more
    return t("{number} {unit} {per}", number=number, unit=noun, per=per_period(per)).replace("  ", " ")


def _documented(supply: Supply | None) -> list[Cell]:
    """Of a provider of which no limit was touched."""
    source, unknown = Cell(text=t("documented")), Cell(text="")
    if supply is None:
        return [Cell(text=t("not published")), unknown, unknown, unknown, source, unknown]
    more = "+" * supply.is_least
    left = "" if supply.left is None else words.number(supply.unit, supply.left) + more
    used = "" if supply.left is None else "0"
    limit = _limit(supply.unit, supply.per, supply.size, more)
    return [Cell(text=limit), Cell(text=left), Cell(text=used), unknown, source, unknown]


def _resets(look: Outlook, now: datetime) -> Cell:
    window = look.window
    if window.per == "at_once":
        return Cell(text=t("as answers end"))
    if window.resets_at is None:
        return Cell(text=t("never"))
    if window.per in ("second", "minute") and not look.moved:
        return Cell(text="—")
    left = window.resets_at - now
    if left <= NEAR:
        return Cell(text=t("under 2 min"))
    return Cell(text=wait(left.total_seconds()))


def _source(window: Window, now: datetime) -> Cell:
    age = t("{age} ago", age=wait((now - window.seen_at).total_seconds())) if window.seen_at else ""
    match window.source:
        case "header":
            return Cell(text=t("response header"), small=age)
        case "error":
            return Cell(text=t("error message"), small=age)
        case "counted":
            return Cell(text=t("counted here"))
    return Cell(text=t("documented"))
