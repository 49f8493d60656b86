"""In a blind comparison, a remark that an answer names a model, without saying which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from ....insight.naming import names_a_model
from ....views.conversation import Turn
from ... import session
from ...models import names
from ...text import t
from .. import labels
from ..board import Board, ColumnSlot


def remarks(board: Board, answered: Sequence[tuple[ColumnSlot, Turn]]) -> None:
    """One line for all columns whose answer names a model."""
    if not board.is_blind:
        return
    model_names = list(_names(board.models))
    named_letters = [
        labels.letter(slot.number)
        for slot, turn in answered
        if turn.completion and names_a_model(turn.completion.text, model_names)
    ]
    if named_letters:
        letters = ", ".join(named_letters)
        sentence = t("These answers mention a model name, right or wrong: {columns}.", columns=letters)
        st.caption(f":material/warning: {sentence}")


def _names(model_ids: Iterable[str]) -> Iterable[str]:
    """Names of this comparison's models and providers in all languages."""
    providers = session.engine().catalog.providers
    for model_id in model_ids:
        provider_id, _, name = model_id.partition("/")
        yield name.rpartition("/")[2]
        if provider_id in providers:
            yield from names.names(providers[provider_id], name)
