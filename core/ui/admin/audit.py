"""The audit page's filters and its table, one page at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from ...views.audit import AuditFilter, AuditPage, AuditRow
from .. import session
from ..answer import served
from ..base.time_zone import zone
from ..text import sentences, t
from . import login

PLACES = "audit-places"  # where the pages before this one begin


def about() -> None:
    settings = session.engine().settings
    days = settings.audit_days
    retention = t("Kept for {days} days.", days=days) if days else t("Kept until a person erases everything of theirs.")
    texts = (
        t("Questions can be read as long as their conversation exists; every person is told so on the History page.")
        if settings.audit_text == "text"
        else t("Of a question only the SHA-256 of its text is kept here.")
    )
    st.caption(sentences(retention, texts))


def filters() -> AuditFilter:
    """What is chosen; a change begins with the first page."""
    log = session.audit_log()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="audit-filters"):
        person = st.text_input(
            t("Person"), key="audit-person", placeholder=t("Name, mail or ID"), on_change=_first, width=220
        )
        everything = t("All")
        model_id = st.selectbox(
            t("Model"), ["", *log.models()], format_func=lambda name: name or everything, key="audit-model",
            on_change=_first, width=260,
        )  # fmt: skip
        outcome = st.selectbox(
            t("Outcome"), ["", *log.outcomes()], format_func=lambda kind: kind or everything, key="audit-outcome",
            on_change=_first, width=180,
        )  # fmt: skip
        days = st.date_input(t("Days"), value=[], key="audit-days", on_change=_first, width=240, format="YYYY-MM-DD")
    since, until = _instants(days if isinstance(days, tuple) else (days,))
    return AuditFilter(person or "", model_id or "", outcome or "", since, until)


def calls(chosen: AuditFilter) -> None:
    """The table with its page buttons and the file."""
    places = st.session_state.setdefault(PLACES, [])
    page = session.audit_log().page(_at(chosen, places))
    if not page.rows:
        st.caption(t("No calls match."))
    else:
        st.dataframe([_shown(row) for row in page.rows], hide_index=True, key="audit-table")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit-pages"):
        st.button(t("Newer"), icon=":material/chevron_left:", key="audit-newer", disabled=not places, on_click=_newer)
        st.button(
            t("Older"), icon=":material/chevron_right:", key="audit-older", disabled=page.following is None,
            on_click=_older, args=(page,),
        )  # fmt: skip
        st.download_button(
            t("Download CSV"),
            _file(chosen),
            file_name="roundtable-calls.csv",
            mime="text/csv",
            icon=":material/download:",
            key="audit-csv",
            on_click="ignore",
            help=t("All calls that match, at most 100,000."),
        )


def _at(chosen: AuditFilter, places: list[Any]) -> AuditFilter:
    return AuditFilter(
        chosen.person, chosen.model_id, chosen.outcome, chosen.since, chosen.until, places[-1] if places else None
    )


def _file(chosen: AuditFilter) -> Callable[[], str]:
    may, audit_log = login.held(), session.audit_log()  # the file is made later, beside the page
    return lambda: "".join(audit_log.csv(chosen)) if may() else ""


def _instants(days: tuple[date, ...]) -> tuple[datetime | None, datetime | None]:
    """From the first day's beginning to the last one's end, in the reader's time zone."""
    if not days:
        return None, None
    first, last = days[0], days[-1]
    return (
        datetime.combine(first, time(), zone()),
        datetime.combine(last + timedelta(days=1), time(), zone()),
    )


def _shown(row: AuditRow) -> Mapping[str, Any]:
    shown = {
        t("Time"): row.at.astimezone(zone()).strftime("%Y-%m-%d %H:%M:%S"),
        t("Person"): row.name or row.person,
        t("Model"): row.model_id,
        t("Answered by"): served.id_of(row.model_id, row.served_model_id, row.response_model),
        t("Outcome"): _outcome(row),
        t("Attempt"): row.n,
        t("Settings"): " ".join(f"{name}={value}" for name, value in (row.settings or {}).items()),
        t("Duration (s)"): round(row.ms / 1000, 2),
        t("Input tokens"): row.input_tokens,
        t("Output tokens"): row.output_tokens,
        t("Cost (USD)"): None if row.cost_usd is None else float(row.cost_usd),
        t("Error ID"): row.event_id or "",
        t("Person ID"): row.person,
    }
    if session.audit_log().shows_texts:
        shown[t("Question")] = row.text or ""
    return {**shown, "SHA-256": row.prompt_hash or ""}


def _outcome(row: AuditRow) -> str:
    marks = [
        word
        for word, holds in (
            (t("cached"), row.cached),
            (t("simulated"), row.simulated),
            (t("not sent"), row.sent is False),
        )
        if holds
    ]
    return " · ".join([row.outcome, *marks])


def _first() -> None:
    st.session_state.pop(PLACES, None)


def _older(page: AuditPage) -> None:
    st.session_state.setdefault(PLACES, []).append(page.following)


def _newer() -> None:
    if st.session_state.get(PLACES):
        st.session_state[PLACES].pop()
