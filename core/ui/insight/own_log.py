"""What the reader's own log shows: its sections, and the progress of the reading that they come from."""

from __future__ import annotations

import streamlit as st

from ...store import StoreError, Unavailable
from .. import session
from ..text import t
from . import overview, repeated, tone_chart, topic_list

TICK_S = 0.7


def draw() -> None:
    """All sections, or how far the first reading is. Opens the database."""
    st.subheader(t("What you ask, and what you get"), anchor=False)
    try:
        look = session.person().insights.look()
    except StoreError as error:
        st.caption(_failed(error))
        return
    if look.error:
        st.caption(_failed(look.error))
        if look.findings:
            st.caption(t("Shown is what was found before."))
    findings = look.findings
    if look.is_reading:
        _progress()
    if findings:
        overview.draw(findings, look.calls, look.settings)
        topic_list.draw(findings)
        tone_chart.draw(findings.tones)
        repeated.draw(findings)
    elif look.done and not look.is_reading:
        _empty()


@st.fragment(run_every=TICK_S)
def _progress() -> None:
    """Redrawn by a timer until the reading ends; then the page is."""
    try:
        look = session.person().insights.look()
    except StoreError:
        st.rerun()  # the page says why
    if not look.is_reading:
        st.rerun()
    if not look.findings:  # what is new is read quietly
        st.progress(look.share, text=stage(look.stage))
        st.caption(t("You can leave this page: the reading goes on, and nothing leaves this computer."))


def stage(name: str) -> str:
    return {
        "waiting": t("Waiting for another reader …"),
        "reading": t("Reading your questions and answers …"),
        "sums": t("Counting …"),
        "topics": t("Finding topics …"),
        "repeats": t("Looking for repeated questions …"),
    }.get(name, t("Reading your questions and answers …"))


def _failed(error: StoreError) -> str:
    if isinstance(error, Unavailable):
        return t("Your log cannot be read right now: the database is unavailable.")
    return t("Your log could not be analysed. The fault is in the server's log.")


def _empty() -> None:
    with st.container(key="no-log", gap="small"):
        st.markdown(
            t(
                "After your first question, this shows how you use the models: languages, refusals, lengths; from "
                "eight different questions on their topics, and what you ask again and again."
            )
        )
