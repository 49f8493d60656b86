"""The files of a comparison: which columns cannot take those above the box, and models that can in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import streamlit as st

from ...views.comparison import Round
from ...views.conversation import File
from .. import attached_files
from ..chat import drafts, held_back, sight_notice, tray
from ..chat.tray import notice
from ..models import fit, sight
from ..models.choices import ModelOption
from ..models.fit import Load, Shortcoming
from ..text import sentences, t
from . import labels
from .board import ASK, Board, ColumnSlot, remember

Choose = Callable[[ColumnSlot, str], None]
SIGHT = Shortcoming("sight")


def waiting(board: Board) -> tuple[File, ...]:
    """Those above the box, which go with the next prompt."""
    return tray.files(ASK, board.run.id if board.run else drafts.NEW)


def load(board: Board) -> Load:
    """What the models of the columns have to see and read with the next prompt."""
    return fit.load(waiting(board), pictures=_earlier_pictures(board))


def known_models(board: Board) -> Sequence[str]:
    """The models of the columns; none while they are hidden, when nothing may tell what they can take."""
    return () if board.is_blind else board.models


def hold(board: Board, files: Sequence[File]) -> bool:
    """Whether these files must wait, because a column is known not to see pictures. While the models are hidden such a
    column has no answer."""
    has_pictures = any(file.is_picture for file in files)
    if has_pictures and any(sight.sees(model_id) is False for model_id in known_models(board)):
        held_back.note(ASK)
        return True
    return False


def note_lacks(board: Board) -> None:
    """Enter has sent nothing: columns that cannot take the files stand out."""
    if lacks(board):
        held_back.note(ASK)
        notice.forget(ASK, board.run.id if board.run else drafts.NEW)


def lacks(board: Board) -> dict[int, Shortcoming]:
    """Why models cannot take the files above the box, by the number of their column."""
    now = fit.load(waiting(board))
    if board.is_blind or not now:
        return {}
    return {slot.number: lack for slot in board.places if (lack := fit.lack_of(slot.model_id, now))}


def remark(board: Board, slot: ColumnSlot, choose: Choose) -> None:
    """In a column: why its model cannot take the files above the box, and a button that puts one there that can."""
    by_column = lacks(board)
    if lack := by_column.get(slot.number):
        places = [each for each in board.places if each.number in by_column]
        held = "held-" if held_back.is_noted(ASK) else ""
        with st.container(key=f"lane-lacks-{held}{slot.number}", gap="xxsmall"):
            st.caption(f":orange[{_icon(lack)} {fit.words(lack)}]")
            for place, option in _pairs(board, places, load(board)):
                if place is slot:
                    _button(board, [(place, option)], choose, f"lane-replace-{slot.number}")


def draw(board: Board, choose: Choose) -> None:
    """The columns that cannot take the files above the box, or the pictures of earlier turns, and a button that puts
    models there that can."""
    files = waiting(board)
    if board.is_blind and any(file.is_picture for file in files):
        st.caption(f":material/image: {t('A column whose model cannot see pictures has no answer.')}")
    everything = load(board)
    if board.is_blind or not everything:
        return
    by_column = lacks(board)
    lacking = [(slot, by_column[slot.number]) for slot in board.places if slot.number in by_column]
    if not lacking:
        held_back.forget(ASK)
    if lacking:
        words = sentences(*_named(lacking))
    else:
        lacking = [(slot, SIGHT) for slot in board.places if fit.lack_of(slot.model_id, everything)]
        words = sentences(*_named(lacking), t("Asked without the pictures of this conversation."))
    if lacking:
        _offer(board, lacking, words, everything, choose)


def _offer(
    board: Board, lacking: Sequence[tuple[ColumnSlot, Shortcoming]], words: str, everything: Load, choose: Choose
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="sight"):
        sight_notice.reason(ASK, words, _icon(lacking[0][1]))
        pairs = _pairs(board, [slot for slot, _ in lacking], everything)
        if pairs:
            _button(board, pairs, choose, "sight-switch")
        else:
            st.caption(t("None of the models that you can use is known to take these files."), width="content")


def _pairs(board: Board, lacking: Sequence[ColumnSlot], everything: Load) -> list[tuple[ColumnSlot, ModelOption]]:
    """These columns, each with a model of its own that takes all of it, as far as there are such models."""
    others = [option for option in _able(everything) if option.model.id not in board.models]
    return list(zip(lacking, others, strict=False))


def _button(board: Board, pairs: Sequence[tuple[ColumnSlot, ModelOption]], choose: Choose, key: str) -> None:
    is_held = key == "sight-switch" and held_back.is_noted(ASK)
    st.button(
        t("Replace by {models}", models=t(", ").join(sight.named(option) for _, option in pairs)),
        icon=":material/swap_horiz:",
        key=key,
        type="primary" if is_held else "secondary",
        on_click=_replace,
        args=([(slot, option.model.id) for slot, option in pairs], board, choose),
    )


def _named(lacking: Sequence[tuple[ColumnSlot, Shortcoming]]) -> list[str]:
    """ "A, C: cannot see pictures"; the columns with the same words together."""
    words = [
        (fit.words(lack), f"**{labels.letter(slot.number)}**")
        for slot, lack in sorted(lacking, key=lambda pair: fit.words(pair[1]))
    ]
    return [
        t("{columns}: {reason}.", columns=t(", ").join(letter for _, letter in group), reason=reason)
        for reason, group in groupby(words, key=lambda pair: pair[0])
    ]


def _able(everything: Load) -> list[ModelOption]:
    """The models that are ready and take all of it; simulated ones last."""
    options = sight.able() if everything.pictures else fit.fits(everything).fitting
    able = [each for each in options if each.ready and fit.lack(each.provider, each.model, everything) is None]
    return sorted(able, key=lambda option: option.provider.simulated)


def _icon(lack: Shortcoming) -> str:
    return ":material/hide_image:" if lack.kind == "sight" else ":material/warning:"


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


def _earlier_pictures(board: Board) -> bool:
    turns = [turn for slot in board.places if slot.lane for turn in slot.lane.turns]
    return any(file.media_type.startswith("image/") for turn in turns for file in turn.attached)
