"""Heat maps by hour and weekday, in the reader's time, for one model: medians, and refusals by limits."""

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
from .chart_style import Chart, ModelStyle
from .choice import SeriesSelection

Place = tuple[int, int]


def heat(choice: SeriesSelection, metric: Metric, paint: ModelStyle) -> Chart:
    """Medians; darker (on a dark page brighter) is more. A cell without an answer stays empty."""
    by_slot = choice.times.week(choice.of(paint.model_id), choice.since, metric)
    cells = {place: cell for place, values in shifted(by_slot, _east(choice)).items() if (cell := summary(values))}
    figure = _map(
        {place: chart_style.scaled(metric, cell.median) for place, cell in cells.items()},
        {place: f"{chart_style.words(metric, cell.median)} · n {cell.n}" for place, cell in cells.items()},
        _unit(metric),
    )
    rows: list[Sequence[object]] = [
        [paint.model_id, day + 1, hour, cell.n, cell.median] for (day, hour), cell in sorted(cells.items())
    ]
    caption = tn(
        "Median by weekday and hour, your time. {number} of 168 hours has an answer.",
        "Median by weekday and hour, your time. {number} of 168 hours have an answer.",
        len(cells),
    )
    return Chart(figure, caption, ["model", "weekday", "hour", "n", f"median_{chart_style.unit(metric)}"], rows)


def limits(choice: SeriesSelection, paint: ModelStyle) -> Chart:
    """The percentage of attempts refused by a limit; an hour without attempts stays empty."""
    own_series = [series for series in choice.everything if series.name == paint.model_id]
    outcomes = choice.times.week_outcomes(own_series, choice.since)
    if not outcomes:
        return Chart(None, t("No calls in this range."))
    cells = {
        place: (sum(counts.get(kind, 0) for kind in LIMITS), sum(counts.values()))
        for place, counts in shifted(outcomes, _east(choice)).items()
    }
    figure = _map(
        {place: 100 * refused / attempts for place, (refused, attempts) in cells.items()},
        {
            place: tn(
                "{refused} of {number} attempt",
                "{refused} of {number} attempts",
                attempts,
                refused=count(refused),
                number=count(attempts),
            )
            for place, (refused, attempts) in cells.items()
        },
        "%",
    )
    figure.data[0].update(zmin=0, zmax=max(10, *(100 * refused / attempts for refused, attempts in cells.values())))
    rows: list[Sequence[object]] = [
        [paint.model_id, day + 1, hour, *counts] for (day, hour), counts in sorted(cells.items())
    ]
    caption = t(
        "Attempts rejected with 429 by weekday and hour, your time: {refused} of {number}. The switch above does "
        "not affect this chart.",
        refused=count(sum(refused for refused, _ in cells.values())),
        number=count(sum(attempts for _, attempts in cells.values())),
    )
    return Chart(figure, caption, ["model", "weekday", "hour", "refused", "attempts"], rows)


def _east(choice: SeriesSelection) -> int:
    offset = choice.now.astimezone(zone()).utcoffset()
    return round(offset.total_seconds() / 3600) if offset else 0


def _map(values: Mapping[Place, float], hints: Mapping[Place, str], suffix: str) -> Any:
    """A heat map of 168 cells; those without a value stay empty."""
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
