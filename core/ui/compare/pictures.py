"""Pictures in a comparison: which columns cannot see them, and models that can in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ...views.comparison import Round
from ...views.conversation import File
from .. import attached_files
from ..chat import drafts, tray
from ..models import fit, sight
from ..models.fit import Load
from ..text import t
from . import labels
from .board import ASK, Board, ColumnSlot, remember

Choose = Callable[[ColumnSlot, str], None]


def waiting(board: Board) -> bool:
    """Whether pictures above the box go with the next prompt."""
    name = board.run.id if board.run else drafts.NEW
    return any(file.is_picture for file in tray.files(ASK, name))


def earlier(board: Board) -> bool:
    """Whether there are pictures in the turns."""
    turns = [turn for slot in board.places if slot.lane for turn in slot.lane.turns]
    return any(file.media_type.startswith("image/") for turn in turns for file in turn.attached)


def load(board: Board) -> Load:
    """What the models of the columns have to see and read with the next prompt."""
    files = tray.files(ASK, board.run.id if board.run else drafts.NEW)
    return fit.load(files, pictures=earlier(board))


def hold(board: Board, files: Sequence[File]) -> bool:
    """Whether these files must wait, because a column is known not to see pictures. While the models are hidden nothing
    tells which they are: a column that cannot see has no answer then."""
    return any(file.is_picture for file in files) and bool(_unable(board))


def _unable(board: Board) -> list[ColumnSlot]:
    if board.is_blind:
        return []
    return [slot for slot in board.places if sight.sees(slot.model_id) is False]


def draw(board: Board, choose: Choose) -> None:
    """The columns that cannot see the pictures, and a button that puts models there that can."""
    is_waiting = waiting(board)
    if not (is_waiting or earlier(board)):
        return
    unable = _unable(board)
    if board.is_blind and is_waiting:
        st.caption(f":material/image: {t('A column whose model cannot see pictures has no answer.')}")
    if not unable:
        return
    letters = t(", ").join(f"**{labels.letter(slot.number)}**" for slot in unable)
    words = t("{columns}: cannot see pictures.", columns=letters)
    if not is_waiting:
        words += " " + t("Asked without the pictures of this conversation.")
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="sight"):
        st.markdown(f":orange[:material/hide_image:] {words}", width="content")
        others = [option for option in sight.able() if option.model.id not in board.models]
        pairs = list(zip(unable, others, strict=False))
        if not pairs:
            st.caption(t("None of the models that you can use is known to see them."), width="content")
            return
        st.button(
            t("Replace by {models}", models=t(", ").join(sight.named(option) for _, option in pairs)),
            icon=":material/swap_horiz:",
            key="sight-switch",
            on_click=_replace,
            args=([(slot, option.model.id) for slot, option in pairs], board, choose),
        )


def _replace(pairs: Sequence[tuple[ColumnSlot, str]], board: Board, choose: Choose) -> None:
    if board.run is None:
        new = {slot.number: model_id for slot, model_id in pairs}
        remember([new.get(slot.number, slot.model_id) for slot in board.places], None)
        return
    for slot, model_id in pairs:
        choose(slot, model_id)


def of_round(board: Board, prompt_round: Round) -> None:
    """The files of a turn, once for all columns."""
    turns = [turn for slot in board.places if (turn := board.turn(slot, prompt_round))]
    if turns and turns[0].attached:
        attached_files.draw(turns[0].attached, f"round-{prompt_round.number}")
