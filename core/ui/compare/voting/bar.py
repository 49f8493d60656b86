"""The bar below the answers: which is best, a tie, or all bad. One click, changed by another, told what it did."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from ....insight.topics import topic
from ....store import StoreError
from ....views.comparison import Round
from ....views.conversation import Turn
from ....views.votes import Choice, Vote
from ... import session
from ...base.flash import flash, store_errors_shown
from ...text import t
from .. import names
from ..board import Board, ColumnSlot
from . import effect, naming

FEWEST = 2


@dataclass(frozen=True)
class Poll:
    """What can be voted on in one turn: the columns that have an answer, and why not yet ("" when one can)."""

    run_id: str
    asked: Round
    answered: tuple[tuple[ColumnSlot, Turn], ...]
    wait: str


def draw(board: Board) -> None:
    poll = _poll(board)
    if poll is None:
        return
    try:
        cast = _cast(poll)
    except StoreError:
        st.caption(t("Votes cannot be saved right now: the database is unavailable."))
        return
    with st.container(key="vote-bar", gap="xsmall", border=True):
        naming.remarks(board, [(place, turn) for place, turn in poll.answered if not poll.wait])
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="vote"):
            st.markdown(f"**{t('Which answer is best?')}**", width="content")
            for place, _turn in poll.answered or [(place, None) for place in board.places]:
                _button(poll, _label(board, place), place.number, cast)
            _button(poll, t("Tie"), "tie", cast)
            _button(poll, t("All bad"), "bad", cast)
            if board.is_blind and not poll.wait:
                _give_up(poll)
        if poll.wait:
            st.caption(poll.wait)
        elif cast:
            with suppress(StoreError):
                effect.draw(cast)
        else:
            st.caption(_hint(board))


def _poll(board: Board) -> Poll | None:
    if board.run is None or board.newest is None:
        return None
    turns = [(place, turn) for place in board.places if (turn := board.turn(place))]
    if board.running():
        return Poll(board.run.id, board.newest, (), t("You can vote once all models have answered."))
    answered = tuple((place, turn) for place, turn in turns if turn.completion and turn.completion.text.strip())
    few = len(answered) < FEWEST
    return Poll(board.run.id, board.newest, answered, t("A vote needs two answers.") if few else "")


def _cast(poll: Poll) -> Vote | None:
    return session.person().votes.of_run(poll.run_id).get(poll.asked.number)


def _label(board: Board, place: ColumnSlot) -> str:
    column_label = names.shown(board, place)
    if not column_label.named:
        return column_label.letter
    others = [other.model_id for other in board.places if other.model_id != place.model_id]
    elsewhere = place.model_id.partition("/")[2] in [model_id.partition("/")[2] for model_id in others]
    return f"{column_label.letter} · {column_label.who.provider_name if elsewhere else column_label.who.model_name}"


def _button(poll: Poll, label: str, choice: int | str, cast: Vote | None) -> None:
    """`choice` is the column's number, "tie" or "bad". Keys: 1 for the first column and so on, 0 a tie, 9 all bad."""
    mine = cast is not None and _shown_choice(poll, cast) == choice
    key = {"tie": "0", "bad": "9"}.get(str(choice)) or str(int(choice) + 1)
    st.button(
        label,
        icon=":material/check:" if mine else None,
        type="primary" if mine else "secondary",
        key=f"vote-{choice}",
        shortcut=key,
        disabled=bool(poll.wait),
        on_click=_vote,
        args=(poll, choice),
    )


def _shown_choice(poll: Poll, cast: Vote) -> int | str | None:
    """The chosen column as it stands now; None where it was taken out since."""
    if cast.place is None:
        return cast.outcome
    lane_id = cast.lanes[cast.place][0]
    return next((place.number for place, _ in poll.answered if place.lane and place.lane.id == lane_id), None)


def _vote(poll: Poll, choice: int | str) -> None:
    votes = session.person().votes
    lanes = [(place.lane.id, turn.model_id) for place, turn in poll.answered if place.lane]
    numbers = [place.number for place, _ in poll.answered]
    picked: Choice = numbers.index(choice) if isinstance(choice, int) else "tie" if choice == "tie" else "bad"
    with store_errors_shown():
        before = votes.of_run(poll.run_id).get(poll.asked.number)
        cast = votes.cast(poll.run_id, poll.asked.number, picked, lanes, topic(poll.asked.prompt))
        effect.just_cast(cast)
        if before and before.blind and not cast.blind:
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
