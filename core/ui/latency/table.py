"""One line a model: how many answers, and the median and the slow end of each measure. No mean, nothing made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ...insight.latency import Summary, summary
from ...store.latency.buckets import AnswerFlag, Metric
from ...views.latency import Values
from .. import session
from ..models.marks import who
from ..text import count, t
from .chart_style import FEWEST_FOR_TAIL, is_speed, names, tail, words
from .choice import SeriesSelection

Found = Mapping[str, Mapping["Metric", "Values"]]


def read(choice: SeriesSelection) -> Found:
    """The histograms behind the table, a model each."""
    return choice.times.histograms(choice.kept, choice.since, list(Metric))


def table(found: Found, choice: SeriesSelection) -> None:
    """The fastest to the first token at the top."""
    made_up = {one.model_id for one in choice.everything if one.marks & AnswerFlag.SIMULATED}
    sums = {model: {metric: summary(mine.get(metric, [])) for metric in Metric} for model, mine in found.items()}
    firsts = {model: mine[Metric.TTFT] for model, mine in sums.items()}
    order = sorted(firsts, key=lambda model: mine.median if (mine := firsts[model]) else float("inf"))
    head = [t("Model"), t("Answers"), *names().values()]
    lines = [" | ".join(head), " | ".join([":--", *["--:"] * (len(head) - 1)])]
    for model in order:
        cells = _row(model, [sums[model][metric] for metric in Metric], list(Metric), made_up=model in made_up)
        lines.append(" | ".join(cells))
    with st.container(key="latency-table"):
        st.markdown("\n".join(f"| {line} |" for line in lines))
        st.caption(" ".join(_notes(choice)))


def _row(model: str, sums: Sequence[Summary | None], metrics: Sequence[Metric], *, made_up: bool) -> list[str]:
    speaker = who(model, session.engine().catalog.providers)
    first = sums[0]
    name = f"{speaker.mark} {speaker.model_name} :gray[{speaker.provider_name}]"
    if made_up and not (speaker.provider and speaker.provider.simulated):
        name += f" :gray-badge[{t('simulated')}]"
    cells = [_pair(metric, mine, first) for metric, mine in zip(metrics, sums, strict=True)]
    return [name, count(first.n) if first else "—", *cells]


def _pair(metric: Metric, mine: Summary | None, first: Summary | None) -> str:
    """The median, then the 95th of a hundred; how many where they are not all answers."""
    if mine is None:
        return "—"
    slow = tail(mine)
    said = f"**{words(metric, mine.median)}**"
    if slow is not None:
        said += f" · {count(slow) if is_speed(metric) else words(metric, slow)}"
    return said if first is None or mine.n == first.n else f"{said} :gray[({count(mine.n)})]"


def _notes(choice: SeriesSelection) -> list[str]:
    said = [
        t(
            "Bold: median · then p95 (from {number} answers on). Measured when the bytes arrive.",
            number=FEWEST_FOR_TAIL,
        )
    ]
    if choice.clean and (number := _left_out(choice)):
        said.append(t("Hidden retries and cached answers: {number}.", number=number))
    return said


def _left_out(choice: SeriesSelection) -> int:
    """How many answers the switch leaves out."""
    outcomes = choice.times.outcomes(choice.left_out, choice.since)
    return sum(mine.get("ok", 0) for mine in outcomes.values())
