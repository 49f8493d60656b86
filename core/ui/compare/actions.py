"""What people do on the comparison's page. Every act goes through the workspace, which commits it before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import streamlit as st

from ...errors import BlockedInput
from ...records import Completion
from ...safety.incoming import is_blank
from ...store import StoreError
from ...views.conversation import ConversationView, GenerationSettings, Turn
from .. import layout, session
from ..asking import drafts
from ..base.flash import blocked, flash, store_errors_shown
from ..models.line_up import FEWEST, usual
from ..text import t
from . import apart, blind
from .board import ASK, MOST, Board, ColumnSlot, generation, remember

TOGETHER = timedelta(seconds=5)
ENDED_WELL = ("stop", "length")
FOLLOWED = "followed"


def ask(shown: Board, prompt: str) -> None:
    """Put the prompt to all columns: a first one starts a comparison. What still runs is stopped, its part kept."""
    prompt = "" if is_blank(prompt) else prompt.strip()
    running, newest = shown.running(), shown.newest
    if not prompt or (running and newest and newest.prompt == prompt and not all(map(ended, running))):
        return
    comparisons, request_id = session.person().comparisons, shown.request_id("ask", prompt)
    try:
        if shown.run is None:
            wanted, otherwise = GenerationSettings(**generation(shown)), apart.drafts(shown)
            is_blind = blind.is_on()
            models = blind.choose(shown.models, request_id) if is_blind else shown.models
            run_id = comparisons.start(request_id, prompt, models, generation=wanted, apart=otherwise, blind=is_blind)
            remember(shown.models, run_id)
        else:
            comparisons.go_on(request_id, shown.run, prompt, follows=followed(shown))
    except BlockedInput as error:
        drafts.put(ASK, prompt)
        flash(blocked(error), warning=True)
    except StoreError:
        drafts.put(ASK, prompt)
        flash(t("Not sent: nothing can be saved right now. Your question is back in the input box."), warning=True)
    else:
        drafts.sent(ASK, shown.run.id if shown.run else drafts.NEW, prompt)


def again(shown: Board, place: ColumnSlot) -> None:
    """Another answer to the newest question in this column, or the first one where it was not asked."""
    turn, lane = shown.turn(place), place.lane
    if shown.run is None or lane is None or (turn and turn.state == "running" and not ended(turn)):
        return
    comparisons, request_id = session.person().comparisons, shown.request_id("again", lane.id)
    with store_errors_shown():
        if turn:
            comparisons.again(request_id, lane, turn)
        elif shown.newest:
            comparisons.take_part(request_id, shown.run, lane)


def ended(turn: Turn) -> Completion | None:
    """How the answer ended; None while it goes on, or while nobody can tell."""
    with suppress(StoreError):
        return session.person().chats.progress(turn.request_id).completion
    return None


def stop(turns: Sequence[Turn]) -> None:
    for turn in turns:
        if not session.person().chats.stop(turn.request_id) and not ended(turn):
            flash(t("Another instance of the app is writing this answer; it will finish by itself."))


def choose(shown: Board, place: ColumnSlot, model_id: str) -> None:
    """Another model in one column, from now on."""
    if place.lane is None:
        models = list(shown.models)
        models[place.number] = model_id
        remember(models, None)
        return
    with store_errors_shown():
        session.person().comparisons.swap(place.lane, model_id)


def add(shown: Board) -> None:
    """One more column: the first usual model that is not there yet."""
    spare = [name for name in (*usual(), *shown.models) if name not in shown.models] or list(shown.models)
    add_model(shown, spare[0])


def add_model(shown: Board, model_id: str) -> None:
    """One more column with this model; in a comparison that is under way it is asked when somebody says so."""
    if len(shown.places) >= MOST:
        return
    if shown.run is None:
        remember([*shown.models, model_id], None)
        return
    with store_errors_shown():
        session.person().comparisons.add(shown.request_id("add", model_id), shown.run, model_id)


def remove(shown: Board, place: ColumnSlot) -> None:
    """One column less; what it has answered stays in the history, and it can be put back."""
    if len(shown.places) <= FEWEST:
        return
    if place.lane is None:
        models = list(shown.models)
        del models[place.number]
        apart.without(place.number)
        remember(models, None)
        return
    with store_errors_shown():
        session.person().comparisons.take_out(place.lane)


def put_back(lane: ConversationView) -> None:
    with store_errors_shown():
        session.person().comparisons.put_back(lane)


def forget(shown: Board) -> None:
    """An empty comparison with the same line-up; the last one is in the history."""
    stop(shown.running())
    remember(blind.chosen() if shown.is_blind and shown.run else shown.models, None)


def wish(shown: Board, name: str, value: object) -> None:
    """Change a setting of all columns, from the next question on."""
    changed = {**generation(shown), name: value}
    if shown.run is None:
        st.session_state["compare-wishes"] = changed
        return
    with store_errors_shown():
        system = str(changed.pop("system", "") or "")
        session.person().comparisons.configure(shown.run, GenerationSettings(system, **changed))


def follow_from(shown: Board, place: ColumnSlot | None) -> None:
    """Let all go on from this column's answer at the next question; None: each from its own."""
    if shown.run and shown.newest and place and place.lane:
        st.session_state[FOLLOWED] = (shown.run.id, shown.newest.number, place.lane.id)
    else:
        st.session_state.pop(FOLLOWED, None)


def followed(shown: Board) -> str | None:
    """The lane that the next question follows, as chosen for this turn; None: each its own."""
    run_id, number, lane_id = st.session_state.get(FOLLOWED, (None, 0, None))
    here_now = shown.run and shown.newest and (shown.run.id, shown.newest.number) == (run_id, number)
    return lane_id if here_now and any(place.lane and place.lane.id == lane_id for place in shown.places) else None


def open_in_chat(lane: ConversationView, turn: Turn) -> None:
    """Go on with one answer in a chat of its own. Not for callbacks."""
    with store_errors_shown():
        chat_id = session.person().comparisons.fork(lane, turn)
        st.session_state["conversation"] = chat_id
        layout.go("chat")


def expand(place: ColumnSlot | None) -> None:
    """Show one column alone; None: all of them."""
    st.session_state["expanded"] = place.number if place else None


def expanded(shown: Board) -> ColumnSlot | None:
    number = st.session_state.get("expanded")
    return next((place for place in shown.places if place.number == number), None)


def fastest(shown: Board, ends: Callable[[Turn], Completion | None]) -> Turn | None:
    """The lane that ended first of those that started together and ended well; None while none has."""
    turns = [turn for place in shown.places if (turn := shown.turn(place)) and len(turn.answer_siblings) < 2]
    starts = [turn.asked_at for turn in turns if turn.asked_at]
    times: dict[str, float] = {}
    for turn in turns:
        end, together = ends(turn), not turn.asked_at or turn.asked_at - min(starts) <= TOGETHER
        if together and end and end.text and not end.error and end.finish and end.finish.reason in ENDED_WELL:
            times[turn.request_id] = (end.timing.total_ms or 0) + end.timing.waited_ms
    first = min(times, key=times.__getitem__, default=None)
    return next((turn for turn in turns if turn.request_id == first), None) if len(turns) > 1 else None
