"""Below the columns, after a turn has ended: agreement, word diff, judge, merge. One is open at a time, none at first;
what is closed costs nothing but its name."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ....views.comparison import Link, Round
from ...asking.follow import AnswerFollower
from ...text import t
from ..board import Board
from . import actions, answers

KEY = "verdict"
FOR = "verdict-for"


def bar(board: Board) -> Sequence[AnswerFollower]:
    """Draw it; the answers under way in it, to be followed."""
    panel = answers.of(board, board.newest)
    if panel is None:
        return []
    known = actions.links(panel)
    labels = {
        "agreement": f":material/join_inner: {t('Agreement')}",
        "diff": f":material/difference: {t('Word diff')}",
        "judge": f":material/gavel: {_counted(t('Judge'), known, 'judge')}",
        "merge": f":material/merge: {_counted(t('Merge'), known, 'merge')}",
    }
    _open_at_first(panel, known)
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


def earlier(board: Board, asked: Round) -> None:
    """What was said about the answers of an earlier turn."""
    panel = answers.of(board, asked)
    known = actions.links(panel) if panel else []
    if panel is None or not known:
        return
    from . import judge, merge

    with st.container(border=True, key=f"verdict-{panel.name}", gap="small"):
        judge.earlier(panel)
        merge.earlier(panel)


def _section(name: str, panel: answers.Panel) -> Sequence[AnswerFollower]:
    if name == "agreement":
        from . import agreement

        agreement.draw(panel)
    elif name == "diff":
        from . import diff

        diff.draw(panel)
    elif name == "judge":
        from . import judge

        return judge.draw(panel)
    else:
        from . import merge

        return merge.draw(panel)
    return []


def _counted(name: str, known: Sequence[Link], kind: str) -> str:
    count = sum(link.kind == kind for link in known)
    return f"{name} ({count})" if count else name


def _open_at_first(panel: answers.Panel, known: Sequence[Link]) -> None:
    """A tab that opens while a model is still judging or merging shows that; a new turn begins with all closed."""
    assert panel.board.run
    about = (panel.board.run.id, panel.asked.number)
    if st.session_state.get(FOR) == about:
        return
    first = FOR not in st.session_state
    st.session_state[FOR] = about
    st.session_state[KEY] = known[0].kind if first and known and actions.is_running(known[0]) else None
