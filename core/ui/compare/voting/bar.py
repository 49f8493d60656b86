"""The voting bar above the box: the best answer, a tie, or all bad. Another click changes the vote."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from ....insight.topics import topic
from ....store import StoreError
from ....views.comparison import Round
from ....views.conversation import Turn
from ....views.votes import Choice, Vote
from ... import session, tips
from ...base.flash import flash, store_errors_shown
from ...text import t
from .. import labels
from ..board import Board, ColumnSlot
from . import effect, naming

FEWEST = 2


@dataclass(frozen=True)
class Poll:
    """The columns of one turn that can be voted for; `wait` says why voting is not possible yet, else ""."""

    run_id: str
    asked: Round
    answered: tuple[tuple[ColumnSlot, Turn], ...]
    wait: str


def draw(board: Board) -> None:
    poll = _poll(board)
    if poll is None:
        return
    try:
        vote = _cast(poll)
    except StoreError:
        st.caption(t("Votes cannot be saved right now: the database is unavailable."))
        return
    with st.container(key="vote-bar", gap=None):
        naming.remarks(board, [(slot, turn) for slot, turn in poll.answered if not poll.wait])
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="vote", wrap=False):
            _question(board, poll)
            for slot, _turn in poll.answered or [(slot, None) for slot in board.places]:
                _button(poll, _label(board, slot), slot.number, vote)
            _button(poll, t("Tie"), "tie", vote)
            _button(poll, t("All bad"), "bad", vote)
            if board.is_blind and not poll.wait:
                _give_up(poll)
        if vote and not poll.wait:
            with suppress(StoreError):
                effect.draw(vote)


def _question(board: Board, poll: Poll) -> None:
    if poll.wait:
        st.caption(poll.wait, width="content")
    else:
        st.markdown(f"**{t('Which answer is best?')}**", width="content", help=_hint(board))


def _poll(board: Board) -> Poll | None:
    if board.run is None or board.newest is None:
        return None
    turns = [(slot, turn) for slot in board.places if (turn := board.turn(slot))]
    if board.running():
        return Poll(board.run.id, board.newest, (), t("You can vote once all models have answered."))
    answered = tuple((slot, turn) for slot, turn in turns if turn.completion and turn.completion.text.strip())
    too_few = len(answered) < FEWEST
    return Poll(board.run.id, board.newest, answered, t("A vote needs two answers.") if too_few else "")


def _cast(poll: Poll) -> Vote | None:
    return session.person().votes.of_run(poll.run_id).get(poll.asked.number)


def _label(board: Board, slot: ColumnSlot) -> str:
    column_label = labels.label_of(board, slot)
    if not column_label.named:
        return column_label.letter
    if column_label.effort and len(set(board.models)) == 1:
        return f"{column_label.letter} · {column_label.effort}"
    others = [other.model_id for other in board.places if other.model_id != slot.model_id]
    elsewhere = slot.model_id.partition("/")[2] in [model_id.partition("/")[2] for model_id in others]
    speaker = column_label.speaker
    return f"{column_label.letter} · {speaker.provider_name if elsewhere else speaker.model_name}"


def _button(poll: Poll, label: str, choice: int | str, vote: Vote | None) -> None:
    """`choice`: the column's number, "tie" or "bad". Keys: 1 for the first column and so on, 0 a tie, 9 all bad."""
    is_chosen = vote is not None and _shown_choice(poll, vote) == choice
    key = {"tie": "0", "bad": "9"}.get(str(choice)) or str(int(choice) + 1)
    st.button(
        label,
        icon=":material/check:" if is_chosen else None,
        type="primary" if is_chosen else "secondary",
        key=f"vote-{choice}",
        shortcut=key,
        disabled=bool(poll.wait),
        on_click=_vote,
        args=(poll, choice),
    )


def _shown_choice(poll: Poll, vote: Vote) -> int | str | None:
    """The current number of the chosen column; None if it was removed."""
    if vote.place is None:
        return vote.outcome
    lane_id = vote.lanes[vote.place][0]
    return next((slot.number for slot, _ in poll.answered if slot.lane and slot.lane.id == lane_id), None)


def _vote(poll: Poll, choice: int | str) -> None:
    votes = session.person().votes
    lanes = [(slot.lane.id, turn.answered_by) for slot, turn in poll.answered if slot.lane]
    numbers = [slot.number for slot, _ in poll.answered]
    picked: Choice = numbers.index(choice) if isinstance(choice, int) else "tie" if choice == "tie" else "bad"
    with store_errors_shown():
        earlier = votes.of_run(poll.run_id).get(poll.asked.number)
        vote = votes.cast(poll.run_id, poll.asked.number, picked, lanes, topic(poll.asked.prompt))
        effect.just_cast(vote)
        tips.done("vote")
        if earlier and earlier.blind and not vote.blind:
            flash(t("Changed after the names were shown: this vote no longer counts as blind."))


def _give_up(poll: Poll) -> None:
    st.button(
        t("Show the names"),
        icon=":material/visibility:",
        type="tertiary",
        key="show-names",
        help=t("Shows the names without a vote; a later vote does not count as blind"),
        on_click=_reveal,
        args=(poll.run_id,),
    )


def _reveal(run_id: str) -> None:
    with store_errors_shown():
        session.person().votes.reveal(run_id)


def _hint(board: Board) -> str:
    keys = t("Keyboard (outside the input box): 1 to {last} to vote, 0 tie, 9 all bad.", last=len(board.places))
    if board.is_blind:
        return t("Names, speed and cost are shown after your vote.") + " " + keys
    return t("Your votes build your own leaderboard.") + " " + keys
