"""One prompt to two to six models, side by side. The line-up and the run stand in the address."""

import streamlit as st

from core.ui import frame
from core.ui.answer import painter
from core.ui.answer.lanes import Lanes
from core.ui.asking import runs
from core.ui.asking.composer import composer
from core.ui.asking.follow import follow
from core.ui.asking.settings import settings
from core.ui.asking.state import said
from core.ui.asking.welcome import cards
from core.ui.quota.tag import tag
from core.ui.text import t

frame.open_page("compare", wide=True)
board = runs.board()
if draft := st.session_state.pop("compare-draft", None):
    st.session_state[runs.ASK] = draft

with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown(f"**{t('Compare')}**", width="content")
    st.caption(t("One prompt to all; each sees only its own answer."), width="stretch")
    settings(runs.wishes(), "compare", runs.wish)
    if board.run:
        st.button(
            t("New comparison"),
            icon=":material/edit_square:",
            type="tertiary",
            key="clear",
            on_click=runs.forget,
            args=(board,),
        )
    st.button(
        t("Add a model"),
        icon=":material/add:",
        key="add",
        disabled=len(board.models) >= runs.MOST,
        on_click=runs.add,
        args=(board,),
    )
said()

if board.run:
    with st.container(key="prompt"), st.chat_message("user"):
        painter.draw(st.container(gap="small"), board.run.prompt)

lanes = Lanes(board)
if board.run is None:
    st.space("small")
    cards(lambda question: runs.ask(board, question))
composer(
    t("Ask all of them"),
    key=runs.ASK,
    send=lambda prompt, _files: runs.ask(board, prompt),
    stop=(lambda: runs.stop(board.running())) if lanes.watches else None,
    stop_label=t("Stop all"),
    price=lambda: tag(board.models),
)
if lanes.watches:
    follow(lanes.watches)
