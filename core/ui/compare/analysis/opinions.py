"""Opinions of models about the answers: the form to ask one, then each opinion, newest first.

Judge and merge differ only in how an opinion is shown: `Show` gets the opinion, its turn, the model, and a prefix for
widget keys.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ....views.comparison import Kind, Opinion
from ....views.conversation import Turn
from ... import session
from ...base.buttons import icon_button
from ...chat.follow import AnswerFollower
from ...models.marks import Speaker, speaker_of
from ...text import t
from . import actions, ask_form
from .answers import Panel

Show = Callable[[Panel, Opinion, Turn, Speaker, str], list[AnswerFollower]]


def draw(panel: Panel, kind: Kind, intro: str, show: Show) -> list[AnswerFollower]:
    """Draw the form, then the opinions; returns the running ones."""
    opinions = actions.opinions(panel, kind)
    st.caption(intro)
    ask_form.ask_form(panel, kind, busy=any(opinion.view.running() for opinion in opinions))
    return _all(panel, kind, opinions, show)


def earlier(panel: Panel, kind: Kind, show: Show) -> None:
    """Opinions about an earlier turn."""
    _all(panel, kind, actions.opinions(panel, kind), show)


def status(turn: Turn, name: str) -> DeltaGenerator:
    """The status line of a running opinion, with a Stop button."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{name}-state"):
        line = st.empty()
        line.caption(f":shimmer[{t('Sent')}]")
        icon_button("stop_circle", t("Stop"), f"{name}-stop", actions.stop, turn)
    return line


def retry(panel: Panel, opinion: Opinion) -> Callable[[], None] | None:
    """Asks the same model again; None for an earlier turn."""
    return None if panel.earlier else lambda: actions.again(panel, opinion)


def again_button(label: str, panel: Panel, opinion: Opinion, name: str) -> None:
    if not panel.earlier:
        icon_button("refresh", label, f"again-{name}", actions.again, panel, opinion)


def _all(panel: Panel, kind: Kind, opinions: list[Opinion], show: Show) -> list[AnswerFollower]:
    watches = []
    for number, opinion in enumerate(opinions):
        if number:
            st.divider()
        if opinion.turn:
            speaker = speaker_of(opinion.model_id, session.engine().catalog.providers)
            watches += show(panel, opinion, opinion.turn, speaker, f"{kind}-{number}-{panel.name}")
    return watches
