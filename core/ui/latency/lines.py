"""Lines: the share of answers that came within a time, and the median over time with the middle half around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ...insight.latency import distribution, summary
from ...store.latency.buckets import Metric
from ...views.latency import Values
from ..base import chart_theme
from ..base.time_zone import zone
from ..text import t
from . import chart_style
from .chart_style import Drawn, ModelStyle
from .choice import SeriesSelection
from .strip import moment

HEIGHT = 430


def ecdf(metric: Metric, values: Mapping[str, Values], paints: Mapping[str, ModelStyle]) -> Drawn:
    """Steps from 0 to 100 %; the place where a line crosses 80 % answers "eight of ten came within …"."""
    figure = chart_theme.figure()
    rows: list[Sequence[object]] = []
    for model, paint in paints.items():
        points = distribution(values[model]) if values.get(model) else []
        if not points:
            continue
        rows += [[model, value, share] for value, share in points]
        n = sum(often for _, often in values[model])
        figure.add_scatter(
            x=[chart_style.scaled(metric, points[0][0]), *(chart_style.scaled(metric, value) for value, _ in points)],
            y=[0, *(share * 100 for _, share in points)],
            mode="lines",
            line={"color": paint.colour, "dash": paint.dash, "shape": "hv", "width": 2},
            name=f"{paint.label} (n {n})",
            hovertemplate=f"{paint.label}<br>%{{y:.0f}} % ≤ %{{x:.3g}} {_unit(metric)}<extra></extra>",
        )
    figure.update_layout(
        height=HEIGHT + 22 * len(figure.data),
        xaxis=chart_style.axis(metric),
        yaxis={"range": [0, 101], "ticksuffix": "%", "fixedrange": True},
        showlegend=True,
    )
    said = t("Share of answers that arrived within a given time: the further left a line rises, the better.")
    if chart_style.is_speed(metric):
        said = t("Share of answers at or below a given output speed: the further right, the better.")
    return Drawn(figure, said, ["model", chart_style.unit(metric), "share"], rows)


def over_time(choice: SeriesSelection, metric: Metric, paints: Mapping[str, ModelStyle]) -> Drawn:
    """A line a model, its band where there are enough answers for one; a gap where nobody asked."""
    mine = [one for one in choice.kept if one.model_id in paints]
    found = choice.times.bands(mine, choice.since, metric, choice.now)
    figure, there = chart_theme.figure(), zone()
    rows: list[Sequence[object]] = []
    for model, paint in paints.items():
        sums = [(at, one) for at, values in found.by_model.get(model, {}).items() if (one := summary(values))]
        if not sums:
            continue
        rows += [[model, at.isoformat(), one.n, one.p25, one.median, one.p75] for at, one in sums]
        points = [(moment(at, there), one) for at, one in sums]
        _band(figure, paint, metric, _gaps(points, found.hours * 3600 * 1.5))
    figure.update_layout(
        height=HEIGHT + 22 * len(paints),
        yaxis=chart_style.axis(metric, fixedrange=True),
        showlegend=True,
    )
    steps = {1: t("an hour"), 6: t("six hours"), 24: t("a day"), 168: t("a week")}
    said = t(
        "Each point is the median of {step}; the band shows the middle 50% of the answers.", step=steps[found.hours]
    )
    return Drawn(figure, said, ["model", "from", "n", "p25", "median", "p75"], rows)


def _gaps(points: Sequence[Any], longest_s: float) -> list[Any]:
    """The points with None where the next one is not the neighbour, so that no line is drawn over what is not known."""
    made: list[Any] = []
    for here_, after in pairwise([*points, None]):
        made.append(here_)
        if after and (after[0] - here_[0]).total_seconds() > longest_s:
            made.append(None)
    return made


def _band(figure: Any, paint: ModelStyle, metric: Metric, points: Sequence[Any]) -> None:
    for run in _runs(points):
        if len(run) > 1:
            edge = [*(one.p75 for _, one in run), *(one.p25 for _, one in reversed(run))]
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
