"""Questions that were asked more than once, and what spares the next call: the FAQ list, or reuse of cached answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import streamlit as st

from ...insight.log_findings import LogFindings, RepeatedQuestion
from ...insight.repeats import form
from ...store import StoreError
from .. import session
from ..admin import login
from ..base.flash import flash, store_errors_shown
from ..base.time_zone import zone
from ..text import count, date_of, sentences, t, tn
from .topic_list import link

SHOWN, MORE = 6, 20


def draw(findings: LogFindings) -> None:
    st.subheader(t("What you ask again"), anchor=False)
    if not findings.repeated:
        st.caption(t("No first question of a conversation was asked twice in nearly the same words."))
        return
    admin = login.is_logged_in()
    st.caption(sentences(_sum(findings), _advice(admin)))
    listed = _listed() if admin else ()
    shown = MORE if st.session_state.get("repeats-all") else SHOWN
    with st.container(key="repeated", gap="xsmall"):
        for group in findings.repeated[:shown]:
            _row(group, findings, listed, admin)
    if len(findings.repeated) > shown:
        st.button(t("Show more"), key="repeats-more", on_click=_more)


def _row(group: RepeatedQuestion, findings: LogFindings, listed: Collection[str], admin: bool) -> None:
    text = findings.texts.get(group.newest.id)
    if text is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"repeat-{group.newest.id}"):
        link(group.newest, findings.texts)
        st.caption(_times(group), width="content")
        if admin and group.newest.form in listed:
            st.caption(t("on the FAQ list"), width="content")
        elif admin:
            st.button(
                t("Add to the FAQ list"),
                icon=":material/playlist_add:",
                key=f"repeat-add-{group.newest.id}",
                on_click=_add,
                args=(text,),
            )


def _times(group: RepeatedQuestion) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=group.newest.at_us)
    parts = [tn("asked once", "asked {number} times", group.n, number=count(group.n))]
    if group.wordings > 1:
        parts.append(tn("in {number} wording", "in {number} wordings", group.wordings))
    parts.append(t("last on {day}", day=date_of(moment.astimezone(zone()).date())))
    return " · ".join(parts)


def _sum(findings: LogFindings) -> str:
    return tn(
        "{number} question had been asked before in nearly the same words.",
        "{number} questions had been asked before in nearly the same words.",
        findings.repeats,
        number=count(findings.repeats),
    )


def _advice(admin: bool) -> str:
    """What can be done about it, with this server's cache."""
    mode = session.engine().settings.cache
    if mode == "off":
        return t("The cache is turned off on this server.")
    if admin:
        return t("On the FAQ list, the answer that you approve is given to everyone without a call.")
    if mode == "on":
        return t("With “Reuse cached answers” in the settings of a chat, the same question costs no call.")
    return t("An administrator can put a question on the FAQ list: its approved answer then costs no call.")


def _listed() -> Collection[str]:
    """The questions of the FAQ, in the form they are compared in."""
    try:
        return {form(question.question) for question in session.person().faq.questions()}
    except StoreError:
        return ()


def _add(question: str) -> None:
    if not login.is_logged_in():
        return
    with store_errors_shown():
        if session.person().faq.mark([question]):
            flash(t("Added to the FAQ list: the next answer to it waits there for your approval."))
        else:
            flash(t("It is on the FAQ list already."))


def _more() -> None:
    st.session_state["repeats-all"] = True
