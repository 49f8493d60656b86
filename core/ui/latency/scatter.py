"""Speed against how often a model was preferred, the size of a point what is left of its quota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ...insight.latency import summary
from ...records import Window
from ...views.latency import Values
from ..base import chart_theme
from ..quota.outlook import LONG
from ..text import t
from . import chart_style
from .chart_style import Drawn, ModelStyle

SMALLEST, LARGEST, UNKNOWN = 10, 34, 16


class Rate(Protocol):
    """How often a model won of `n` votes it stood in: a share of 1, and the ends of its interval."""

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
) -> Drawn:
    """A point for each model with a speed and votes. `left` is the share of quota by provider; a ring where unknown."""
    known = {model: rates[model] for model in paints if model in rates and speeds.get(model)}
    if not known:
        return Drawn(
            None,
            t(
                "Appears after your first votes: compare two models and vote for the better answer. Each model "
                "with votes and a measured speed becomes a point."
            ),
        )
    figure = chart_theme.figure()
    rows: list[Sequence[object]] = []
    for model, rate in known.items():
        found, paint = summary(speeds[model]), paints[model]
        assert found
        rest = left.get(model.partition("/")[0])
        figure.add_scatter(
            x=[found.median],
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
                "symbol": paint.symbol + ("-open" if rest is None else ""),
                "size": UNKNOWN if rest is None else SMALLEST + (LARGEST - SMALLEST) * rest,
            },
            showlegend=False,
            hovertemplate=f"{paint.label}<br>%{{x:.0f}} tok/s · %{{y:.0f}} % · n {rate.n}<extra></extra>",
        )
        rows.append([model, found.median, found.n, rate.share, rate.low, rate.high, rate.n, rest])
    figure.update_layout(
        height=460,
        xaxis=chart_style.speed_axis(),
        yaxis={"range": [-5, 110], "ticksuffix": "%", "fixedrange": True},
    )
    said = t("Higher: preferred more often. Further right: faster output. Size: remaining quota (hollow: unknown).")
    header = ["model", "median_tok_s", "n_speed", "win_rate", "low", "high", "votes", "quota_left"]
    return Drawn(figure, said, header, rows)


def left_of(windows: Sequence[Window]) -> dict[str, float]:
    """The smallest share left among a provider's long windows, by provider; those that say nothing are not there."""
    found: dict[str, float] = {}
    for window in windows:
        if window.per in LONG and window.limit and window.remaining is not None:
            share = min(max(float(window.remaining / window.limit), 0.0), 1.0)
            found[window.provider_id] = min(share, found.get(window.provider_id, 1.0))
    return found
