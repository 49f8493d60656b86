"""Proposed FAQ answers: the administrator reads, edits, approves or rejects each before anybody gets it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from ...views.faq import SharedAnswer
from .. import session
from ..answer.painter import draw
from ..base.flash import flash, store_errors_shown
from ..models.marks import speaker_of
from ..text import count, plain, t, wait
from . import login


def waiting(answers: Sequence[SharedAnswer]) -> None:
    """Answers that wait for approval."""
    if not answers:
        return
    st.markdown(f"**{t('Waiting for your approval')}** · {count(len(answers))}")
    for number, answer in enumerate(answers):
        with st.expander(_title(answer), expanded=number == 0, icon=":material/rate_review:"):
            _shown(answer)
            with st.container(horizontal=True, gap="small"):
                st.button(
                    t("Approve"),
                    type="primary",
                    icon=":material/check:",
                    key=f"faq-approve-{answer.name}",
                    on_click=_approve,
                    args=(answer.name,),
                )
                st.button(
                    t("Reject"),
                    icon=":material/close:",
                    key=f"faq-reject-{answer.name}",
                    on_click=_reject,
                    args=(answer.name,),
                )


def approved(answers: Sequence[SharedAnswer]) -> None:
    """Answers that everybody gets."""
    if not answers:
        return
    st.markdown(f"**{t('Approved answers')}** · {count(len(answers))}")
    for answer in answers:
        with st.expander(_title(answer), icon=":material/check_circle:"):
            _shown(answer)
            with st.container(horizontal=True, gap="small"):
                st.button(
                    t("Save"),
                    icon=":material/save:",
                    key=f"faq-approve-{answer.name}",
                    on_click=_approve,
                    args=(answer.name,),
                )
                st.button(
                    t("Withdraw"),
                    icon=":material/undo:",
                    key=f"faq-reject-{answer.name}",
                    on_click=_reject,
                    args=(answer.name,),
                )


def _title(answer: SharedAnswer) -> str:
    speaker = speaker_of(answer.model_id, session.engine().catalog.providers)
    age = wait((datetime.now(UTC) - answer.made_at).total_seconds())
    edited = f" · {t('edited')}" if answer.edited else ""
    model = f"{speaker.provider_name} {speaker.model_name}"
    return f"{plain(answer.question)[:80]} · {model} · {t('{age} old', age=age)}{edited}"


def _shown(answer: SharedAnswer) -> None:
    """The answer as users see it, and a box to edit it."""
    draw(st.container(gap="small"), answer.text)
    st.text_area(t("Answer"), value=answer.text, key=_field(answer.name), height=160)


def _field(name: str) -> str:
    return f"faq-answer-{name}"


def _approve(name: str) -> None:
    """Approve the text in the box."""
    if login.is_logged_in():
        with store_errors_shown():
            session.person().faq.approve(name, str(st.session_state.get(_field(name)) or ""))
            flash(t("Approved: everyone who asks gets it."))


def _reject(name: str) -> None:
    if login.is_logged_in():
        with store_errors_shown():
            session.person().faq.reject(name)
            flash(t("Nobody gets it."))
