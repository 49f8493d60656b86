"""The line after a vote: thanks, and what it did to the leaderboard."""

from __future__ import annotations

import streamlit as st

from ....insight.votes import Leaderboard, LeaderboardRow, VoteOutcome, board_of, counted
from ....views.votes import Vote
from ... import session
from ...insight.words import model_name, with_interval
from ...text import t

CAST, TOLD = "vote-cast", "vote-told"


def just_cast(cast: Vote) -> None:
    """The next drawing says so once more where it is seen."""
    st.session_state[CAST] = (cast.run_id, cast.turn)


def draw(cast: Vote) -> None:
    said = _said(cast)
    if st.session_state.pop(CAST, None) == (cast.run_id, cast.turn):
        st.toast(said, icon=":material/how_to_vote:")  # the names that appear push the line down, perhaps out of sight
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="thanks"):
        blind = f" :gray-badge[{t('blind')}]" if cast.blind else ""
        st.caption(f"{said}{blind}", width="content")
        query = {"lang": st.session_state["language"]} if st.session_state.get("language") else None
        st.page_link("pages/insights.py", label=t("Leaderboard"), icon=":material/leaderboard:", query_params=query)


def _said(cast: Vote) -> str:
    """What the vote did when it came: worked out once, not with every click in a comparison that was voted on."""
    about = (cast, st.session_state.get("language"))
    told = st.session_state.get(TOLD)
    if told is None or told[0] != about:
        told = (about, f"{t('Thank you.')} {_what(cast, *_boards(cast))}")
        st.session_state[TOLD] = told
    said: str = told[1]
    return said


def _boards(cast: Vote) -> tuple[Leaderboard, Leaderboard]:
    """Before the vote and after it. It is among all votes already; without it they tell how it was before."""
    after = counted((tally, tally.n) for tally in session.person().votes.tallies())
    (mine,) = counted([(cast, 1)])
    before: dict[VoteOutcome, int] = {said: number - (said == mine) for said, number in after.items()}
    return board_of({said: number for said, number in before.items() if number}), board_of(after)


def _what(cast: Vote, before: Leaderboard, after: Leaderboard) -> str:
    if cast.outcome == "tie":
        return t("A tie counts as half a win for each; the ranking does not change.")
    if cast.outcome == "bad":
        return t("“All bad” counts as a loss for each; the ranking does not change.")
    name = cast.winner or ""
    (place, row), (old_place, _) = _find(after, name), _find(before, name)
    if row is None or row.chance is None:
        return t("Both columns are the same model, so no one wins.")
    league = sum(other.league == row.league for other in after.rows)
    moved = ""
    if old_place is None:
        moved = t("new entry")
    elif old_place != place:
        moved = t("was #{place}", place=old_place)
    words = t(
        "{model} is now #{place} of {number} · win chance {chance}",
        model=model_name(name),
        place=place,
        number=league,
        chance=with_interval(row.chance),
    )
    return f"{words} · {moved}" if moved else words


def _find(found: Leaderboard, name: str) -> tuple[int | None, LeaderboardRow | None]:
    """Place and row of a model in its league, from 1."""
    row = next((row for row in found.rows if row.model_id == name), None)
    if row is None or row.league is None:
        return None, row
    league = [other for other in found.rows if other.league == row.league]
    return league.index(row) + 1, row
