"""The heat maps by hour of the day and day of the week, in the reader's time, for one model: medians, limits hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import LIMITS
from ...insight.latency import shifted, summary
from ...store.latency.buckets import Metric
from ..base import chart_theme
from ..base.time_zone import zone
from ..text import count, t, tn, weekdays
from . import chart_style
from .chart_style import Drawn, ModelStyle
from .choice import SeriesSelection

Place = tuple[int, int]


def heat(choice: SeriesSelection, metric: Metric, paint: ModelStyle) -> Drawn:
    """Darker (on a dark page brighter) is more; a cell without an answer stays empty."""
    mine = choice.times.week(choice.of(paint.model_id), choice.since, metric)
    cells = {place: one for place, values in shifted(mine, _east(choice)).items() if (one := summary(values))}
    figure = _map(
        {place: chart_style.scaled(metric, one.median) for place, one in cells.items()},
        {place: f"{chart_style.words(metric, one.median)} · n {one.n}" for place, one in cells.items()},
        _unit(metric),
    )
    rows: list[Sequence[object]] = [
        [paint.model_id, day + 1, hour, one.n, one.median] for (day, hour), one in sorted(cells.items())
    ]
    said = tn(
        "Median by weekday and hour, your time. {number} of 168 hours has an answer.",
        "Median by weekday and hour, your time. {number} of 168 hours have an answer.",
        len(cells),
    )
    return Drawn(figure, said, ["model", "weekday", "hour", "n", f"median_{chart_style.unit(metric)}"], rows)


def limits(choice: SeriesSelection, paint: ModelStyle) -> Drawn:
    """How many of a hundred attempts a limit refused; an hour in which nobody asked stays empty."""
    mine = [one for one in choice.everything if one.model_id == paint.model_id]
    found = choice.times.week_outcomes(mine, choice.since)
    if not found:
        return Drawn(None, t("No calls in this range."))
    cells = {
        place: (sum(held.get(kind, 0) for kind in LIMITS), sum(held.values()))
        for place, held in shifted(found, _east(choice)).items()
    }
    figure = _map(
        {place: 100 * refused / tried for place, (refused, tried) in cells.items()},
        {
            place: tn(
                "{refused} of {number} attempt",
                "{refused} of {number} attempts",
                tried,
                refused=count(refused),
                number=count(tried),
            )
            for place, (refused, tried) in cells.items()
        },
        "%",
    )
    figure.data[0].update(zmin=0, zmax=max(10, *(100 * refused / tried for refused, tried in cells.values())))
    rows: list[Sequence[object]] = [
        [paint.model_id, day + 1, hour, *held] for (day, hour), held in sorted(cells.items())
    ]
    said = t(
        "Attempts rejected with 429 by weekday and hour, your time: {refused} of {number}. The switch above does "
        "not affect this chart.",
        refused=count(sum(refused for refused, _ in cells.values())),
        number=count(sum(tried for _, tried in cells.values())),
    )
    return Drawn(figure, said, ["model", "weekday", "hour", "refused", "attempts"], rows)


def _east(choice: SeriesSelection) -> int:
    offset = choice.now.astimezone(zone()).utcoffset()
    return round(offset.total_seconds() / 3600) if offset else 0


def _map(values: Mapping[Place, float], hints: Mapping[Place, str], suffix: str) -> Any:
    """168 cells; those without a value stay empty."""
    figure = chart_theme.figure()
    figure.add_heatmap(
        x=list(range(24)),
        y=weekdays(),
        z=[[values.get((day, hour)) for hour in range(24)] for day in range(7)],
        text=[[hints.get((day, hour), "") for hour in range(24)] for day in range(7)],
        hovertemplate="%{y} %{x}:00<br>%{text}<extra></extra>",
        hoverongaps=False,
        colorbar={"orientation": "h", "y": -0.18, "yanchor": "top", "thickness": 10, "ticksuffix": suffix},
    )
    figure.update_layout(
        height=390,
        xaxis={"tickvals": [0, 6, 12, 18], "ticktext": ["0", "6", "12", "18"], "fixedrange": True, "showgrid": False},
        yaxis={"autorange": "reversed", "fixedrange": True, "showgrid": False},
    )
    return figure


def _unit(metric: Metric) -> str:
    return " tok/s" if chart_style.is_speed(metric) else " s"
