"""The overview of a person's log: languages, lengths, how each model's answers ended, and when models are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import streamlit as st

from ...insight.log_findings import LogFindings
from ...insight.overview import Lengths, ModelAnswers
from ...intervals import wilson
from ...store import StoreError
from ...views.insights import HourlyCalls, SettingCalls
from .. import session
from ..admin import login
from ..admin import people as people_page
from ..base import chart_theme
from ..base.time_zone import zone
from ..models.efforts import effort_name
from ..text import count, date_of, language, plain, t, tn, whole
from .words import model_name, table

MOST_LANGUAGES, MOST_MODELS, MOST_PEOPLE, MOST_VALUES = 6, 12, 20, 6
FEWEST_FOR_TAIL = 20
NONE = "–"
DASH = "\u2060–\u2060"  # no line break beside it


def draw(findings: LogFindings, calls: Sequence[HourlyCalls], set_calls: Sequence[SettingCalls] = ()) -> None:
    st.caption(period(findings))
    st.markdown(f"{t('Languages')}{t(': ')}{languages(findings)}  \n{lengths(findings)}")
    if set_calls:
        st.markdown(settings(set_calls))
    if findings.models:
        st.markdown(f"**{t('By model')}**")
        st.markdown(models(findings.models, calls))
        if (rest := len(findings.models) - MOST_MODELS) > 0:
            st.caption(tn("{number} more model with fewer answers.", "{number} more models with fewer answers.", rest))
        st.caption(
            t(
                "Refused: the answer begins by declining, or the provider says so. Cut off: it reached the longest "
                "answer allowed, or broke off. Failed: no whole answer. In brackets the 95% interval."
            )
        )
    if calls:
        st.markdown(f"**{t('Requests by hour')}**")
        figure, words = hours(calls)
        chart_theme.show(figure, key="calls-by-hour", alt=words)
        st.caption(words)
    if login.is_logged_in():
        _people()


def period(findings: LogFindings) -> str:
    """ "1,234 questions in 456 conversations, Jan 3, 2026 – Nov 28, 2026." """
    question_part = tn("{number} question", "{number} questions", findings.questions)
    talks = tn("{number} conversation or comparison", "{number} conversations and comparisons", findings.conversations)
    if not findings.questions:
        return t("{questions} in {conversations}.", questions=question_part, conversations=talks)
    first, last = (date_of(_day(us)) for us in (findings.first_us, findings.last_us))
    if first == last:
        return t("{questions} in {conversations}, {day}.", questions=question_part, conversations=talks, day=first)
    return t(
        "{questions} in {conversations}, {first} – {last}.",
        questions=question_part,
        conversations=talks,
        first=first,
        last=last,
    )


def _day(us: int) -> Any:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(zone()).date()


def languages(findings: LogFindings) -> str:
    """ "English 61% (120) · Chinese 30% (59) · not clear 9% (18)"."""
    if not findings.questions:
        return NONE
    shown = list(findings.languages[:MOST_LANGUAGES])
    rest = sum(n for _, n in findings.languages[MOST_LANGUAGES:])
    parts = [f"{language_name(code)} {n / findings.questions:.0%} :gray[:small[({count(n)})]]" for code, n in shown]
    if rest:
        parts.append(f"{t('others')} {rest / findings.questions:.0%} :gray[:small[({count(rest)})]]")
    return " · ".join(parts)


def language_name(code: str | None) -> str:
    return t("not clear") if code is None else _name(code, language())


@cache
def _name(code: str, reader: str) -> str:
    from babel import Locale

    return str(Locale.parse(reader).languages.get(code, code))


def lengths(findings: LogFindings) -> str:
    question_part, answered = findings.question_lengths, findings.answer_tokens
    return " · ".join(
        (
            t("Questions: {length}", length=_with_tail(question_part, t("characters"))),
            t("Answers: {length}", length=_with_tail(answered, t("tokens"))),
        )
    )


def settings(set_calls: Sequence[SettingCalls]) -> str:
    """ "Reasoning effort: high 12 · low 3", a line a setting."""
    names = {"effort": t("Reasoning effort"), "response_format": t("Answer format"), "tools": t("Tools")}
    lines = []
    for name, words in names.items():
        of_name = [each for each in set_calls if each.name == name]
        values = [f"{_setting(name, each.value)} :gray[:small[{count(each.calls)}]]" for each in of_name[:MOST_VALUES]]
        if rest := sum(each.calls for each in of_name[MOST_VALUES:]):
            values.append(f"{t('others')} :gray[:small[{count(rest)}]]")
        lines += [f"{words}{t(': ')}{' · '.join(values)}"] if values else []
    return "  \n".join(lines)


def _setting(name: str, value: str) -> str:
    if name == "effort":
        return effort_name(int(value) if value.isdigit() else value)
    if name == "response_format":
        return {"json": t("JSON"), "schema": t("Schema")}.get(value, plain(value))
    return plain(value.replace(" ", t(", ")))


def _with_tail(of: Lengths, unit: str) -> str:
    """ "median 84, p95 620 characters (n = 120)"."""
    if of.median is None or of.p95 is None:
        return t("unknown")
    if of.n < FEWEST_FOR_TAIL:
        return t("median {median} {unit} (n = {n})", median=count(of.median), unit=unit, n=count(of.n))
    return t(
        "median {median}, p95 {p95} {unit} (n = {n})",
        median=count(of.median),
        p95=count(of.p95),
        unit=unit,
        n=count(of.n),
    )


def models(rows: Sequence[ModelAnswers], calls: Sequence[HourlyCalls]) -> str:
    """A Markdown table, the most answers first."""
    called = Counter[str]()
    for each in calls:
        called[each.model_id] += each.calls
    head = [
        t("Model"), t("Requests"), t("Answers"), t("Refused"), t("Filtered"), t("Cut off"), t("Failed"),
        t("Characters, median"), t("p95"),
    ]  # fmt: skip
    lines = [
        [
            model_name(row.model_id),
            whole(called[row.model_id]) if row.model_id in called else NONE,
            whole(row.answers),
            *(share(number, row.answers) for number in (row.refused, row.filtered, row.truncated, row.failed)),
            NONE if row.lengths.median is None else count(row.lengths.median),
            NONE if row.lengths.p95 is None or row.lengths.n < FEWEST_FOR_TAIL else count(row.lengths.p95),
        ]
        for row in rows[:MOST_MODELS]
    ]
    return table(head, lines)


def share(number: int, of: int) -> str:
    """ "3% (1–8)"; the interval is left out where nothing was seen."""
    if not number:
        return "0%"
    low, high = wilson(number, of)
    return f"{number / of:.0%}\u00a0:gray[:small[({100 * low:.0f}{DASH}{100 * high:.0f})]]"


def hours(calls: Sequence[HourlyCalls]) -> tuple[Any, str]:
    """Bars by the hour of the reader's day, and the same in a sentence."""
    offset = datetime.now(UTC).astimezone(zone()).utcoffset() or timedelta()
    east = round(offset.total_seconds() / 3600)
    by_hour = [0] * 24
    for each in calls:
        by_hour[(each.hour + east) % 24] += each.calls
    total, failures = sum(by_hour), sum(each.failures for each in calls)
    busiest = max(range(24), key=by_hour.__getitem__)
    figure = chart_theme.figure()
    figure.add_bar(
        x=list(range(24)),
        y=by_hour,
        marker={"color": chart_theme.colour("blue")},
        hovertemplate="%{x}:00 · %{y}<extra></extra>",
    )
    figure.update_layout(
        height=180,
        bargap=0.3,
        xaxis={
            "tickvals": [0, 6, 12, 18, 23],
            "ticktext": ["0:00", "6:00", "12:00", "18:00", "23:00"],
            "showgrid": False,
        },
        yaxis={"rangemode": "tozero", "nticks": 4},
    )
    words = t(
        "{number} requests to models, retries included, {failures} of them failed; most from {hour}:00 to {next}:00, "
        "your time.",
        number=count(total), failures=count(failures), hour=busiest, next=busiest + 1,
    )  # fmt: skip
    return figure, words


def _people() -> None:
    """Who used the server in the last 30 days: numbers alone. For administrators."""
    st.markdown(f"**{t('By person, last 30 days')}**")
    try:
        everyone = session.people().everybody(people_page.WITHIN)
        names = people_page.names()
    except StoreError:
        st.caption(t("This cannot be loaded right now."))
        return
    head = [t("Person"), t("Requests"), t("Failed"), t("Tokens")]
    lines = [
        [names.get(person.id, plain(person.id)), whole(person.requests), whole(person.failures), count(person.tokens)]
        for person in everyone[:MOST_PEOPLE]
        if person.requests
    ]
    if lines:
        st.markdown(table(head, lines))
    else:
        st.caption(t("Nobody has asked anything in this time."))
