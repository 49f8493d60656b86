"""Actions of judge and merge: choose a model, ask it, stop it, ask again, open a merged answer in a chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import streamlit as st

from ....insight.judging import questions
from ....store import StoreError
from ....views.comparison import Kind, Link, Opinion
from ....views.conversation import Turn
from ... import default_model, layout, session
from ...base.flash import flash, store_errors_shown
from ...text import t
from .answers import Panel

SHOWN = 4
PROMPTS: dict[str, Callable[[str, Sequence[str], str], str]] = {"judge": questions.judge, "merge": questions.merge}


def links(panel: Panel) -> list[Link]:
    """The judgements and merges of these answers, newest first; none while the database is unavailable."""
    assert panel.board.run
    try:
        return session.person().verdicts.links(panel.board.run.id, panel.ids)
    except StoreError:
        return []


def opinions(panel: Panel, kind: Kind) -> list[Opinion]:
    """The opinions of one kind, newest first."""
    try:
        of_kind = [link for link in links(panel) if link.kind == kind]
        return session.person().verdicts.opinions(of_kind[:SHOWN])
    except StoreError:
        return []


def is_running(link: Link) -> bool:
    try:
        opinions = session.person().verdicts.opinions([link])
    except StoreError:
        return False
    return any(opinion.view.running() for opinion in opinions)


def model(panel: Panel, kind: Kind) -> str:
    """The judge or merge model: the last choice, else a ready model, preferably without an answer here. While names
    are hidden that preference is off, because it would reveal who takes part.

    Answers of an own or local provider are shown to another one only if the person chose it for this comparison;
    "" if a model must be chosen.
    """
    assert panel.board.run
    chosen: str = st.session_state.get(f"{kind}-model", "")
    if chosen and st.session_state.get(f"{kind}-model-for") == panel.board.run.id:
        return chosen
    writers = list(dict.fromkeys(answer.turn.model_id for answer in panel.answers))
    avoided = writers if panel.named else []
    ready = [chosen] if chosen else []
    ready += sorted(default_model.usual(), key=lambda name: name in avoided)
    verdicts = session.person().verdicts
    return next((name for name in [*ready, *writers] if verdicts.may_read(name, writers)), "")


def choose(panel: Panel, kind: Kind, model_id: str) -> None:
    assert panel.board.run
    st.session_state[f"{kind}-model"] = model_id
    st.session_state[f"{kind}-model-for"] = panel.board.run.id


def prompt(panel: Panel, kind: Kind) -> str:
    """The prompt, for its price; the order of the answers is drawn only when it is sent."""
    return PROMPTS[kind](panel.asked.prompt, panel.texts, panel.board.nonce)


def ask(panel: Panel, kind: Kind, model_id: str) -> None:
    """Ask the model about the answers, labelled with letters in random order, once per page run."""
    board = panel.board
    assert board.run
    request_id = board.request_id(kind, model_id)
    order = list(panel.answers)
    Random(request_id).shuffle(order)  # noqa: S311 - the same for a second click, no secret
    text = PROMPTS[kind](panel.asked.prompt, [answer.text for answer in order], session.new_id())
    ids = [answer.turn.answer_id for answer in order]
    try:
        session.person().verdicts.ask(request_id, board.run.id, kind, text, ids, model_id)
    except StoreError:
        flash(t("Not sent: nothing can be saved right now. Try again when the database is back."), warning=True)


def again(panel: Panel, opinion: Opinion) -> None:
    """Send the same prompt to the same model again."""
    turn = opinion.turn
    if turn is None or opinion.view.running():
        return
    request_id = panel.board.request_id("again", opinion.view.id)
    with store_errors_shown():
        session.person().chats.again(request_id, opinion.view, turn, opinion.model_id)


def stop(turn: Turn) -> None:
    if not session.person().chats.stop(turn.request_id):
        flash(t("Another instance of the app is writing this answer; it will finish by itself."))


def open_in_chat(panel: Panel, opinion: Opinion) -> None:
    """Open the merged answer in a chat that begins with the original question. Not for callbacks."""
    with store_errors_shown():
        chat_id = session.person().verdicts.fork(opinion, panel.asked.prompt)
        st.session_state["conversation"] = chat_id
        layout.go("chat")
