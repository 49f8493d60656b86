"""A label at a text from elsewhere that may try to instruct the model: pasted, in a file, imported, a row of a batch.

It stops nothing. Each text is searched once in a tab.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from ...safety.injection import Hint, hints_in
from ...views.conversation import Turn
from .. import session
from ..text import plain, t

Places = Mapping[str, tuple[Hint, ...]]


def draw(turn: Turn) -> None:
    """The label of a question, if there are hints; it names the files."""
    if turn.question_id:  # saved
        _draw(turn.question_id, lambda: session.person().outgoing.hints(turn))


def draw_text(name: str, text: str) -> None:
    """The label of another text; `name` identifies it."""
    _draw(name, lambda: {"": hints} if (hints := hints_in(text)) else {})


def _draw(name: str, search: Callable[[], Places]) -> None:
    searched: dict[str, Places] = st.session_state.setdefault("hints", {})
    if name not in searched:
        searched[name] = search()
    for place, hints in searched[name].items():
        kinds = listed(hints)
        label(
            t("{file} may try to instruct the model: {what}", file=plain(place), what=kinds)
            if place
            else t("This text may try to instruct the model: {what}", what=kinds)
        )


def label(sentence: str) -> None:
    st.caption(f":orange[:material/flag:] {sentence}")


def listed(hints: Iterable[Hint]) -> str:
    return t(", ").join(map(_words, hints))


def _words(hint: Hint) -> str:
    match hint:
        case "orders":
            return t("orders to a model")
        case "roles":
            return t("marks of a system message")
        case "hidden":
            return t("hidden characters")
        case "carries":
            return t("a request to send data to an address")
