"""The burn-down chart: the remainder of a window over time, by this visitor's calls, and its projection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import streamlit as st

from ...providers.limits import BY_MODEL
from ...records import Window
from ...views.usage import CallRow
from .. import session
from ..base import chart_theme
from ..models.names import label as label_of
from ..text import plain, t
from . import ledger, words
from .outlook import LONG, Outlook

Points = list[tuple[datetime, float]]


def burn_down(looks: Mapping[str, Sequence[Outlook]], now: datetime, zone: tzinfo | None) -> None:
    """A chart of one window, chosen from those with a size, a reset and some use; the most used first."""
    drawable = [look for outlooks in looks.values() for look in outlooks if can_be_drawn(look)]
    if not drawable:
        return
    drawable.sort(key=lambda look: (not look.left, look.left))
    names = {look.window.id: _name(look.window) for look in drawable}
    box = st.expander(t("Usage until the reset"), icon=":material/trending_down:", key="burn-down", on_change="rerun")
    if not box.open:
        return
    with box:
        chosen = st.selectbox(t("Limit"), list(names), format_func=names.__getitem__, key="burn-window")
        look = next((look for look in drawable if look.window.id == chosen), drawable[0])
        chart_theme.show(chart(look, now, zone), key="burn-chart")
        st.caption(t("Based on your own calls. Usage by others with the same key shows as a slope at the start."))


def can_be_drawn(look: Outlook) -> bool:
    window = look.window
    is_complete = window.limit and window.remaining is not None and window.starts_at and window.resets_at
    return bool(is_complete and window.per in LONG and look.used > 0)


def _name(window: Window) -> str:
    label = label_of(session.engine().catalog.providers[window.provider_id])
    return " · ".join((label, words.bare(words.scope(window)), words.title(window)))


def points(window: Window, rows: Sequence[CallRow], now: datetime) -> Points:
    """What remained after each call, oldest first, counted back from the current remainder."""
    remaining = float((window.remaining or 0) + window.reserved)
    line: Points = [(now, remaining)]
    for row in rows:  # newest first
        amount = _amount_of(window, row)
        if amount and window.starts_at and window.starts_at <= row.at <= now:
            line.append((row.at, remaining))
            remaining = min(remaining + amount, float(window.limit or 0))
            line.append((row.at, remaining))
    if window.starts_at:
        line.append((window.starts_at, float(window.limit or remaining)))
    return line[::-1]


def _amount_of(window: Window, row: CallRow) -> float:
    name = row.model_id.partition("/")[2]
    covered = name == window.scope if window.pool in BY_MODEL else any(
        fnmatchcase(name, pattern) for pattern in window.scope.split(",")
    )  # fmt: skip
    if row.provider_id != window.provider_id or row.cached or not covered:
        return 0.0
    tokens = {"input_tokens": row.input_tokens or 0, "output_tokens": row.output_tokens or 0}
    match window.unit:
        case "requests":
            return 1.0
        case "tokens":
            return float(sum(tokens.values()))
        case "usd":
            return float(row.cost_usd or Decimal(0))
    return float(tokens.get(window.unit, 0))


def chart(look: Outlook, now: datetime, zone: tzinfo | None) -> Any:
    """The line so far, its projection, and the reset."""
    window = look.window
    assert window.starts_at
    assert window.resets_at
    line = points(window, ledger.calls(window.starts_at), now)
    end, remaining = now, line[-1][1]
    if look.forecast:
        end, remaining = (look.forecast.ends_at, 0.0) if look.forecast.ends_at else (
            window.resets_at, float(look.forecast.left_at_reset or 0)
        )  # fmt: skip
    figure = chart_theme.figure()
    figure.add_scatter(
        x=_local_times(line, zone), y=[y for _, y in line], name=t("remaining"), mode="lines", fill="tozeroy"
    )
    projection = [(now, line[-1][1]), (end, remaining)]
    figure.add_scatter(
        x=_local_times(projection, zone),
        y=[y for _, y in projection],
        name=t("at this rate"),
        mode="lines",
        line={"dash": "dash"},
    )
    resets = window.resets_at.astimezone(zone).replace(tzinfo=None)
    figure.add_scatter(
        x=[resets, resets], y=[0, float(window.limit or 0)], name=t("reset"), mode="lines", line={"dash": "dot"}
    )
    figure.update_layout(
        height=320,
        xaxis={
            "tickformat": "%H:%M" if window.per in ("hour", "day") else "%m-%d",
            "range": [window.starts_at.astimezone(zone).replace(tzinfo=None), resets],
            "hoverformat": "%Y-%m-%d %H:%M",
        },
        yaxis={"rangemode": "tozero", "title": plain(words.title(window))},
    )
    return figure


def _local_times(line: Points, zone: tzinfo | None) -> list[datetime]:
    """Naive times in the reader's zone, because plotly ignores zones."""
    return [moment.astimezone(zone).replace(tzinfo=None) for moment, _ in line]
