"""The heat map: the median by hour of the day and day of the week, in the reader's time, for one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.insight.latency import Summary, shifted, summary
from core.ui import here
from core.ui.answer.view import zone
from core.ui.latency import ink
from core.ui.latency.choice import Choice
from core.ui.latency.ink import Drawn, Ink
from core.ui.text import t

if TYPE_CHECKING:
    from core.store.latency.buckets import Metric

LIGHT = ("#E8F1FA", "#0B3C6F")
DARK = ("#14304D", "#CFE6FF")


def heat(choice: Choice, metric: Metric, paint: Ink) -> Drawn:
    """Darker (on a dark page brighter) is more; a cell without an answer stays empty."""
    import plotly.graph_objects as go

    from core.store.latency import read

    mine = read.week(choice.database, here.owner(), choice.of(paint.model_id), choice.since, metric)
    offset = choice.now.astimezone(zone()).utcoffset()
    east = round(offset.total_seconds() / 3600) if offset else 0
    cells = {place: one for place, values in shifted(mine, east).items() if (one := summary(values))}
    days = [t("Mon"), t("Tue"), t("Wed"), t("Thu"), t("Fri"), t("Sat"), t("Sun")]
    grid = [[cells.get((day, hour)) for hour in range(24)] for day in range(7)]
    low, high = DARK if ink.is_dark() else LIGHT
    figure = go.Figure()
    figure.add_heatmap(
        x=list(range(24)),
        y=days,
        z=[[None if one is None else ink.scaled(metric, one.median) for one in row] for row in grid],
        text=[[_hover(metric, one) for one in row] for row in grid],
        hovertemplate="%{y} %{x}:00<br>%{text}<extra></extra>",
        hoverongaps=False,
        colorscale=[[0, low], [1, high]],
        colorbar={"orientation": "h", "y": -0.18, "yanchor": "top", "thickness": 10, "ticksuffix": _unit(metric)},
        xgap=2,
        ygap=2,
    )
    ink.layout(
        figure,
        390,
        xaxis={"tickvals": [0, 6, 12, 18], "ticktext": ["0", "6", "12", "18"], "fixedrange": True, "showgrid": False},
        yaxis={"autorange": "reversed", "fixedrange": True, "showgrid": False},
    )
    rows: list[Sequence[object]] = [
        [paint.model_id, day + 1, hour, one.n, one.median] for (day, hour), one in sorted(cells.items())
    ]
    said = t("Median by weekday and hour, your time. {filled} of 168 hours have an answer.", filled=len(cells))
    return Drawn(figure, said, ["model", "weekday", "hour", "n", f"median_{ink.unit(metric)}"], rows)


def _hover(metric: Metric, one: Summary | None) -> str:
    return "" if one is None else f"{ink.words(metric, one.median)} · n {one.n}"


def _unit(metric: Metric) -> str:
    return " tok/s" if ink.is_speed(metric) else " s"
