"""Shared by all charts of the page: colours and shapes of models, axes, units, and labels escaped for Plotly.

A model has its provider's colour and a shape or dash of its own, so charts can be read without colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from math import log10
from typing import Any

from ...insight.latency import Summary
from ...records import Provider
from ...safety import spreadsheet
from ...store.latency.buckets import Metric
from ..base import chart_theme
from ..models.marks import colour_and_shape
from ..models.names import label
from ..text import count, seconds, t
from . import efforts

SYMBOLS = ("circle", "square", "triangle-up", "diamond", "star", "pentagon", "cross", "hexagon")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
FEWEST_FOR_TAIL = 20
FEWEST_FOR_LINE = 5  # of fewer answers each is a point
CLOCK_H, DAYS_H = 36, 24 * 100  # a longer axis tells days, a still longer one years
STEPS_H = ((2, 0.25), (4, 0.5), (12, 2), (CLOCK_H, 4), (24 * 8, 24), (24 * 31, 24 * 5))  # up to so many hours: a tick
LEAST_HALF = 0.35  # of a decade: with ticks at 1, 2 and 5, two are in sight


@dataclass(frozen=True)
class Chart:
    """A chart, its data as a table, and a caption. If `figure` is None, `caption` says what is missing."""

    figure: Any
    caption: str
    header: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()

    def csv(self) -> bytes:
        """Numbers with six digits; unknown values are empty."""
        rows = (map(_short, row) for row in self.rows)
        return "".join(spreadsheet.lines(self.header, rows)).encode("utf-8", "replace")


def _short(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value


@dataclass(frozen=True)
class ModelStyle:
    """How one model is drawn. `name` and `provider` are plain text, `label` is escaped for charts.

    `simulated`: to be mentioned, because the provider's name does not say so.
    """

    model_id: str
    name: str
    provider: str
    simulated: bool
    colour: str
    symbol: str
    dash: str

    @property
    def label(self) -> str:
        suffix = f" ({t('simulated')})" if self.simulated else ""
        return escape(f"{self.name} · {self.provider}{suffix}")


def model_styles(
    model_ids: Iterable[str], providers: Mapping[str, Provider], simulated: Iterable[str] = ()
) -> dict[str, ModelStyle]:
    """One style per model; models of one provider share its colour and differ in shape and dash."""
    styles: dict[str, ModelStyle] = {}
    of_provider: dict[str, int] = {}
    simulated_ids = set(simulated)
    for model_id in model_ids:
        provider_id, _, name = model_id.partition("/")
        index = of_provider[provider_id] = of_provider.get(provider_id, -1) + 1
        provider = providers.get(provider_id)
        styles[model_id] = ModelStyle(
            model_id,
            efforts.titled(name or model_id),
            label(provider) if provider else provider_id,
            model_id in simulated_ids and not (provider and provider.simulated),
            chart_theme.colour(colour_and_shape(provider_id, providers)[0]),
            SYMBOLS[index % len(SYMBOLS)],
            DASHES[index % len(DASHES)],
        )
    return styles


def time_axis(**more: Any) -> dict[str, Any]:
    """A logarithmic axis of seconds with ticks at 1, 2, 5."""
    ticks = [base * 10.0**power for power in range(-3, 4) for base in (1, 2, 5)]
    words = [f"{tick:g} s" for tick in ticks]
    return {"type": "log", "tickvals": ticks, "ticktext": words, **more}


def clock_axis(first: datetime, last: datetime, **more: Any) -> dict[str, Any]:
    """An axis from one moment to another, at least an hour long, with ticks at whole hours or days: a single point
    would otherwise stand between ticks of milliseconds."""
    if last - first < timedelta(hours=1):
        first, last = first - timedelta(minutes=30), first + timedelta(minutes=30)
    hours = (last - first).total_seconds() / 3600
    step = next((step for longest, step in STEPS_H if hours <= longest), None)
    axis: dict[str, Any] = {
        "type": "date",
        "range": [first, last],
        "tickformat": "%H:%M" if hours <= CLOCK_H else "%m-%d" if hours <= DAYS_H else "%Y-%m-%d",
        "hoverformat": "%Y-%m-%d %H:%M",
        "nticks": 8,
    }
    if step:
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        axis |= {"dtick": step * 3_600_000, "tick0": midnight}
    return axis | more


def wide_enough(metric: Metric, values: Iterable[float]) -> dict[str, Any]:
    """The range of a logarithmic axis around values of a measure, with at least a tick beside each end."""
    logs = [log10(value) for value in (scaled(metric, value) for value in values) if value > 0]
    if not logs:
        return {}
    middle, half = (min(logs) + max(logs)) / 2, max((max(logs) - min(logs)) / 2 * 1.08, LEAST_HALF)
    return {"range": [middle - half, middle + half]}


def speed_axis(**more: Any) -> dict[str, Any]:
    ticks = [base * 10.0**power for power in range(-1, 5) for base in (1, 2, 5)]
    words = [f"{count(tick)} tok/s" if tick >= 1 else f"{tick:g} tok/s" for tick in ticks]
    return {"type": "log", "tickvals": ticks, "ticktext": words, **more}


def axis(metric: Metric, **more: Any) -> dict[str, Any]:
    return speed_axis(**more) if is_speed(metric) else time_axis(**more)


def is_speed(metric: Metric) -> bool:
    return metric.name == "SPEED"


def scaled(metric: Metric, value: float) -> float:
    """The value in the axis's unit: seconds, or tokens per second."""
    return value if is_speed(metric) else value / 1000


def words(metric: Metric, value: float | None) -> str:
    """A value with its unit; "—" if unknown."""
    if value is None:
        return "—"
    return t("{speed} tok/s", speed=count(value)) if is_speed(metric) else seconds(value)


def tail(summary: Summary) -> float | None:
    """p95, if there are enough answers."""
    return summary.p95 if summary.n >= FEWEST_FOR_TAIL else None


def names() -> dict[str, str]:
    """The labels of the measures by name."""
    return {
        "TTFT": t("First token"),
        "ANSWER": t("First answer token"),
        "SPEED": t("Output speed"),
        "TOTAL": t("Total time"),
    }


def unit(metric: Metric) -> str:
    return "tok/s" if is_speed(metric) else "ms"
