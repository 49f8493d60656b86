"""Bar charts: the stages of an answer (wait, reasoning, output), and errors by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ...insight.latency import counted, parts, summary
from ...views.latency import LoggedAnswer
from .. import session
from ..base import chart_theme
from ..failures.kinds import outcome
from ..models.marks import colour_and_shape
from ..text import count, seconds, t, tn
from .chart_style import Chart, ModelStyle
from .choice import SeriesSelection

NEWEST = 200
ROW = 46


def stages(choice: SeriesSelection, paints: Mapping[str, ModelStyle]) -> Chart:
    """A bar per model with the medians of waiting, reasoning and output of its newest answers."""
    answers = choice.times.newest(choice.kept, choice.since, NEWEST)
    by_model = {model: medians(answers.get(model, [])) for model in paints}
    measured = {model: stage_medians for model, stage_medians in by_model.items() if stage_medians}
    if not measured:
        return Chart(None, t("Appears after the first complete answer."))
    names = (t("waiting"), t("thinking"), t("output"))
    figure = chart_theme.figure()
    paper = chart_theme.colour("background")
    for place, (name, shape) in enumerate(zip(names, ("/", ".", ""), strict=True)):
        pattern = {"shape": shape, "fgcolor": paper, "size": 7}
        figure.add_bar(
            y=list(range(len(measured))),
            x=[stage_medians[1][place] / 1000 for stage_medians in measured.values()],
            orientation="h",
            width=0.42,
            offset=-0.05,
            marker={"color": [paints[model].colour for model in measured], "pattern": pattern},
            hovertemplate=f"{name}: %{{x:.2f}} s<extra></extra>",
            showlegend=False,
        )
    for place, (model, (n, times)) in enumerate(measured.items()):
        text = " | ".join(seconds(time) if time >= 1 else "—" for time in times)
        _label(figure, place, f"<b>{paints[model].label}</b> · n {count(n)} · {text}")
    _rows(figure, len(measured), barmode="stack")
    figure.update_xaxes(ticksuffix=" s")
    rows = [[model, n, *times] for model, (n, times) in measured.items()]
    text = t(
        "Striped: waiting; dotted: thinking; solid: output. Medians of the newest answers, at most {number} per "
        "model, so a bar may not add up to the median total time.",
        number=NEWEST,
    )
    return Chart(figure, text, ["model", "n", "wait_ms", "think_ms", "write_ms"], rows)


def medians(answers: Sequence[LoggedAnswer]) -> tuple[int, tuple[float, float, float]] | None:
    """(n, medians of wait, reasoning and output in ms) of the answers whose stages are known; None without any."""
    stage_times = [
        stages for answer in answers if (stages := parts(answer.ttft_ms, answer.first_answer_ms, answer.last_ms))
    ]
    summaries = [
        summary(counted(getattr(stages, name) for stages in stage_times))
        for name in ("wait_ms", "think_ms", "write_ms")
    ]
    times = [answer.median for answer in summaries if answer]
    return (len(stage_times), (times[0], times[1], times[2])) if times else None


def errors(choice: SeriesSelection, labels: Mapping[str, str]) -> Chart:
    """A bar per kind of error, split by provider; counts every attempt, even if a later one succeeded.

    `labels`: the providers' names by id.
    """
    outcomes = choice.times.outcomes(choice.everything, choice.since)
    attempts = sum(sum(kinds_count.values()) for kinds_count in outcomes.values())
    by_kind: dict[str, dict[str, int]] = {}
    for model, kinds_count in outcomes.items():
        for kind, n in kinds_count.items():
            if kind != "ok":
                by_provider = by_kind.setdefault(kind, {})
                provider = model.partition("/")[0]
                by_provider[provider] = by_provider.get(provider, 0) + n
    refused = choice.times.unsent(choice.everything, choice.since)
    unsent_text = t("Not sent, held back by Roundtable: {number}.", number=count(refused)) if refused else ""
    if not by_kind:
        no_attempts = t("No attempts in this range.")
        no_failures = t("No errors ({number} attempts).", number=count(attempts)) if attempts else no_attempts
        return Chart(None, f"{no_failures} {unsent_text}".strip())
    kinds = sorted(by_kind, key=lambda kind: sum(by_kind[kind].values()), reverse=True)
    figure = chart_theme.figure()
    for provider in dict.fromkeys(name for kinds_count in by_kind.values() for name in kinds_count):
        colour = chart_theme.colour(colour_and_shape(provider, session.engine().catalog.providers)[0])
        figure.add_bar(
            y=list(range(len(kinds))),
            x=[by_kind[kind].get(provider, 0) for kind in kinds],
            orientation="h",
            width=0.42,
            offset=-0.05,
            name=escape(labels.get(provider, provider)),
            marker={"color": colour},
            text=[escape(labels.get(provider, provider))] * len(kinds),
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate=f"{escape(labels.get(provider, provider))}: %{{x}}<extra></extra>",
        )
    for place, kind in enumerate(kinds):
        n = sum(by_kind[kind].values())
        _label(figure, place, f"<b>{outcome(kind)}</b> · {count(n)} · {n / attempts:.1%}")
    _rows(figure, len(kinds), barmode="stack", showlegend=True, uniformtext={"minsize": 10, "mode": "hide"})
    rows = [[kind, provider, n] for kind in kinds for provider, n in by_kind[kind].items()]
    caption = tn(
        "Errors among {number} attempt, including those where a retry succeeded. "
        "The switch above does not affect this chart.",
        "Errors among {number} attempts, including those where a retry succeeded. "
        "The switch above does not affect this chart.",
        attempts,
        number=count(attempts),
    )
    return Chart(figure, f"{caption} {unsent_text}".strip(), ["kind", "provider", "attempts"], rows)


def _label(figure: Any, place: int, text: str) -> None:
    figure.add_annotation(x=0, xref="paper", xanchor="left", y=place - 0.24, yanchor="middle", text=text)


def _rows(figure: Any, rows: int, **more: Any) -> None:
    figure.update_layout(
        height=ROW * rows + (110 if more.get("showlegend") else 60),
        yaxis={"visible": False, "range": [rows - 0.4, -0.5], "fixedrange": True},
        xaxis={"rangemode": "tozero", "fixedrange": True},
        **more,
    )
