"""Strip and box plot: the newest answers as dots, all answers as a box, median and p95 as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from ...insight.latency import Summary, summary
from ...store.latency.buckets import ODD, SPEED_NEEDS, AnswerFlag, Metric, decode_speed
from ...views.latency import LoggedAnswer, Values
from ..base import chart_theme
from ..base.time_zone import zone
from ..text import count, day_and_clock, sentences, t
from . import chart_style
from .chart_style import Chart, ModelStyle
from .choice import SeriesSelection

DOTS, FEWEST_DOTS, MOST_DOTS = 200, 20, 2_400  # of a line, and of all lines together
FEWEST_FOR_BOX = 5
ROW = 74
GOLDEN = 0.6180339887


def strip(
    choice: SeriesSelection, metric: Metric, values: Mapping[str, Values], paints: Mapping[str, ModelStyle]
) -> Chart:
    """`values`: the histograms of the measure, the fastest model first."""
    models = [model for model in paints if values.get(model)]
    most = max(min(DOTS, MOST_DOTS // max(len(models), 1)), FEWEST_DOTS)
    answers = choice.times.newest([answer for answer in choice.kept if answer.name in models], choice.since, most)
    figure = chart_theme.figure()
    rows: list[Sequence[object]] = []
    extremes: list[float] = []
    for place, model in enumerate(models):
        stats = summary(values[model])
        assert stats
        dots = [(answer, value) for answer in answers.get(model, []) if (value := value_of(answer, metric)) is not None]
        _dots(figure, paints[model], -place, metric, dots, _zone())
        _box(figure, paints[model], -place, metric, stats)
        rows += [[model, answer.at.isoformat(), value, ", ".join(flag_names(answer.flags))] for answer, value in dots]
        extremes += [stats.p5, stats.p95, *(value for _, value in dots)]
    _frame(figure, metric, len(models), extremes)
    has_more = any(summary(values[model]).n > most for model in models)  # type: ignore[union-attr]
    if all(summary(values[model]).n < FEWEST_FOR_BOX for model in models):  # type: ignore[union-attr]
        caption = t("Each point is an answer; from {number} on a box shows the middle half.", number=FEWEST_FOR_BOX)
    else:
        caption = t("Box: middle 50% of the answers; whiskers: 90%. Dots: single answers.")
    if has_more:
        caption = sentences(
            caption, t("Dots show the newest {number} answers per model; boxes and numbers cover all.", number=most)
        )
    return Chart(figure, caption, ["model", "at", chart_style.unit(metric), "marks"], rows)


def value_of(answer: LoggedAnswer, metric: Metric) -> float | None:
    """The value of a measure for one answer; with tool rounds as `latency.write.measures` counts it."""
    with_tools = answer.flags & AnswerFlag.TOOL_ROUNDS
    match metric.name:
        case "TTFT":
            return answer.ttft_ms
        case "ANSWER":
            return answer.first_answer_ms
        case "TOTAL":
            return answer.last_ms if with_tools else answer.total_ms
    return None if with_tools else decode_speed({name: getattr(answer, name) for name in SPEED_NEEDS})


def flag_names(flags: int) -> list[str]:
    """The flags of an answer in words."""
    names = {
        AnswerFlag.RETRIED: t("retried"),
        AnswerFlag.FAILED_OVER: t("fallback"),
        AnswerFlag.COLD: t("first call"),
        AnswerFlag.BUFFERED: t("not streamed"),
        AnswerFlag.TOOL_ROUNDS: t("with tools"),
        AnswerFlag.PROBE: t("probe"),
        AnswerFlag.SIMULATED: t("simulated"),
        AnswerFlag.NIGHTLY: t("nightly probe"),
    }
    return [words for flag, words in names.items() if flags & flag]


def _dots(
    figure: Any,
    paint: ModelStyle,
    y: int,
    metric: Metric,
    dots: Sequence[tuple[LoggedAnswer, float]],
    zone: tzinfo | None,
) -> None:
    """Dots below the box, or in its place; disturbed answers are crosses."""
    middle = y - 0.24 if len(dots) >= FEWEST_FOR_BOX else y + 0.06
    for disturbed in (False, True):
        points = [(answer, value) for answer, value in dots if bool(answer.flags & ODD) is disturbed]
        if not points:
            continue
        figure.add_scatter(
            x=[chart_style.scaled(metric, value) for _, value in points],
            y=[middle + 0.2 * (place * GOLDEN % 1 - 0.5) for place in range(len(points))],
            mode="markers",
            marker={
                "color": paint.colour,
                "symbol": "x-thin" if disturbed else paint.symbol,
                "size": 9 if len(dots) < FEWEST_FOR_BOX else 7 if disturbed else 5,
                "opacity": 0.9 if len(dots) < FEWEST_FOR_BOX else 0.55,
                "line": {"width": 1.5 if disturbed else 0, "color": paint.colour},
            },
            text=[_hover(answer, metric, value, zone) for answer, value in points],
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )


def _hover(answer: LoggedAnswer, metric: Metric, value: float, zone: tzinfo | None) -> str:
    at = day_and_clock(answer.at, zone)
    return "<br>".join(filter(None, [chart_style.words(metric, value), at, ", ".join(flag_names(answer.flags))]))


def _box(figure: Any, paint: ModelStyle, y: int, metric: Metric, summary: Summary) -> None:
    scaled = [
        chart_style.scaled(metric, value)
        for value in (summary.p5, summary.p25, summary.median, summary.p75, summary.p95)
    ]
    if summary.n >= FEWEST_FOR_BOX:
        low, q1, middle, q3, high = ([value] for value in scaled)
        figure.add_box(
            y=[y + 0.06], lowerfence=low, q1=q1, median=middle, q3=q3, upperfence=high, orientation="h", width=0.22,
            line={"color": paint.colour, "width": 2}, showlegend=False, hoverinfo="skip", name="",
        )  # fmt: skip
    tail = chart_style.tail(summary)
    label = [
        f"<b>{paint.label}</b>",
        f"n {count(summary.n)}",
        f"{t('median')} {chart_style.words(metric, summary.median)}",
    ]
    if tail is not None:
        label.append(f"p95 {chart_style.words(metric, tail)}")
    figure.add_annotation(x=0, xref="paper", xanchor="left", y=y + 0.4, yanchor="middle", text=" · ".join(label))


def _frame(figure: Any, metric: Metric, rows: int, values: Sequence[float]) -> None:
    figure.update_layout(
        height=ROW * rows + 60,
        xaxis=chart_style.axis(metric, **chart_style.wide_enough(metric, values)),
        yaxis={"visible": False, "range": [0.6 - rows, 0.6], "fixedrange": True},
    )


def _zone() -> tzinfo | None:
    return zone()


def moment(at: datetime, zone: tzinfo | None) -> datetime:
    """A naive time in the reader's zone, because plotly ignores zones."""
    return at.astimezone(zone).replace(tzinfo=None)
