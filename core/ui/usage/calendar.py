"""The calendar of half a year: a square per day, darker for more requests, a column per week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Literal

import streamlit as st

from ...store import StoreError
from ...views.usage import Day
from ..base import chart_theme
from ..base.segments import segments
from ..money import amount
from ..quota import ledger
from ..text import count, date_of, month, plain, t, tn, weekdays, whole
from . import day_cost

CountedUnit = Literal["requests", "tokens", "cost"]
WEEKS = 26
STEPS = 4


def calendar(now: datetime, zone: tzinfo | None) -> None:
    """The calendar in an expander; nothing is read while it is closed."""
    box = st.expander(t("Usage calendar"), icon=":material/calendar_month:", key="calendar", on_change="rerun")
    if not box.open:
        return
    reader_zone, zone_name = zone or UTC, plain(str(zone)) if zone else t("UTC (the browser reports no time zone)")
    last = now.astimezone(reader_zone).date()
    first = last - timedelta(days=7 * (WEEKS - 1) + last.weekday())
    with box:
        try:
            days, simulated = ledger.usage(first, last, reader_zone)
        except StoreError:
            st.caption(t("This cannot be loaded right now."))
            return
        if not days:
            st.caption(t("After your first question, this shows your usage per day over the last six months."))
            return
        unit, length = _choice(), (last - first).days + 1
        words = summary(days, unit, length)
        chart_theme.show(
            chart({day.day: day for day in days}, unit, first, last),
            key=f"calendar-{unit}",
            alt=words,
        )
        st.caption(" · ".join(filter(None, [words.replace("$", "\\$"), t("days in {zone}", zone=zone_name)])))
        if simulated:
            st.caption(t("Simulated calls only: they used no quota."))
        day_cost.draw(days, reader_zone)


def _choice() -> CountedUnit:
    names: dict[CountedUnit, str] = {"requests": t("Requests"), "tokens": t("Tokens"), "cost": t("Cost")}
    return segments(t("Unit"), names, "calendar-what", "requests")


def summary(days: list[Day], unit: CountedUnit, length: int) -> str:
    """The chart in words."""
    if unit == "cost":
        return _cost_summary(days, length)
    unsent = sum(day.unsent for day in days)
    unsent_text = t("; not sent, held back by Roundtable: {number}", number=count(unsent)) if unsent else ""
    amounts = [(used, day) for day in days if (used := _amount(day, unit)) is not None and (used or not day.unsent)]
    if not amounts:
        return t("No request was sent") + unsent_text if unsent_text else t("No call reported its token usage.")
    most, busiest = max(amounts, key=lambda pair: (pair[0], pair[1].day))
    total, busiest_date = count(sum(used for used, _ in amounts)), date_of(busiest.day)
    if unit == "tokens":
        return t(
            "Tokens: {total} on {days} of {all} days; most on {day}: {most}",
            total=total, days=len(amounts), all=length, day=busiest_date, most=count(most),
        )  # fmt: skip
    text = t(
        "Requests: {total} on {days} of {all} days; most on {day}: {most}",
        total=total, days=len(amounts), all=length, day=busiest_date, most=count(most),
    )  # fmt: skip
    return text + unsent_text


def _cost_summary(days: list[Day], length: int) -> str:
    costly = [day for day in days if day.cost_usd]
    unpriced = sum(day.unpriced for day in days)
    unknown = tn("; {number} call of unknown cost", "; {number} calls of unknown cost", unpriced) if unpriced else ""
    if not costly:
        return t("No call is known to have cost anything") + unknown
    most = max(costly, key=lambda day: (day.cost_usd, day.day))
    total = sum((day.cost_usd for day in costly), Decimal(0))
    text = t(
        "Cost: {total} on {days} of {all} days; most on {day}: {most}",
        total=_dollars(total), days=len(costly), all=length, day=date_of(most.day), most=_dollars(most.cost_usd),
    )  # fmt: skip
    return text + unknown


def _amount(day: Day, unit: CountedUnit) -> float | None:
    match unit:
        case "tokens":
            return day.tokens
        case "cost":
            return float(day.cost_usd)
    return day.requests


def cost_of(day: Day) -> str:
    """ "$0.0123", "$0.0123 + 2 unknown", "free", or "—" where nothing is known."""
    if day.unpriced and not day.cost_usd:
        return "—"
    unknown = tn("{number} unknown", "{number} unknown", day.unpriced) if day.unpriced else ""
    return " + ".join(filter(None, (_dollars(day.cost_usd) if day.cost_usd else t("free"), unknown)))


def _dollars(usd: Decimal) -> str:
    """Plain text, not Markdown."""
    return f"${amount(usd)}"


def chart(days: Mapping[date, Day], unit: CountedUnit, first: date, last: date) -> Any:
    """Weeks from left to right, Monday on top; future days stay empty."""
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    grid = [[week + timedelta(days=number) for week in weeks] for number in range(7)]
    most = max((_amount(usage, unit) or 0 for usage in days.values()), default=0)
    faint, full = chart_theme.colour("secondaryBackground"), chart_theme.colour("blue")
    figure = chart_theme.figure()
    figure.add_heatmap(
        x=[f"{week:%Y-%m-%d}" for week in weeks],
        y=weekdays(),
        z=[[None if day > last else _shade(days.get(day), unit, most) for day in row] for row in grid],
        text=[[_hover(day, days.get(day)) for day in row] for row in grid],
        hovertemplate="%{text}<extra></extra>",
        hoverongaps=False,
        colorscale=[[0, faint], [0.001, chart_theme.mixed(faint, full, 0.3)], [1, full]],
        zmin=0,
        zmax=1,
        colorbar=_scale(most, unit),
    )
    unknown = [day for day, usage in days.items() if unit == "cost" and usage.unpriced and not usage.cost_usd]
    figure.add_scatter(
        x=[f"{day - timedelta(days=day.weekday()):%Y-%m-%d}" for day in unknown],
        y=[weekdays()[day.weekday()] for day in unknown],
        text=["—"] * len(unknown),
        mode="text",
        hoverinfo="skip",
        showlegend=False,
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


def _shade(day: Day | None, unit: CountedUnit, most: float) -> float:
    """From 0 to 1, by square root, so that one busy day does not make all others look the same."""
    used = (_amount(day, unit) if day else None) or 0
    return float((used / most) ** 0.5) if most else 0.0


def _scale(most: float, unit: CountedUnit) -> dict[str, Any]:
    """The colour bar below the squares, labelled with amounts."""
    steps = range(0, STEPS + 1, 2 if unit == "cost" else 1)  # amounts of money are wide
    amounts = [most * (step / STEPS) ** 2 for step in steps] if most else [0]
    ticks = amounts if unit == "cost" else sorted({round(each) for each in amounts})
    return {
        "orientation": "h", "thickness": 8, "len": 0.6, "y": -0.16, "yanchor": "top",
        "tickvals": [(tick / most) ** 0.5 if most else 0 for tick in ticks],
        "ticktext": [_dollars(Decimal(str(tick))) if unit == "cost" else count(tick) for tick in ticks],
    }  # fmt: skip


def _hover(day: date, usage: Day | None) -> str:
    """The hover text of a square."""
    date_text = f"{weekdays()[day.weekday()]} {date_of(day)}"
    if usage is None:
        return t("{day}: no questions", day=date_text)
    parts = [tn("{number} request", "{number} requests", usage.requests)]
    if usage.failures:
        parts.append(t("{number} of them failed", number=whole(usage.failures)))
    if usage.tokens is None:
        parts.append(t("tokens unknown"))
    else:
        parts.append(
            tn(
                "{number} token",
                "{number} tokens",
                usage.tokens,
                number=("~" if usage.estimated else "") + whole(usage.tokens),
            )
        )
    if usage.requests:
        parts.append(t("cost: {cost}", cost=cost_of(usage)))
    return f"{date_text}<br>" + ", ".join(parts)
