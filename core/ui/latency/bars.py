"""Bars: an answer's time as wait, think and write; and what went wrong, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ...insight.latency import counted, parts, summary
from ...views.latency import LoggedAnswer
from .. import session
from ..base import chart_theme
from ..failures.kinds import outcome
from ..models.marks import dress
from ..text import count, seconds, t, tn
from .chart_style import Drawn, ModelStyle
from .choice import SeriesSelection

NEWEST = 200
ROW = 46


def stages(choice: SeriesSelection, paints: Mapping[str, ModelStyle]) -> Drawn:
    """A bar a model: the medians of waiting, thinking and writing of its newest answers, one after the other."""
    answers = choice.times.newest(choice.kept, choice.since, NEWEST)
    found = {model: medians(answers.get(model, [])) for model in paints}
    known = {model: mine for model, mine in found.items() if mine}
    if not known:
        return Drawn(None, t("Appears after the first complete answer."))
    names = (t("waiting"), t("thinking"), t("output"))
    figure = chart_theme.figure()
    paper = chart_theme.colour("background")
    for place, (name, shape) in enumerate(zip(names, ("/", ".", ""), strict=True)):
        pattern = {"shape": shape, "fgcolor": paper, "size": 7}
        figure.add_bar(
            y=list(range(len(known))),
            x=[mine[1][place] / 1000 for mine in known.values()],
            orientation="h",
            width=0.42,
            offset=-0.05,
            marker={"color": [paints[model].colour for model in known], "pattern": pattern},
            hovertemplate=f"{name}: %{{x:.2f}} s<extra></extra>",
            showlegend=False,
        )
    for place, (model, (n, times)) in enumerate(known.items()):
        said = " | ".join(seconds(time) if time >= 1 else "—" for time in times)
        _label(figure, place, f"<b>{paints[model].label}</b> · n {count(n)} · {said}")
    _rows(figure, len(known), barmode="stack")
    figure.update_xaxes(ticksuffix=" s")
    rows = [[model, n, *times] for model, (n, times) in known.items()]
    said = t(
        "Striped: waiting; dotted: thinking; solid: output. Medians of the newest answers, at most {number} per "
        "model, so a bar may not add up to the median total time.",
        number=NEWEST,
    )
    return Drawn(figure, said, ["model", "n", "wait_ms", "think_ms", "write_ms"], rows)


def medians(answers: Sequence[LoggedAnswer]) -> tuple[int, tuple[float, float, float]] | None:
    """(n, medians of wait, think and write in ms) of those whose parts are known; None without any."""
    known = [mine for one in answers if (mine := parts(one.ttft_ms, one.first_answer_ms, one.last_ms))]
    middle = [summary(counted(getattr(mine, name) for mine in known)) for name in ("wait_ms", "think_ms", "write_ms")]
    times = [one.median for one in middle if one]
    return (len(known), (times[0], times[1], times[2])) if times else None


def errors(choice: SeriesSelection, labels: Mapping[str, str]) -> Drawn:
    """A bar a kind, split by provider; the log has every attempt, also those that another one made good.

    `labels` are the providers' names by id.
    """
    found = choice.times.outcomes(choice.everything, choice.since)
    tried = sum(sum(mine.values()) for mine in found.values())
    by_kind: dict[str, dict[str, int]] = {}
    for model, mine in found.items():
        for kind, n in mine.items():
            if kind != "ok":
                of = by_kind.setdefault(kind, {})
                provider = model.partition("/")[0]
                of[provider] = of.get(provider, 0) + n
    refused = choice.times.unsent(choice.everything, choice.since)
    apart = t("Not sent, held back by Roundtable: {number}.", number=count(refused)) if refused else ""
    if not by_kind:
        none = t("No attempts in this range.")
        made = t("No errors ({number} attempts).", number=count(tried)) if tried else none
        return Drawn(None, f"{made} {apart}".strip())
    kinds = sorted(by_kind, key=lambda kind: sum(by_kind[kind].values()), reverse=True)
    figure = chart_theme.figure()
    for provider in dict.fromkeys(name for mine in by_kind.values() for name in mine):
        colour = chart_theme.colour(dress(provider, session.engine().catalog.providers)[0])
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
        _label(figure, place, f"<b>{outcome(kind)}</b> · {count(n)} · {n / tried:.1%}")
    _rows(figure, len(kinds), barmode="stack", showlegend=True, uniformtext={"minsize": 10, "mode": "hide"})
    rows = [[kind, provider, n] for kind in kinds for provider, n in by_kind[kind].items()]
    said = tn(
        "Errors among {number} attempt, including those where a retry succeeded. "
        "The switch above does not affect this chart.",
        "Errors among {number} attempts, including those where a retry succeeded. "
        "The switch above does not affect this chart.",
        tried,
        number=count(tried),
    )
    return Drawn(figure, f"{said} {apart}".strip(), ["kind", "provider", "attempts"], rows)


def _label(figure: Any, place: int, text: str) -> None:
    figure.add_annotation(x=0, xref="paper", xanchor="left", y=place - 0.24, yanchor="middle", text=text)


def _rows(figure: Any, rows: int, **more: Any) -> None:
    figure.update_layout(
        height=ROW * rows + (110 if more.get("showlegend") else 60),
        yaxis={"visible": False, "range": [rows - 0.4, -0.5], "fixedrange": True},
        xaxis={"rangemode": "tozero", "fixedrange": True},
        **more,
    )
