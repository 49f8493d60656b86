"""The line after a vote: thanks, and its effect on the leaderboard."""

from __future__ import annotations

import streamlit as st

from ....insight.votes import Leaderboard, LeaderboardRow, VoteOutcome, board_of, counted
from ....views.votes import Vote
from ... import session
from ...insight.words import model_name
from ...routing.vote_words import with_interval
from ...text import t

CAST, SENTENCE = "vote-cast", "vote-told"


def just_cast(vote: Vote) -> None:
    """Show a toast about the vote on the next run."""
    st.session_state[CAST] = (vote.run_id, vote.turn)


def draw(vote: Vote) -> None:
    sentence = _sentence(vote)
    if st.session_state.pop(CAST, None) == (vote.run_id, vote.turn):
        st.toast(
            sentence, icon=":material/how_to_vote:"
        )  # the line may be pushed out of sight by the names that appear
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="thanks"):
        blind = f" :gray-badge[{t('blind')}]" if vote.blind else ""
        st.caption(f"{sentence}{blind}", width="content")
        query = {"lang": st.session_state["language"]} if st.session_state.get("language") else None
        st.page_link("pages/insights.py", label=t("Leaderboard"), icon=":material/leaderboard:", query_params=query)


def _sentence(vote: Vote) -> str:
    """The effect of the vote when it was cast, computed once and cached in the session."""
    vote_key = (vote, st.session_state.get("language"))
    stored = st.session_state.get(SENTENCE)
    if stored is None or stored[0] != vote_key:
        stored = (vote_key, f"{t('Thank you.')} {_effect(vote, *_boards(vote))}")
        st.session_state[SENTENCE] = stored
    sentence: str = stored[1]
    return sentence


def _boards(vote: Vote) -> tuple[Leaderboard, Leaderboard]:
    """The leaderboard before and after the vote, which is counted already."""
    after = counted((tally, tally.n) for tally in session.person().votes.tallies())
    (own_outcome,) = counted([(vote, 1)])
    before: dict[VoteOutcome, int] = {outcome: number - (outcome == own_outcome) for outcome, number in after.items()}
    return board_of({outcome: number for outcome, number in before.items() if number}), board_of(after)


def _effect(vote: Vote, before: Leaderboard, after: Leaderboard) -> str:
    if vote.outcome == "tie":
        return t("A tie counts as half a win for each; the ranking does not change.")
    if vote.outcome == "bad":
        return t("“All bad” counts as a loss for each; the ranking does not change.")
    name = vote.winner or ""
    (place, row), (old_place, _) = _find(after, name), _find(before, name)
    if row is None or row.chance is None:
        return t("Both columns are the same model, so no one wins.")
    league = sum(other.league == row.league for other in after.rows)
    movement = ""
    if old_place is None:
        movement = t("new entry")
    elif old_place != place:
        movement = t("was #{place}", place=old_place)
    sentence = t(
        "{model} is now #{place} of {number} · win chance {chance}",
        model=model_name(name),
        place=place,
        number=league,
        chance=with_interval(row.chance),
    )
    return f"{sentence} · {movement}" if movement else sentence


def _find(board: Leaderboard, name: str) -> tuple[int | None, LeaderboardRow | None]:
    """A model's rank in its league, from 1, and its row."""
    row = next((row for row in board.rows if row.model_id == name), None)
    if row is None or row.league is None:
        return None, row
    league = [other for other in board.rows if other.league == row.league]
    return league.index(row) + 1, row
