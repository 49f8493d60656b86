"""Speed against win rate; the size of a point is the remaining quota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ...insight.latency import summary
from ...records import Window
from ...views.latency import Values, model_of
from ..base import chart_theme
from ..quota.outlook import LONG
from ..text import t
from . import chart_style
from .chart_style import Chart, ModelStyle

SMALLEST, LARGEST, UNKNOWN = 10, 34, 16


class Rate(Protocol):
    """A win rate over `n` votes: a share from 0 to 1, and the ends of its interval."""

    @property
    def share(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def n(self) -> int: ...


def scatter(
    speeds: Mapping[str, Values], rates: Mapping[str, Rate], left: Mapping[str, float], paints: Mapping[str, ModelStyle]
) -> Chart:
    """A point for each model with a speed and votes. `left`: share of quota by provider; unknown: a ring."""
    drawable = {model: rates[model_of(model)] for model in paints if model_of(model) in rates and speeds.get(model)}
    if not drawable:
        return Chart(
            None,
            t(
                "Appears after your first votes: compare two models and vote for the better answer. Each model "
                "with votes and a measured speed becomes a point."
            ),
        )
    figure = chart_theme.figure()
    rows: list[Sequence[object]] = []
    for model, rate in drawable.items():
        speed, paint = summary(speeds[model]), paints[model]
        assert speed
        quota_left = left.get(model.partition("/")[0])
        figure.add_scatter(
            x=[speed.median],
            y=[rate.share * 100],
            error_y={
                "array": [(rate.high - rate.share) * 100],
                "arrayminus": [(rate.share - rate.low) * 100],
                "width": 3,
            },
            mode="markers+text",
            text=[paint.label],
            textposition="top center",
            marker={
                "color": paint.colour,
                "symbol": paint.symbol + ("-open" if quota_left is None else ""),
                "size": UNKNOWN if quota_left is None else SMALLEST + (LARGEST - SMALLEST) * quota_left,
            },
            showlegend=False,
            hovertemplate=f"{paint.label}<br>%{{x:.0f}} tok/s · %{{y:.0f}} % · n {rate.n}<extra></extra>",
        )
        rows.append([model, speed.median, speed.n, rate.share, rate.low, rate.high, rate.n, quota_left])
    figure.update_layout(
        height=460,
        xaxis=chart_style.speed_axis(),
        yaxis={"range": [-5, 110], "ticksuffix": " %", "fixedrange": True},
    )
    caption = t("Higher: preferred more often. Further right: faster output. Size: remaining quota (hollow: unknown).")
    header = ["model", "median_tok_s", "n_speed", "win_rate", "low", "high", "votes", "quota_left"]
    return Chart(figure, caption, header, rows)


def left_of(windows: Sequence[Window]) -> dict[str, float]:
    """The smallest remaining share among a provider's long windows, by provider, if known."""
    smallest: dict[str, float] = {}
    for window in windows:
        if window.per in LONG and window.limit and window.remaining is not None:
            share = min(max(float(window.remaining / window.limit), 0.0), 1.0)
            smallest[window.provider_id] = min(share, smallest.get(window.provider_id, 1.0))
    return smallest
