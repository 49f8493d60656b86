"""The tone of the reader's prompts over time: a quiet line with its interval, and what it cannot know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from ...insight.overview import FEWEST_A_POINT, Tones
from ..base import chart_theme
from ..text import count, sentences, t, tn

LEAST_RANGE = 0.5


def draw(tones: Tones) -> None:
    st.subheader(t("Tone of your prompts"), anchor=False)
    read = tones.positive + tones.neutral + tones.negative
    if not read:
        st.caption(t("Appears with the first prompt in English or Chinese; other languages have no word list here."))
        return
    if len(tones.points) > 1:
        chart_theme.show(chart(tones), key="tone", alt=sums(tones))
    st.caption(sums(tones))
    st.caption(_limits(tones, few=len(tones.points) < 2))


def sums(tones: Tones) -> str:
    read = tones.positive + tones.neutral + tones.negative
    return t(
        "Of {number} prompts: {positive} positive, {neutral} neutral, {negative} negative.",
        number=count(read),
        positive=f"{tones.positive / read:.0%}",
        neutral=f"{tones.neutral / read:.0%}",
        negative=f"{tones.negative / read:.0%}",
    )


def _limits(tones: Tones, *, few: bool) -> str:
    parts = []
    if few:
        parts.append(t("A line appears with two days that have {number} prompts each.", number=FEWEST_A_POINT))
    else:
        step = {1: t("A point a day"), 7: t("A point a week")}.get(tones.step_days, t("A point every 30 days"))
        parts.append(
            t(
                "{step} with at least {number} prompts: the mean from −1 to 1, with its 95% interval.",
                step=step,
                number=FEWEST_A_POINT,
            )
        )
    parts.append(
        t(
            "Read from words alone: about one prompt in seven is misjudged, and irony and quoted text are not seen. "
            "Requests (“write a sad poem”) count as neutral."
        )
    )
    if tones.unread:
        parts.append(
            tn(
                "{number} prompt in other languages is not counted.",
                "{number} prompts in other languages are not counted.",
                tones.unread,
                number=count(tones.unread),
            )
        )
    return sentences(*parts)


def chart(tones: Tones) -> Any:
    """A line with a band; a gap where a span has too few prompts."""
    figure = chart_theme.figure()
    colour = chart_theme.colour("blue")
    epoch, step_us = datetime(1970, 1, 1, tzinfo=UTC), tones.step_days * 86_400_000_000
    days: list[Any] = []
    means: list[float | None] = []
    lows: list[float] = []
    highs: list[float] = []
    hover: list[str] = []
    spans: list[tuple[int, int]] = []  # runs of points without a gap
    last_us: int | None = None
    for point in tones.points:
        if last_us is not None and point.start_us - last_us > step_us:
            days.append(days[-1])
            means.append(None)
            lows.append(lows[-1])
            highs.append(highs[-1])
            hover.append("")
            spans.append((spans[-1][1] if spans else 0, len(days)))
        last_us = point.start_us
        days.append((epoch + timedelta(microseconds=point.start_us)).date())
        means.append(point.mean)
        lows.append(point.low)
        highs.append(point.high)
        hover.append(f"{days[-1]} · {point.mean:+.2f} ({point.low:+.2f} – {point.high:+.2f}), n = {point.n}")
    spans.append((spans[-1][1] if spans else 0, len(days)))
    for start, end in spans:
        x, top, bottom = days[start:end], highs[start:end], lows[start:end]
        if means[end - 1] is None:
            x, top, bottom = x[:-1], top[:-1], bottom[:-1]
        figure.add_scatter(
            x=[*x, *reversed(x)],
            y=[*top, *reversed(bottom)],
            fill="toself",
            fillcolor=chart_theme.thinned(colour, 0.15),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        x=days,
        y=means,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 5},
        text=hover,
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    far = max([LEAST_RANGE, *(abs(value) for value in (*lows, *highs))])
    far = min(1.0, far * 1.1)
    figure.add_hline(y=0)
    figure.update_layout(
        height=220,
        yaxis={
            "range": [-far, far],
            "tickvals": [-far * 0.9, 0, far * 0.9],
            "ticktext": [t("negative"), t("neutral"), t("positive")],
        },
        xaxis={"showgrid": False, "nticks": 5, "tickangle": 0, "tickformat": "%Y-%m-%d"},
    )
    return figure
