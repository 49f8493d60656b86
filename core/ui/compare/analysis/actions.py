"""What people do with judges and mergers: choose a model, ask it, stop it, ask again, open what it merged in a chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import streamlit as st

from ....insight.judging import questions
from ....store import StoreError
from ....views.comparison import Kind, Link, Opinion
from ....views.conversation import Turn
from ... import layout, session
from ...base.flash import flash, store_errors_shown
from ...text import t
from .answers import Panel

SHOWN = 4
PROMPTS: dict[str, Callable[[str, Sequence[str], str], str]] = {"judge": questions.judge, "merge": questions.merge}


def links(panel: Panel) -> list[Link]:
    """Who was asked about these answers, the newest first; none while the database is away."""
    assert panel.board.run
    try:
        return session.person().verdicts.links(panel.board.run.id, panel.ids)
    except StoreError:
        return []


def opinions(panel: Panel, kind: Kind) -> list[Opinion]:
    """What those of a kind have said so far, the newest first."""
    try:
        found = [link for link in links(panel) if link.kind == kind]
        return session.person().verdicts.opinions(found[:SHOWN])
    except StoreError:
        return []


def is_running(link: Link) -> bool:
    try:
        found = session.person().verdicts.opinions([link])
    except StoreError:
        return False
    return any(opinion.view.running() for opinion in found)


def model(panel: Panel, kind: Kind) -> str:
    """Who judges or merges: the last choice, else a model that is ready and, where names are known, has no answer
    here: while they are hidden it must not tell who has none.

    What an own or local provider wrote is shown to another one only where the person chose it for this comparison;
    "" where somebody must be chosen.
    """
    assert panel.board.run
    chosen: str = st.session_state.get(f"{kind}-model", "")
    if chosen and st.session_state.get(f"{kind}-model-for") == panel.board.run.id:
        return chosen
    writers = list(dict.fromkeys(answer.turn.model_id for answer in panel.answers))
    taken = writers if panel.named else []
    ready = [chosen] if chosen else []
    ready += sorted(session.usual_models(), key=lambda name: name in taken)
    verdicts = session.person().verdicts
    return next((name for name in [*ready, *writers] if verdicts.may_read(name, writers)), "")


def choose(panel: Panel, kind: Kind, model_id: str) -> None:
    assert panel.board.run
    st.session_state[f"{kind}-model"] = model_id
    st.session_state[f"{kind}-model-for"] = panel.board.run.id


def prompt(panel: Panel, kind: Kind) -> str:
    """What would be sent, for its price; the order of the answers is drawn when it is."""
    return PROMPTS[kind](panel.asked.prompt, panel.texts, panel.board.nonce)


def ask(panel: Panel, kind: Kind, model_id: str) -> None:
    """Show the answers to the model under letters in a chance order, once for this drawing."""
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
    """Put the same prompt to the same model once more."""
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
    """Go on with the merged answer in a chat that begins with the question itself. Not for callbacks."""
    with store_errors_shown():
        chat_id = session.person().verdicts.fork(opinion, panel.asked.prompt)
        st.session_state["conversation"] = chat_id
        layout.go("chat")
