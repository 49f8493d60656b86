"""The notice above the box when a question contains secrets or personal data: what was found, and what can be done.

The question is back in the box, and its files stand above it until it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from ...safety.screening import Alarm
from ...views.conversation import Decision, File
from ..answer import screened
from ..text import sentences, t
from . import drafts, tray

Send = Callable[[str, Sequence[File], Decision], None]


@dataclass(frozen=True, slots=True)
class HeldQuestion:
    """`name` is the draft's: another chat shows nothing of it."""

    name: str
    prompt: str
    alarm: Alarm


def hold(box: str, name: str, prompt: str, alarm: Alarm) -> None:
    """Put the question back into the box and show the notice in the next run."""
    drafts.put(box, prompt)
    st.session_state[_key(box)] = HeldQuestion(name, prompt, alarm)


def forget(box: str) -> None:
    """The question was sent, or is edited."""
    st.session_state.pop(_key(box), None)


def draw(box: str, name: str, send: Send, trains: Callable[[], str]) -> None:
    """The notice, if there is one. `trains` names who may use the text for training, "" if nobody."""
    question = _held(box, name)
    if question is None:
        return
    with st.container(key="outgoing", gap="xxsmall"):
        st.markdown(f":orange[:material/shield:] **{t('Not sent yet.')}** {_sentence(question.alarm, trains())}")
        _buttons(box, question, send)


def _sentence(alarm: Alarm, trains: str) -> str:
    contents = screened.listed({**alarm.secrets, **alarm.personal}, alarm.vendors)
    parts = [t("Your text contains {what}.", what=contents)]
    if alarm.personal and trains:
        parts.append(t("{who} may use it for training.", who=trains))
    parts.append(t("Masked, it is sent with placeholders, and the answer shows the original words again."))
    return sentences(*parts)


def _buttons(box: str, question: HeldQuestion, send: Send) -> None:
    files = tray.files(box, question.name)  # as they stand above the box when a button is clicked

    def chosen(decision: Decision) -> None:
        send(question.prompt, files, decision)

    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="outgoing-buttons"):
        st.button(
            t("Mask and send"),
            icon=":material/visibility_off:",
            type="primary",
            key="outgoing-mask",
            shortcut="Ctrl+Enter",
            on_click=chosen,
            args=("mask",),
        )
        if not question.alarm.secrets:
            st.button(t("Send as it is"), key="outgoing-send", on_click=chosen, args=("send",))
        st.button(t("Edit"), type="tertiary", key="outgoing-edit", on_click=forget, args=(box,))


def _held(box: str, name: str) -> HeldQuestion | None:
    question: HeldQuestion | None = st.session_state.get(_key(box))
    return question if question and question.name == name else None


def _key(box: str) -> str:
    return f"outgoing-{box}"
