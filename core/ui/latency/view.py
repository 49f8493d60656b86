"""One chart at a time: only the chosen one is computed, with its data as CSV."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ...insight.latency import quantile
from ...insight.votes import counted, win_rates_of
from ...store import StoreError
from ...store.latency.buckets import AnswerFlag, Metric
from ...store.latency.buckets import Metric as Metrics
from ...views.latency import Values
from .. import session
from ..base import chart_theme
from ..base.segments import segments
from ..models.names import label
from ..quota import ledger
from ..text import t
from . import bars, chart_style, grid, lines, scatter, strip
from .chart_style import Chart, ModelStyle
from .choice import TODAY, SeriesSelection, widen
from .scatter import Rate
from .table import Histograms

LINES = 4
MEASURED = ("strip", "ecdf", "time", "week")  # the charts that show one measure


def charts(choice: SeriesSelection, histograms: Histograms) -> None:
    """The selection of chart and measure, the chart, and its CSV."""
    labels = {
        "strip": t("Distribution"),
        "ecdf": t("Cumulative"),
        "stages": t("Phases"),
        "time": t("Trend"),
        "week": t("Hour and weekday"),
        "votes": t("Speed vs. votes"),
        "errors": t("Errors"),
    }
    chart = st.pills(
        t("Chart"), list(labels), default="strip", required=True, format_func=labels.__getitem__,
        key="latency-chart", label_visibility="collapsed",
    )  # fmt: skip
    limits = chart == "week" and st.toggle(t("Limits hit (429)"), key="latency-limits")
    metric = Metric[_measure()] if chart in MEASURED and not limits else Metric.TTFT
    plot = _limits(choice) if limits else _drawn(chart, metric, choice, histograms)
    if plot.figure is None:
        with st.container(key="latency-none"):
            st.caption(plot.caption)
        return
    chart_theme.show(plot.figure, key=f"latency-{chart}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plot.caption, width="stretch")
        st.download_button(
            t("CSV"), plot.csv, f"latency-{chart}.csv", "text/csv", icon=":material/download:", type="tertiary",
            key="latency-csv", on_click="ignore",
        )  # fmt: skip


def nothing(choice: SeriesSelection) -> None:
    """What stands where no answer is in the range: where there are some, and the charts if there were failures."""
    with st.container(key="latency-nothing", horizontal=True, vertical_alignment="center", gap="small"):
        if choice.range == TODAY:
            st.caption(t("No answers today."), width="content")
        else:
            sentence = t("No answers in this range. Choose a longer one, or show retries and cached answers.")
            st.caption(sentence, width="content")
        if choice.range != "all":
            st.button(t("Show a longer range"), key="latency-widen", type="tertiary", on_click=widen)
    if choice.times.outcomes(choice.everything, choice.since):
        charts(choice, {})


def _measure() -> str:
    labels = chart_style.names()
    return segments(t("Measure"), labels, "latency-metric", "TTFT")


def _drawn(chart: str, metric: Metric, choice: SeriesSelection, histograms: Histograms) -> Chart:
    values = {model: by_metric[metric] for model, by_metric in histograms.items() if by_metric.get(metric)}
    paints = _ordered_styles(choice, histograms, values, metric)
    providers = session.engine().catalog.providers
    if chart == "errors":
        return bars.errors(choice, {name: label(provider) for name, provider in providers.items()})
    if chart == "votes":
        speeds = {
            model: by_metric[Metrics.SPEED] for model, by_metric in histograms.items() if by_metric.get(Metrics.SPEED)
        }
        return scatter.scatter(speeds, _rates(), _quota_left(), paints)
    if chart == "stages":
        return bars.stages(choice, paints)
    if not values:
        return Chart(None, t("No answers in this range have this measure."))
    match chart:
        case "ecdf":
            return lines.ecdf(metric, values, paints)
        case "time":
            return lines.over_time(choice, metric, {model: paints[model] for model in _chosen_models(paints, values)})
        case "week":
            return grid.heat(choice, metric, paints[_chosen_model(paints, values)])
    return strip.strip(choice, metric, values, paints)


def _limits(choice: SeriesSelection) -> Chart:
    """When a model's limits were hit, including models that never answered."""
    paints = _styles(choice)
    attempts: dict[str, Values] = {model: [(0.0, 0)] for model in paints}
    return grid.limits(choice, paints[_chosen_model(paints, attempts)])


def _chosen_models(paints: Mapping[str, ModelStyle], values: Mapping[str, Values]) -> list[str]:
    """The models whose lines are drawn: those with the most answers, unless others are chosen."""
    models = _most_first(values)
    chosen = st.multiselect(
        t("Models"),
        models,
        default=models[:LINES],
        format_func=lambda model: f"{paints[model].name} · {paints[model].provider}",
        key="latency-models",
        placeholder=t("Choose models"),
        label_visibility="collapsed",
    )
    return [model for model in paints if model in (chosen or models[:LINES])]


def _most_first(values: Mapping[str, Values]) -> list[str]:
    return sorted(values, key=lambda model: (-sum(number for _, number in values[model]), model))


def _chosen_model(paints: Mapping[str, ModelStyle], values: Mapping[str, Values]) -> str:
    """The model of the heat map, which can show only one."""
    models = _most_first(values)
    chosen = st.selectbox(
        t("Model"), models, format_func=lambda model: f"{paints[model].name} · {paints[model].provider}",
        key="latency-model", label_visibility="collapsed", width=320,
    )  # fmt: skip
    return chosen or models[0]


def _ordered_styles(
    choice: SeriesSelection, histograms: Histograms, values: Mapping[str, Values], metric: Metric
) -> dict[str, ModelStyle]:
    """Styles in the order of the medians, best first; a model's style does not depend on the order."""
    styles = _styles(choice)
    sign = -1 if chart_style.is_speed(metric) else 1
    order = sorted(
        histograms, key=lambda model: sign * quantile(values[model], 0.5) if model in values else float("inf")
    )
    return {model: styles[model] for model in order}


def _styles(choice: SeriesSelection) -> dict[str, ModelStyle]:
    """The styles of all selected models, by id."""
    simulated = {series.name for series in choice.everything if series.flags & AnswerFlag.SIMULATED}
    return chart_style.model_styles(
        sorted({series.name for series in choice.everything}), session.engine().catalog.providers, simulated
    )


def _rates() -> Mapping[str, Rate]:
    """How often each model was preferred in this visitor's comparisons."""
    return win_rates_of(counted((tally, tally.n) for tally in session.person().votes.tallies()))


def _quota_left() -> dict[str, float]:
    try:
        return scatter.left_of(ledger.windows())
    except StoreError:
        return {}
