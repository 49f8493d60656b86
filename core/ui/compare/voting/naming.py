"""A remark where an answer names a model, in a comparison that hides the names: which, and what, is not told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from ....insight.naming import names_a_model
from ....views.conversation import Turn
from ... import session
from ...models import called
from ...text import t
from .. import names
from ..board import Board, ColumnSlot


def remarks(board: Board, answered: Sequence[tuple[ColumnSlot, Turn]]) -> None:
    """One line for all such columns."""
    if not board.is_blind:
        return
    known = list(_names(board.models))
    found = [
        names.letter(place.number)
        for place, turn in answered
        if turn.completion and names_a_model(turn.completion.text, known)
    ]
    if found:
        letters = ", ".join(found)
        said = t("These answers mention a model name, right or wrong: {columns}.", columns=letters)
        st.caption(f":material/warning: {said}")


def _names(model_ids: Iterable[str]) -> Iterable[str]:
    """Short names and providers of this comparison, as they are called in any language."""
    providers = session.engine().catalog.providers
    for model_id in model_ids:
        provider_id, _, name = model_id.partition("/")
        yield name.rpartition("/")[2]
        if provider_id in providers:
            yield from called.names(providers[provider_id], name)
