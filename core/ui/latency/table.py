"""One line per model: number of answers, median and p95 of each measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ...insight.latency import Summary, summary
from ...store.latency.buckets import AnswerFlag, Metric
from ...views.latency import Values
from .. import session
from ..models.marks import speaker_of
from ..text import count, t
from .chart_style import FEWEST_FOR_TAIL, is_speed, names, tail, words
from .choice import SeriesSelection

Histograms = Mapping[str, Mapping["Metric", "Values"]]


def read(choice: SeriesSelection) -> Histograms:
    """The histograms by model and measure."""
    return choice.times.histograms(choice.kept, choice.since, list(Metric))


def table(histograms: Histograms, choice: SeriesSelection) -> None:
    """Draw the table, fastest first token first."""
    simulated = {series.model_id for series in choice.everything if series.marks & AnswerFlag.SIMULATED}
    sums = {
        model: {metric: summary(summaries.get(metric, [])) for metric in Metric}
        for model, summaries in histograms.items()
    }
    firsts = {model: summaries[Metric.TTFT] for model, summaries in sums.items()}
    order = sorted(firsts, key=lambda model: summaries.median if (summaries := firsts[model]) else float("inf"))
    head = [t("Model"), t("Answers"), *names().values()]
    lines = [" | ".join(head), " | ".join([":--", *["--:"] * (len(head) - 1)])]
    for model in order:
        cells = _row(model, [sums[model][metric] for metric in Metric], list(Metric), made_up=model in simulated)
        lines.append(" | ".join(cells))
    with st.container(key="latency-table"):
        st.markdown("\n".join(f"| {line} |" for line in lines))
        st.caption(" ".join(_notes(choice)))


def _row(model: str, sums: Sequence[Summary | None], metrics: Sequence[Metric], *, made_up: bool) -> list[str]:
    speaker = speaker_of(model, session.engine().catalog.providers)
    first = sums[0]
    name = f"{speaker.mark} {speaker.model_name} :gray[{speaker.provider_name}]"
    if made_up and not (speaker.provider and speaker.provider.simulated):
        name += f" :gray-badge[{t('simulated')}]"
    cells = [_pair(metric, stats, first) for metric, stats in zip(metrics, sums, strict=True)]
    return [name, count(first.n) if first else "—", *cells]


def _pair(metric: Metric, stats: Summary | None, first: Summary | None) -> str:
    """The median, then p95; and n if not all answers have this measure."""
    if stats is None:
        return "—"
    tail_value = tail(stats)
    text = f"**{words(metric, stats.median)}**"
    if tail_value is not None:
        text += f" · {count(tail_value) if is_speed(metric) else words(metric, tail_value)}"
    return text if first is None or stats.n == first.n else f"{text} :gray[({count(stats.n)})]"


def _notes(choice: SeriesSelection) -> list[str]:
    notes = [
        t(
            "Bold: median · then p95 (from {number} answers on). Measured when the bytes arrive.",
            number=FEWEST_FOR_TAIL,
        )
    ]
    if choice.clean and (number := _left_out(choice)):
        notes.append(t("Hidden retries and cached answers: {number}.", number=number))
    return notes


def _left_out(choice: SeriesSelection) -> int:
    """How many answers the switch hides."""
    outcomes = choice.times.outcomes(choice.left_out, choice.since)
    return sum(by_kind.get("ok", 0) for by_kind in outcomes.values())
