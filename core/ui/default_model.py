"""The model that answers this visitor by default: the last choice, the configured one, or one that has a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

import streamlit as st

from ..records import AUTO
from ..routing.served import is_router
from ..store import StoreError
from . import session

MOVED = "moved-models"
LAST_MODEL = "last-model"


def current() -> str:
    """The last choice, else the configured model, else one with a key, else "auto" or the simulator.

    A remote provider without a key is never the default, so that nothing leaves this computer unasked. If a real
    provider is set up the default is not simulated, even while its models are unknown: "auto" then asks for them.
    """
    default = session.engine().settings.default_model
    chosen = st.session_state.get("model") or _last_model() or (default and moved().get(default, default))
    if chosen:
        after_end = session.engine().directory.instead_of(chosen, session.keys())
        return moved().get(chosen, after_end) if after_end else chosen
    return next(usual(), "auto")


def choose(model_id: str) -> None:
    """Make this the default, in later sessions too."""
    st.session_state["model"] = st.session_state[LAST_MODEL] = model_id
    with suppress(StoreError):
        session.person().settings.note_last_model(model_id)


def _last_model() -> str | None:
    """The model that this visitor chose last, in an earlier session, if it can still be asked without asking first."""
    held: str | None = st.session_state.get(LAST_MODEL)
    if held is None:
        if not session.has_history():
            return None
        try:
            held = st.session_state[LAST_MODEL] = session.person().settings.last_model() or ""
        except StoreError:
            return None
    provider = session.engine().catalog.providers.get(held.partition("/")[0])
    askable = held in AUTO or (provider is not None and session.standing(provider).may_be_asked)
    return held if held and askable else None


def moved() -> Mapping[str, str]:
    """By the id of each model that this visitor moved away from, the one to use instead; {} while the database is not
    open."""
    moves: dict[str, str] | None = st.session_state.get(MOVED)
    if moves is None and session.is_open():
        with suppress(StoreError):
            moves = st.session_state[MOVED] = dict(session.person().model_moves.standing())
    return moves or {}


def forget_moved() -> None:
    """Read them again: there was a move, or one was undone."""
    st.session_state.pop(MOVED, None)


def usual() -> Iterator[str]:
    """One model of each ready provider, then their others; simulated ones if no provider is set up.

    Never a router: a person who chose nothing is told by name who will answer. In place of a model that the visitor
    moved away from stands the one they moved to.
    """
    names = list(_in_order())
    moves = {old: new for old, new in moved().items() if new in names}
    yield from dict.fromkeys(moves.get(name, name) for name in names)


def _in_order() -> Iterator[str]:
    directory = session.engine().directory
    by_provider: dict[str, list[str]] = {}
    for choice in directory.choices(session.keys()):
        if not is_router(choice.model):
            by_provider.setdefault(choice.provider.id, []).append(choice.model.id)
    yield from (models[0] for models in by_provider.values())
    yield from (name for models in by_provider.values() for name in models[1:])
    if not directory.real(session.keys()):
        yield from (choice.model.id for choice in directory.simulated() if not is_router(choice.model))
