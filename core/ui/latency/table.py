"""One line per model: number of answers, median and p95 of each measure; a head sorts by its medians."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from ...insight.latency import Summary, summary
from ...store.latency.buckets import AnswerFlag, Metric
from ...views.latency import Values
from .. import session
from ..base import table as tables
from ..base.table import Cell, TableHead, TableRow
from ..models.marks import colour_and_shape
from ..models.names import label
from ..text import count, sentences, t
from . import efforts
from .chart_style import FEWEST_FOR_TAIL, is_speed, names, tail, words
from .choice import SeriesSelection

Histograms = Mapping[str, Mapping["Metric", "Values"]]
Sums = Mapping[str, Mapping["Metric", "Summary | None"]]
SORT, REVERSED = "latency-sort", "latency-reversed"
MODEL, ANSWERS = "model", "answers"


def read(choice: SeriesSelection) -> Histograms:
    """The histograms by model and measure."""
    return choice.times.histograms(choice.kept, choice.since, list(Metric))


def table(histograms: Histograms, choice: SeriesSelection) -> None:
    """Draw the table, fastest first token first unless another head was clicked."""
    simulated = {series.name for series in choice.everything if series.flags & AnswerFlag.SIMULATED}
    sums: Sums = {
        model: {metric: summary(values.get(metric, [])) for metric in Metric} for model, values in histograms.items()
    }
    heads = {MODEL: t("Model"), ANSWERS: t("Answers"), **names()}
    with st.container(key="latency-table"):
        tables.draw(
            "latency",
            t("Latency"),
            [TableHead(name, text, name != MODEL, _direction(name)) for name, text in heads.items()],
            [_row(model, sums[model], made_up=model in simulated) for model in ordered(sums)],
            sort=_sort_by,
        )
        st.caption(sentences(*_notes(choice)))


def ordered(sums: Sums) -> list[str]:
    """The models by the chosen head; those without its measure come last."""
    chosen = _chosen()
    keys = {model: _key(chosen, model, by_metric) for model, by_metric in sums.items()}
    comparable = [model for model in sums if keys[model] is not None]
    comparable.sort(key=lambda model: keys[model], reverse=_is_reversed())  # type: ignore[arg-type, return-value]
    return [*comparable, *(model for model in sums if keys[model] is None)]


def _chosen() -> str:
    chosen = st.session_state.get(SORT, Metric.TTFT.name)
    return chosen if isinstance(chosen, str) else Metric.TTFT.name


def _is_reversed() -> bool:
    return bool(st.session_state.get(REVERSED))


def _key(head: str, model: str, by_metric: Mapping[Metric, Summary | None]) -> str | float | None:
    if head == MODEL:
        return model.casefold()
    measured = by_metric[Metric.TTFT if head == ANSWERS else Metric[head]]
    if measured is None:
        return None
    return measured.n if head == ANSWERS else measured.median


def _sort_by(head: str) -> None:
    """The best first: the fastest, or the most answers; a second click turns it round."""
    if head not in (MODEL, ANSWERS, *names()):
        return
    most_first = head == ANSWERS or (head in Metric.__members__ and is_speed(Metric[head]))
    st.session_state[REVERSED] = not _is_reversed() if _chosen() == head else most_first
    st.session_state[SORT] = head


def _direction(head: str) -> Literal["", "ascending", "descending"]:
    if head != _chosen():
        return ""
    return "descending" if _is_reversed() else "ascending"


def _row(model: str, by_metric: Mapping[Metric, Summary | None], *, made_up: bool) -> TableRow:
    providers = session.engine().catalog.providers
    provider_id, _, name = model.partition("/")
    provider = providers.get(provider_id)
    kind = label(provider) if provider else provider_id
    if made_up and not (provider and provider.simulated):
        kind = f"{kind} · {t('simulated')}"
    first = by_metric[Metric.TTFT]
    cells = [_cell(metric, by_metric[metric], first) for metric in Metric]
    answers = Cell(text=count(first.n) if first else "")
    return TableRow(
        model, efforts.titled(name or model), [answers, *cells], kind, *colour_and_shape(provider_id, providers)
    )


def _cell(metric: Metric, stats: Summary | None, first: Summary | None) -> Cell:
    """The median; small p95, and n where not all answers have this measure."""
    if stats is None:
        return Cell(text="")
    tail_value = tail(stats)
    small = [] if tail_value is None else [count(tail_value) if is_speed(metric) else words(metric, tail_value)]
    if first is not None and stats.n != first.n:
        small.append(f"(n {count(stats.n)})")
    return Cell(text=words(metric, stats.median), small=" ".join(small))


def _notes(choice: SeriesSelection) -> list[str]:
    notes = [
        t(
            "The median, and small beside it p95 (from {number} answers on). Measured when the bytes arrive.",
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
