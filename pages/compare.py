"""Compare: one prompt to two to eight models, side by side, over many turns."""

import streamlit as st

from core.ui import layout
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.chat import drafts, examples
from core.ui.chat.composer import composer
from core.ui.chat.follow import follow
from core.ui.chat.settings import keep_system, reset, settings
from core.ui.chat.welcome import cards
from core.ui.compare import actions, blind, exports, foot, line_ups, panels, same_model, turns
from core.ui.compare import board as boards
from core.ui.compare.columns import Columns
from core.ui.keyboard import answer_state
from core.ui.prompts.library import Destination, popover
from core.ui.sharing import control as share
from core.ui.text import t

layout.open_page("compare", wide=True)
board = boards.board()


def wish(name: str, value: object) -> None:
    actions.wish(board, name, value)


def insert(text: str, system: str) -> None:
    """A prompt of the library, into the box."""
    drafts.insert(boards.ASK, text)
    if system:
        wish("system", system)
        reset("compare")


keep_system("compare", boards.generation(board), wish, shown=board.run is None)
with head(t("Compare"), t("Ask several models the same question, side by side.")):
    popover(Destination("compare", insert))
    settings(boards.generation(board), "compare", wish, models=() if board.is_blind else board.models)
    if board.run:
        exports.popover(board)
        share.popover(board.run)
        st.button(
            t("New comparison"),
            icon=":material/edit_square:",
            type="tertiary",
            key="clear",
            on_click=actions.forget,
            args=(board,),
        )
    line_ups.popover(board)
    same_model.chooser(board)
    st.button(
        t("Add a model"),
        icon=":material/add:",
        key="add",
        disabled=len(board.places) >= boards.MOST or (board.is_blind and board.run is not None),
        on_click=actions.add,
        args=(board,),
    )
show_flash()
if board.run is None:
    blind.draw()

same_model.equality(board)
turns.earlier(board)
turns.prompt(board)
turns.removed(board)
columns = Columns(board)
if board.run is None:
    st.space("small")
    cards(examples.of_comparison(), lambda question: actions.ask(board, question))
below = panels.draw(board)
composer(
    t("Ask all models") if board.run is None else t("Ask a follow-up"),
    key=boards.ASK,
    draft=actions.draft_name(board),
    send=lambda prompt: actions.ask(board, prompt),
    stop=(lambda: actions.stop(board.running())) if columns.watches else None,
    stop_label=t("Stop all"),
    above=lambda: foot.draw(board),
)
drafts.keep(
    boards.ASK,
    board.run.id if board.run else drafts.NEW,
    board.newest.prompt if board.newest else "",
    focus=board.run is None,  # the keys that vote work outside the box
)
answer_state.tell(board.newest_turns())
if columns.watches or below:
    follow([*columns.watches, *below])
