"""What this one visitor holds: pasted keys, the open conversation, models a provider told of. Kept in session state.

Keys live here and nowhere else: not in the address, a cache, a log or the process-wide runtime.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.ui import owner as owners
from core.ui import runtime

if TYPE_CHECKING:
    from core.engine import Engine


def engine() -> Engine:
    return runtime.get().engine


def owner() -> str:
    """Whose conversations this visitor reads and writes."""
    return owners.current()


def has_past() -> bool:
    """Whether to ask the database for this visitor's conversations: not while it is closed and there can be none."""
    return runtime.get().is_open or not owners.is_new()


def keys() -> dict[str, str]:
    """Keys pasted in this session, by provider id."""
    held: dict[str, str] = st.session_state.setdefault("keys", {})
    return held


def told() -> dict[str, list[str]]:
    """Model names a provider told when this visitor asked, by provider id."""
    names: dict[str, list[str]] = st.session_state.setdefault("listed", {})
    return names


def listed() -> dict[str, Sequence[str]]:
    """All names known beside the catalogue's: of the local servers seen, and those told to this visitor."""
    return {**runtime.get().local, **told()}


def alive() -> Iterable[str]:
    """Ids of the local servers seen running."""
    return runtime.get().local


def default_model() -> str:
    """What answers a visitor: the last choice, the configured model, one with a key, else the simulator.

    A keyless provider elsewhere is never the default: nothing leaves this computer before somebody chose so.
    """
    chosen: str | None = st.session_state.get("model") or engine().settings.default_model
    return chosen or next(iter(usual()))


def usual() -> Iterator[str]:
    """One model of each provider that has a key, then the simulated ones."""
    simulated: list[str] = []
    for provider in engine().catalog.providers.values():
        models = [model.id for model in provider.models if model.listed]
        if provider.simulated:
            simulated = simulated or models
        elif models and engine().keyring.find(provider, keys()) and engine().is_ready(provider, keys()):
            yield models[0]
    yield from simulated
