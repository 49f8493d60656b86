"""The actions of the Compare page. Each goes through the workspace, which commits it before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import streamlit as st

from ...errors import BlockedInput
from ...records import Completion
from ...safety.incoming import is_blank
from ...store import StoreError
from ...views.conversation import ConversationView, Decision, File, GenerationSettings, Turn
from .. import layout, session, tips
from ..base.flash import blocked, flash, store_errors_shown
from ..chat import drafts, held_back, outgoing_notice, tray
from ..models import fit
from ..models.default_selection import FEWEST, default_selection
from ..scheduled import offer
from ..text import t
from . import blind, column_settings, labels
from . import files as column_files
from .board import ASK, LATER, MOST, Board, ColumnSlot, generation, remember

TOGETHER = timedelta(seconds=5)
ENDED_WELL = ("stop", "length")
FOLLOWED = "followed"


def ask(board: Board, prompt: str, files: Sequence[File] | None = None, decision: Decision = "ask") -> None:
    """Send the prompt to all columns; the first one starts a comparison. Running answers are stopped and kept. A prompt
    that contains secrets or personal data waits for the person's decision, one with pictures for models that see."""
    name = draft_name(board)
    if files is None:
        if tray.is_repeated(ASK, name, board.nonce, prompt):
            return
        if tray.must_wait(ASK, name, prompt, column_files.known_models(board)):
            column_files.note_lacks(board)
            drafts.put(ASK, prompt)
            return
        files = tray.files(ASK, name)
    prompt = tray.without_words(files) if is_blank(prompt) else prompt.strip()
    running, newest = board.running(), board.newest
    if not prompt or (running and newest and newest.prompt == prompt and not all(map(ended, running))):
        return
    if column_files.hold(board, files):
        drafts.put(ASK, prompt)
        return
    comparisons = session.person().comparisons
    request_id = board.request_id("ask", prompt, *(file.sha256 or file.name for file in files))
    settings, own_settings = GenerationSettings(**generation(board)), column_settings.drafts(board)
    alarm = session.person().outgoing.of_comparison(
        prompt, board.models, comparison=board.run, generation=settings, apart=own_settings, files=files
    )
    if alarm and decision == "ask":
        outgoing_notice.hold(ASK, name, prompt, alarm)
        return
    later = {} if board.is_blind else offer.chosen(LATER)
    at = {slot.number: later[slot.model_id] for slot in board.places if slot.model_id in later}
    try:
        if board.run is None:
            is_blind = blind.is_on()
            models = blind.choose(board.models, request_id, fit.load(files)) if is_blind else board.models
            run_id = comparisons.start(
                request_id,
                prompt,
                models,
                generation=settings,
                apart=own_settings,
                blind=is_blind,
                later=at,
                decision=decision,
                files=files,
            )
            remember(board.models, run_id)
        else:
            by_lane = {slot.lane.id: at[slot.number] for slot in board.places if slot.lane and slot.number in at}
            comparisons.go_on(
                request_id,
                board.run,
                prompt,
                follows=followed(board),
                later=by_lane,
                decision=decision,
                files=files,
            )
    except BlockedInput as error:
        drafts.put(ASK, prompt)
        flash(blocked(error), warning=True)
    except StoreError:
        drafts.put(ASK, prompt)
        flash(t("Not sent: nothing can be saved right now. Your question is back in the input box."), warning=True)
    else:
        outgoing_notice.forget(ASK)
        held_back.forget(ASK)
        tray.sent(ASK, name, board.nonce, prompt)
        drafts.sent(ASK, name, prompt)
        tips.done("compare")
        if board.is_blind or blind.is_on():
            tips.done("blind")


def draft_name(board: Board) -> str:
    """The name of the draft in the box."""
    return board.run.id if board.run else drafts.NEW


def notice(board: Board) -> None:
    """What the prompt contains that a person must decide on, and which columns may be trained on it."""

    def trains() -> str:
        takes = session.person().outgoing.takes_personal_data
        letters = [labels.label_of(board, slot).letter for slot in board.places if not takes(slot.model_id)]
        named = t(", ").join(f"**{letter}**" for letter in letters)
        return t("some models") if board.is_blind and letters else named

    lacks = column_files.lacks(board)
    tray.draw(
        ASK,
        draft_name(board),
        models=column_files.known_models(board),
        choose=None if board.is_blind else lambda model_id: add_model(board, model_id),
        ask=lambda words: ask(board, words),
    )
    if column_files.lacks(board) != lacks:  # files have come in since the columns were drawn
        st.rerun()
    outgoing_notice.draw(ASK, draft_name(board), lambda *question: ask(board, *question), trains)
    column_files.draw(board, lambda slot, model_id: choose(board, slot, model_id))


def again(board: Board, slot: ColumnSlot) -> None:
    """Ask this column the newest question again, or for the first time if it was not asked."""
    turn, lane = board.turn(slot), slot.lane
    if board.run is None or lane is None or (turn and turn.state == "running" and not ended(turn)):
        return
    comparisons, request_id = session.person().comparisons, board.request_id("again", lane.id)
    with store_errors_shown():
        if turn:
            comparisons.again(request_id, lane, turn)
        elif board.newest:
            comparisons.take_part(request_id, board.run, lane)


def send_later(board: Board, slot: ColumnSlot, turn: Turn, at: datetime) -> None:
    """Queue the refused question of this column until its limit resets."""
    if slot.lane:
        request_id = board.request_id("later", turn.question_id)
        with store_errors_shown():
            session.person().comparisons.again(request_id, slot.lane, turn, not_before=at)


def ended(turn: Turn) -> Completion | None:
    """How the answer ended; None while it runs, or if that cannot be read."""
    with suppress(StoreError):
        return session.person().chats.progress(turn.request_id).completion
    return None


def stop(turns: Sequence[Turn]) -> None:
    for turn in turns:
        if not session.person().chats.stop(turn.request_id) and not ended(turn):
            flash(t("Another instance of the app is writing this answer; it will finish by itself."))


def choose(board: Board, slot: ColumnSlot, model_id: str) -> None:
    """Change the model of a column, from now on."""
    if slot.lane is None:
        models = list(board.models)
        models[slot.number] = model_id
        remember(models, None)
        return
    with store_errors_shown():
        session.person().comparisons.swap(slot.lane, model_id)


def add(board: Board) -> None:
    """Add a column with the first usual model that has none yet."""
    candidates = [name for name in (*default_selection(), *board.models) if name not in board.models] or list(
        board.models
    )
    add_model(board, candidates[0])


def add_model(board: Board, model_id: str) -> None:
    """Add a column with this model; in a running comparison it is asked only on request."""
    if len(board.places) >= MOST:
        return
    if board.run is None:
        remember([*board.models, model_id], None)
        return
    with store_errors_shown():
        session.person().comparisons.add(board.request_id("add", model_id), board.run, model_id)


def remove(board: Board, slot: ColumnSlot) -> None:
    """Remove a column; its answers stay in the history, and it can be put back."""
    if len(board.places) <= FEWEST:
        return
    if slot.lane is None:
        models = list(board.models)
        del models[slot.number]
        column_settings.without(slot.number)
        remember(models, None)
        return
    with store_errors_shown():
        session.person().comparisons.take_out(slot.lane)


def put_back(lane: ConversationView) -> None:
    with store_errors_shown():
        session.person().comparisons.put_back(lane)


def forget(board: Board) -> None:
    """Start an empty comparison with the same models; the last one stays in the history."""
    stop(board.running())
    remember(blind.chosen() if board.is_blind and board.run else board.models, None)


def wish(board: Board, name: str, value: object) -> None:
    """Change a setting of all columns, from the next question on."""
    changed = {**generation(board), name: value}
    if board.run is None:
        st.session_state["compare-wishes"] = changed
        return
    with store_errors_shown():
        system = str(changed.pop("system", "") or "")
        session.person().comparisons.configure(board.run, GenerationSettings(system, **changed))


def follow_from(board: Board, slot: ColumnSlot | None) -> None:
    """Let all columns continue from this column's answer at the next question; None: each from its own."""
    if board.run and board.newest and slot and slot.lane:
        st.session_state[FOLLOWED] = (board.run.id, board.newest.number, slot.lane.id)
    else:
        st.session_state.pop(FOLLOWED, None)


def followed(board: Board) -> str | None:
    """The lane that the next question continues from, as chosen for this turn; None: each from its own."""
    run_id, number, lane_id = st.session_state.get(FOLLOWED, (None, 0, None))
    is_current = board.run and board.newest and (board.run.id, board.newest.number) == (run_id, number)
    return lane_id if is_current and any(slot.lane and slot.lane.id == lane_id for slot in board.places) else None


def open_in_chat(lane: ConversationView, turn: Turn) -> None:
    """Continue with one answer in a new chat. Not for callbacks."""
    with store_errors_shown():
        chat_id = session.person().comparisons.fork(lane, turn)
        st.session_state["conversation"] = chat_id
        layout.go("chat")


def expand(slot: ColumnSlot | None) -> None:
    """Show one column alone; None: all of them."""
    st.session_state["expanded"] = slot.number if slot else None


def expanded(board: Board) -> ColumnSlot | None:
    number = st.session_state.get("expanded")
    return next((slot for slot in board.places if slot.number == number), None)


def fastest(board: Board, completion_of: Callable[[Turn], Completion | None]) -> Turn | None:
    """The turn that ended first among those that started together and ended well; None if there is none."""
    turns = [turn for slot in board.places if (turn := board.turn(slot)) and len(turn.answer_siblings) < 2]
    starts = [turn.asked_at for turn in turns if turn.asked_at]
    times: dict[str, float] = {}
    for turn in turns:
        completion, started_together = completion_of(turn), not turn.asked_at or turn.asked_at - min(starts) <= TOGETHER
        if (
            started_together
            and completion
            and completion.text
            and not completion.error
            and completion.finish
            and completion.finish.reason in ENDED_WELL
        ):
            times[turn.request_id] = (completion.timing.total_ms or 0) + completion.timing.waited_ms
    fastest_id = min(times, key=times.__getitem__, default=None)
    return next((turn for turn in turns if turn.request_id == fastest_id), None) if len(turns) > 1 else None
