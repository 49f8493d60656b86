"""The analysis bar below the columns of an ended turn: agreement, word diff, judge, merge. At most one is open; closed
ones are not computed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ....views.comparison import Link, Round
from ...chat.follow import AnswerFollower
from ...text import t
from ..board import Board
from . import actions, answers, judge, merge

KEY = "verdict"
FOR = "verdict-for"


def bar(board: Board) -> Sequence[AnswerFollower]:
    """Draw the bar; returns its running answers."""
    panel = answers.panel_of(board, board.newest)
    if panel is None:
        return []
    links = actions.links(panel)
    labels = {
        "agreement": f":material/join_inner: {t('Agreement')}",
        "diff": f":material/difference: {t('Word diff')}",
        "judge": f":material/gavel: {_counted(t('Judge'), links, 'judge')}",
        "merge": f":material/merge: {_counted(t('Merge'), links, 'merge')}",
    }
    _open_at_first(panel, links)
    chosen = st.segmented_control(
        t("Analyse the answers"),
        list(labels),
        format_func=lambda name: labels[name],
        key=KEY,
        label_visibility="collapsed",
    )
    if chosen is None:
        return []
    with st.container(border=True, key=f"verdict-{chosen}", gap="small"):
        return _section(chosen, panel)


def earlier(board: Board, round_: Round) -> None:
    """Judgements and merges of an earlier turn."""
    panel = answers.panel_of(board, round_)
    links = actions.links(panel) if panel else []
    if panel is None or not links:
        return
    with st.container(border=True, key=f"verdict-{panel.name}", gap="small"):
        judge.earlier(panel)
        merge.earlier(panel)


def _section(name: str, panel: answers.Panel) -> Sequence[AnswerFollower]:
    if name == "agreement":
        from . import agreement  # it and the diff read with 50 ms of modules that only a click needs

        agreement.draw(panel)
    elif name == "diff":
        from . import diff

        diff.draw(panel)
    elif name == "judge":
        return judge.draw(panel)
    else:
        return merge.draw(panel)
    return []


def _counted(name: str, links: Sequence[Link], kind: str) -> str:
    count = sum(link.kind == kind for link in links)
    return f"{name} ({count})" if count else name


def _open_at_first(panel: answers.Panel, links: Sequence[Link]) -> None:
    """In a new session, open the section of a running judge or merge; a new turn starts with all closed."""
    assert panel.board.run
    turn_key = (panel.board.run.id, panel.asked.number)
    if st.session_state.get(FOR) == turn_key:
        return
    first = FOR not in st.session_state
    st.session_state[FOR] = turn_key
    st.session_state[KEY] = links[0].kind if first and links and actions.is_running(links[0]) else None
