"""Line charts: the cumulative distribution, and the median over time with the middle half as a band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from ...insight.latency import distribution, summary
from ...store.latency.buckets import Metric
from ...views.latency import Values
from ..base import chart_theme
from ..base.time_zone import zone
from ..text import t
from . import chart_style
from .chart_style import Chart, ModelStyle
from .choice import SeriesSelection
from .strip import moment

HEIGHT = 430


def ecdf(metric: Metric, values: Mapping[str, Values], paints: Mapping[str, ModelStyle]) -> Chart:
    """Steps from 0 to 100 %: where a line crosses 80 %, eight of ten answers came within that time."""
    figure = chart_theme.figure()
    rows: list[Sequence[object]] = []
    for model, paint in paints.items():
        points = distribution(values[model]) if values.get(model) else []
        if not points:
            continue
        rows += [[model, value, share] for value, share in points]
        n = sum(number for _, number in values[model])
        from_0 = [(points[0][0], 0.0), *points] if n >= chart_style.FEWEST_FOR_LINE else points
        figure.add_scatter(
            x=[chart_style.scaled(metric, value) for value, _ in from_0],
            y=[share * 100 for _, share in from_0],
            mode="lines" if n >= chart_style.FEWEST_FOR_LINE else "markers",
            line={"color": paint.colour, "dash": paint.dash, "shape": "hv", "width": 2},
            marker={"symbol": paint.symbol, "size": 8, "color": paint.colour},
            name=f"{paint.label} (n {n})",
            hovertemplate=f"{paint.label}<br>%{{y:.0f}} % ≤ %{{x:.3g}} {_unit(metric)}<extra></extra>",
        )
    drawn_values = [float(row[1]) for row in rows]  # type: ignore[arg-type]
    figure.update_layout(
        height=HEIGHT + 22 * len(figure.data),
        xaxis=chart_style.axis(metric, **chart_style.wide_enough(metric, drawn_values)),
        yaxis={"range": [0, 101], "ticksuffix": " %", "fixedrange": True},
        showlegend=True,
    )
    caption = t("Share of answers that arrived within a given time: the further left a line rises, the better.")
    if chart_style.is_speed(metric):
        caption = t("Share of answers at or below a given output speed: the further right, the better.")
    return Chart(figure, caption, ["model", chart_style.unit(metric), "share"], rows)


def over_time(choice: SeriesSelection, metric: Metric, paints: Mapping[str, ModelStyle]) -> Chart:
    """A line and a band per model, with gaps where there are no answers."""
    drawn_series = [series for series in choice.kept if series.name in paints]
    bands = choice.times.bands(drawn_series, choice.since, metric, choice.now)
    figure, reader_zone, few = chart_theme.figure(), zone(), True
    rows: list[Sequence[object]] = []
    for model, paint in paints.items():
        sums = [(at, series) for at, values in bands.by_model.get(model, {}).items() if (series := summary(values))]
        if not sums:
            continue
        rows += [[model, at.isoformat(), series.n, series.p25, series.median, series.p75] for at, series in sums]
        points = [(moment(at, reader_zone), series) for at, series in sums]
        few = few and len(points) < chart_style.FEWEST_FOR_LINE
        _band(figure, paint, metric, _gaps(points, bands.hours * 3600 * 1.5))
    medians = [float(row[4]) for row in rows]  # type: ignore[arg-type]
    first, last = _extent(choice, bands.by_model.values(), timedelta(hours=bands.hours))
    figure.update_layout(
        height=HEIGHT + 22 * len(paints),
        xaxis=chart_style.clock_axis(moment(first, reader_zone), moment(last, reader_zone)),
        yaxis=chart_style.axis(metric, fixedrange=True, **(chart_style.wide_enough(metric, medians) if few else {})),
        showlegend=True,
    )
    steps = {1: t("an hour"), 6: t("six hours"), 24: t("a day"), 168: t("a week")}
    caption = t(
        "Each point is the median of {step}; the band shows the middle 50% of the answers.", step=steps[bands.hours]
    )
    return Chart(figure, caption, ["model", "from", "n", "p25", "median", "p75"], rows)


def _extent(
    choice: SeriesSelection, by_model: Iterable[Mapping[datetime, Values]], step: timedelta
) -> tuple[datetime, datetime]:
    """Where the axis begins and ends: with the range; of all time with the first answers."""
    moments = [at for values in by_model for at in values]
    earliest = min(moments, default=choice.now) - step
    first = earliest if choice.since is None else datetime.fromtimestamp(choice.since * 3600, UTC)
    return first, max(choice.now, *moments) if moments else choice.now


def _gaps(points: Sequence[Any], longest_s: float) -> list[Any]:
    """The points with None between those that are further apart, so that no line is drawn across the gap."""
    with_gaps: list[Any] = []
    for point, next_point in pairwise([*points, None]):
        with_gaps.append(point)
        if next_point and (next_point[0] - point[0]).total_seconds() > longest_s:
            with_gaps.append(None)
    return with_gaps


def _band(figure: Any, paint: ModelStyle, metric: Metric, points: Sequence[Any]) -> None:
    for run in _runs(points):
        if len(run) > 1:
            edge = [*(stats.p75 for _, stats in run), *(stats.p25 for _, stats in reversed(run))]
            figure.add_scatter(
                x=[*(at for at, _ in run), *(at for at, _ in reversed(run))],
                y=[chart_style.scaled(metric, value) for value in edge],
                fill="toself",
                mode="lines",
                line={"width": 0},
                fillcolor=chart_theme.thinned(paint.colour, 0.16),
                legendgroup=paint.model_id,
                showlegend=False,
                hoverinfo="skip",
            )
    figure.add_scatter(
        x=[point[0] if point else None for point in points],
        y=[chart_style.scaled(metric, point[1].median) if point else None for point in points],
        text=[f"{chart_style.words(metric, point[1].median)} · n {point[1].n}" if point else "" for point in points],
        mode="lines+markers",
        line={"color": paint.colour, "dash": paint.dash, "width": 2},
        marker={"symbol": paint.symbol, "size": 7, "color": paint.colour},
        name=paint.label,
        legendgroup=paint.model_id,
        hovertemplate=f"{paint.label}<br>%{{x}}<br>%{{text}}<extra></extra>",
    )


def _runs(points: Sequence[Any]) -> list[list[Any]]:
    runs: list[list[Any]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return runs


def _unit(metric: Metric) -> str:
    return "tok/s" if chart_style.is_speed(metric) else "s"
