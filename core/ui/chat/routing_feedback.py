"""One click reports that "auto" chose the wrong size; a second click takes it back."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from ...records import Routing, Size
from ...routing.feedback import OTHER
from ...store import StoreError
from ...views.conversation import Turn
from .. import session
from ..base.flash import flash, store_errors_shown
from ..text import t
from .state import Chat


def feedback_of(chat: Chat) -> dict[str, Size]:
    """The feedback on answers of this chat, by answer id; read only if there are routed answers."""
    if chat.view is None or not any(_was_routed(turn) for turn in chat.turns):
        return {}

    with suppress(StoreError):
        return session.person().routing_feedback.verdicts_of(chat.view.id)
    return {}


def draw(turn: Turn, verdicts: dict[str, Size], key: str) -> None:
    """The button of a routed answer; nothing for others."""
    routing = turn.completion.routing if turn.completion else None
    if routing is None or turn.completion is None or not turn.completion.text.strip():
        return
    better, judged = OTHER[routing.tier], verdicts.get(turn.answer_id)
    label = t("Model too small") if better == "big" else t("Model too big")
    st.button(
        f":blue[**{label}**]" if judged else label,
        icon=":material/check:" if judged else ":material/unfold_more:",
        type="tertiary",
        key=f"verdict-{key}",
        help=t("Your rating; click to undo") if judged else _help(better),
        on_click=_judge,
        args=(turn.answer_id, None if judged else better, routing),
    )


def _help(better: Size) -> str:
    if better == "big":
        return t("A big model should have answered this. Counted on the Insights page.")
    return t("A small model would have been enough. Counted on the Insights page.")


def _judge(message_id: str, better: Size | None, routing: Routing) -> None:
    with store_errors_shown():
        if not session.person().routing_feedback.judge(message_id, better, routing):
            flash(t("It no longer exists."))


def _was_routed(turn: Turn) -> bool:
    return turn.completion is not None and turn.completion.routing is not None
