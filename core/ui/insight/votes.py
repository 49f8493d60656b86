"""The section about votes: filters, the leaderboard, by topic, by pair, and the votes as CSV."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...insight.topics import TOPICS
from ...insight.votes import board_of, counted
from ...safety import spreadsheet
from ...store import StoreError
from ...views.votes import Vote, VoteCount
from .. import session
from ..base.segments import segments
from ..routing.vote_words import topic_name
from ..text import sentences, t
from . import leaderboard

FEW = 20


def draw() -> None:
    """Draw the section, or what will be in it. Opens the database."""
    st.subheader(t("Which model do you prefer?"), anchor=False)
    try:
        tallies = _tallies()
    except StoreError:
        st.caption(t("The votes cannot be loaded right now: the database is unavailable."))
        return
    if not tallies:
        _empty()
        return
    kind, topic = _filters(tallies)
    chosen = [tally for tally in tallies if _is_of(tally, kind, topic)]
    if not chosen:
        st.caption(t("No matching votes."))
        return
    board = board_of(counted((tally, tally.n) for tally in chosen))
    st.caption(_about(chosen))
    leaderboard.chart_and_table(board)
    order = [row.model_id for row in board.rows]
    st.space("small")
    st.markdown(f"**{t('By topic')}**")
    st.caption(
        t(
            "Win rates; ties count half. Small numbers are votes. Coloured where the whole interval is above or "
            "below 50%."
        )
    )
    st.markdown(leaderboard.by_topic(chosen, order))
    st.space("small")
    st.markdown(f"**{t('Head to head')}**")
    st.caption(
        t("How often the model in the row beat the model in the column (by its number). “All bad” is a loss for both.")
    )
    st.markdown(leaderboard.by_pair(board))
    votes = session.person().votes  # the file is made later, beside the page
    st.download_button(
        t("Votes as CSV"),
        lambda: as_csv([vote for vote in votes.all() if _is_of(vote, kind, topic)]),
        file_name="votes.csv",
        mime="text/csv",
        icon=":material/download:",
        key="votes-csv",
        on_click="ignore",
    )


def _tallies() -> list[VoteCount]:
    """Vote counts: the page reads these, and single votes only for the CSV."""
    return session.person().votes.tallies()


def _filters(tallies: Sequence[VoteCount]) -> tuple[str, str | None]:
    """The chosen kind ("all" or "blind") and topic (None: all)."""
    topics = [topic for topic in TOPICS if any(tally.topic == topic for tally in tallies)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="vote-filters"):
        kinds = {"all": t("All votes"), "blind": t("Blind only")}
        kind = segments(t("Votes"), kinds, "vote-kind", "all")
        topic = st.pills(t("Topic"), topics, format_func=topic_name, key="vote-topic", label_visibility="collapsed")
    return kind, topic


def _is_of(vote: Vote | VoteCount, kind: str, topic: str | None) -> bool:
    return (kind != "blind" or vote.blind) and topic in (None, vote.topic)


def _about(tallies: Sequence[VoteCount]) -> str:
    number, blind = (
        sum(tally.n for tally in group)
        for group in (tallies, [tally_of_blind for tally_of_blind in tallies if tally_of_blind.blind])
    )
    lines = [
        t("Votes: {number}, of them blind: {blind}.", number=number, blind=blind),
        t(
            "Bars: chance of winning a decided vote against the average of the other models, with its 95% "
            "confidence interval."
        ),
    ]
    if number < FEW:
        lines.append(
            t("Few votes so far, so the intervals are wide. Where they overlap, neither model is clearly better.")
        )
    return sentences(*lines)


def _empty() -> None:
    with st.container(key="no-votes", gap="small"):
        st.markdown(
            t(
                "Your own leaderboard appears here after your first vote: compare models, read the answers, vote "
                "for the best. It shows which model wins, how sure that is, on which topics and against which "
                "models."
            )
        )
        query = {"lang": st.session_state["language"]} if st.session_state.get("language") else None
        st.page_link("pages/compare.py", label=t("Compare"), icon=":material/view_column:", query_params=query)


def as_csv(votes: Sequence[Vote]) -> bytes:
    """A row per vote: time, topic, blind, outcome, winner, and the models in the order shown."""
    rows = (
        (vote.at.isoformat(), vote.topic, int(vote.blind), vote.outcome, vote.winner, " ".join(vote.model_ids))
        for vote in votes
    )
    header = ("at", "topic", "blind", "outcome", "winner", "models")
    return "".join(spreadsheet.lines(header, rows)).encode("utf-8", "replace")
