"""Answers for everybody, before anybody gets them: the administrator reads each, changes it, approves or rejects it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from ...views.faq import SharedAnswer
from .. import session
from ..answer.painter import draw
from ..base.flash import flash, store_errors_shown
from ..models.marks import who
from ..text import count, plain, t, wait
from . import door


def waiting(answers: Sequence[SharedAnswer]) -> None:
    """Those that nobody is given yet."""
    if not answers:
        return
    st.markdown(f"**{t('Waiting for your approval')}** · {count(len(answers))}")
    for number, one in enumerate(answers):
        with st.expander(_title(one), expanded=number == 0, icon=":material/rate_review:"):
            _shown(one)
            with st.container(horizontal=True, gap="small"):
                st.button(
                    t("Approve"),
                    type="primary",
                    icon=":material/check:",
                    key=f"faq-approve-{one.name}",
                    on_click=_approve,
                    args=(one.name,),
                )
                st.button(
                    t("Reject"),
                    icon=":material/close:",
                    key=f"faq-reject-{one.name}",
                    on_click=_reject,
                    args=(one.name,),
                )


def approved(answers: Sequence[SharedAnswer]) -> None:
    """Those that everybody is given."""
    if not answers:
        return
    st.markdown(f"**{t('Approved answers')}** · {count(len(answers))}")
    for one in answers:
        with st.expander(_title(one), icon=":material/check_circle:"):
            _shown(one)
            with st.container(horizontal=True, gap="small"):
                st.button(
                    t("Save"),
                    icon=":material/save:",
                    key=f"faq-approve-{one.name}",
                    on_click=_approve,
                    args=(one.name,),
                )
                st.button(
                    t("Withdraw"),
                    icon=":material/undo:",
                    key=f"faq-reject-{one.name}",
                    on_click=_reject,
                    args=(one.name,),
                )


def _title(one: SharedAnswer) -> str:
    speaker = who(one.model_id, session.engine().catalog.providers)
    age = wait((datetime.now(UTC) - one.made_at).total_seconds())
    edited = f" · {t('edited')}" if one.edited else ""
    return (
        f"{plain(one.question)[:80]} · {speaker.provider_name} {speaker.model_name} · {t('{age} old', age=age)}{edited}"
    )


def _shown(one: SharedAnswer) -> None:
    """The answer as people will see it, and as it can be changed."""
    draw(st.container(gap="small"), one.text)
    st.text_area(t("Answer"), value=one.text, key=_field(one.name), height=160)


def _field(name: str) -> str:
    return f"faq-answer-{name}"


def _approve(name: str) -> None:
    """What stands in the box is what everybody gets from now on."""
    if door.is_open():
        with store_errors_shown():
            session.person().faq.approve(name, str(st.session_state.get(_field(name)) or ""))
            flash(t("Approved: everyone who asks gets it."))


def _reject(name: str) -> None:
    if door.is_open():
        with store_errors_shown():
            session.person().faq.reject(name)
            flash(t("Nobody gets it."))
