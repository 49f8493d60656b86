"""The calendar of use: a square a day, the darker the more was asked; half a year, a column a week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Literal

import streamlit as st

from ...store import StoreError
from ...views.usage import Day
from ..base import chart_theme
from ..quota import left
from ..text import count, date_of, month, plain, t, tn, weekdays, whole

What = Literal["requests", "tokens"]
WEEKS = 26
STEPS = 4


def calendar(now: datetime, zone: tzinfo | None) -> None:
    """Opened by a click: nothing is summed before."""
    box = st.expander(t("Usage calendar"), icon=":material/calendar_month:", key="calendar", on_change="rerun")
    if not box.open:
        return
    there, where = zone or UTC, plain(str(zone)) if zone else t("UTC (the browser reports no time zone)")
    last = now.astimezone(there).date()
    first = last - timedelta(days=7 * (WEEKS - 1) + last.weekday())
    with box:
        try:
            days, simulated = left.usage(first, last, there)
        except StoreError:
            st.caption(t("This cannot be loaded right now."))
            return
        if not days:
            st.caption(t("After your first question, this shows your usage per day over the last six months."))
            return
        what, length = _choice(), (last - first).days + 1
        chart_theme.show(
            chart({one.day: one for one in days}, what, first, last),
            key=f"calendar-{what}",
            alt=summary(days, what, length),
        )
        st.caption(" · ".join(filter(None, [summary(days, what, length), t("days in {zone}", zone=where)])))
        if simulated:
            st.caption(t("Simulated calls only: they used no quota."))


def _choice() -> What:
    names = {"requests": t("Requests"), "tokens": t("Tokens")}
    chosen = st.segmented_control(
        t("Unit"),
        list(names),
        default="requests",
        required=True,
        format_func=names.__getitem__,
        key="calendar-what",
        label_visibility="collapsed",
    )
    return "tokens" if chosen == "tokens" else "requests"


def summary(days: list[Day], what: What, length: int) -> str:
    """The chart in words."""
    unsent = sum(one.unsent for one in days)
    apart = t("; not sent, held back by Roundtable: {number}", number=count(unsent)) if unsent else ""
    known = [(amount, one) for one in days if (amount := _amount(one, what)) is not None and (amount or not one.unsent)]
    if not known:
        return t("No request was sent") + apart if apart else t("No call reported its token usage.")
    most, busiest = max(known, key=lambda pair: (pair[0], pair[1].day))
    total, when = count(sum(amount for amount, _ in known)), date_of(busiest.day)
    if what == "tokens":
        return t(
            "Tokens: {total} on {days} of {all} days; most on {day}: {most}",
            total=total, days=len(known), all=length, day=when, most=count(most),
        )  # fmt: skip
    said = t(
        "Requests: {total} on {days} of {all} days; most on {day}: {most}",
        total=total, days=len(known), all=length, day=when, most=count(most),
    )  # fmt: skip
    return said + apart


def _amount(day: Day, what: What) -> int | None:
    return day.tokens if what == "tokens" else day.requests


def chart(days: Mapping[date, Day], what: What, first: date, last: date) -> Any:
    """Weeks from left to right, Monday on top; days to come are left out."""
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    grid = [[week + timedelta(days=number) for week in weeks] for number in range(7)]
    most = max((_amount(one, what) or 0 for one in days.values()), default=0)
    faint, full = chart_theme.colour("secondaryBackground"), chart_theme.colour("blue")
    figure = chart_theme.figure()
    figure.add_heatmap(
        x=[f"{week:%Y-%m-%d}" for week in weeks],
        y=weekdays(),
        z=[[None if day > last else _shade(days.get(day), what, most) for day in row] for row in grid],
        text=[[_said(day, days.get(day), what) for day in row] for row in grid],
        hovertemplate="%{text}<extra></extra>",
        hoverongaps=False,
        colorscale=[[0, faint], [0.001, chart_theme.mixed(faint, full, 0.3)], [1, full]],
        zmin=0,
        zmax=1,
        colorbar=_scale(most),
    )
    months = [week for week, before in zip(weeks[1:], weeks, strict=False) if week.month != before.month]
    figure.update_layout(
        height=230,
        xaxis={
            "type": "category", "showgrid": False, "fixedrange": True, "tickangle": 0,
            "tickvals": [f"{week:%Y-%m-%d}" for week in months],
            "ticktext": [month(week) for week in months],
        },
        yaxis={"autorange": "reversed", "showgrid": False, "fixedrange": True},
    )  # fmt: skip
    return figure


def _shade(day: Day | None, what: What, most: int) -> float:
    """Of 0 to 1: the root, so that one busy day does not make the others look alike."""
    amount = (_amount(day, what) if day else None) or 0
    return float((amount / most) ** 0.5) if most else 0.0


def _scale(most: int) -> dict[str, Any]:
    """A small scale below the squares, in the numbers themselves."""
    ticks = sorted({round(most * (step / STEPS) ** 2) for step in range(STEPS + 1)}) if most else [0]
    return {
        "orientation": "h", "thickness": 8, "len": 0.6, "y": -0.16, "yanchor": "top",
        "tickvals": [(tick / most) ** 0.5 if most else 0 for tick in ticks],
        "ticktext": [count(tick) for tick in ticks],
    }  # fmt: skip


def _said(day: date, one: Day | None, what: What) -> str:
    """What a finger or a mouse on the square shows."""
    when = f"{weekdays()[day.weekday()]} {date_of(day)}"
    if one is None:
        return t("{day}: no questions", day=when)
    parts = [tn("{number} request", "{number} requests", one.requests)]
    if one.failures:
        parts.append(t("{number} of them failed", number=whole(one.failures)))
    if one.tokens is None:
        parts.append(t("tokens unknown"))
    else:
        parts.append(
            tn(
                "{number} token",
                "{number} tokens",
                one.tokens,
                number=("~" if one.estimated else "") + whole(one.tokens),
            )
        )
    return f"{when}<br>" + ", ".join(parts)
