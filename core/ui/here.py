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
    from core.providers.standing import Standing
    from core.records import Provider


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


def standing(provider: Provider) -> Standing:
    """What is known of a provider with the key that this visitor has for it, from the last call or test."""
    return engine().offered.standing(provider, keys())


def listed() -> dict[str, Sequence[str]]:
    """All names known beside the catalogue's, by provider id: those of local servers, and those a provider listed."""
    providers, offered = engine().catalog.providers.values(), engine().offered
    return {provider.id: names for provider in providers if (names := offered.names(provider, keys()))}


def alive() -> Iterable[str]:
    """Ids of the local servers seen running."""
    return engine().offered.local


def default_model() -> str:
    """What answers a visitor: the last choice, the configured model, one with a key, else "auto" or the simulator.

    A keyless provider elsewhere is never the default: nothing leaves this computer before somebody chose so. Nothing is
    simulated where a real provider is set up, even while its models are not known: "auto" then asks for them.
    """
    chosen: str | None = st.session_state.get("model") or engine().settings.default_model
    return chosen or next(usual(), "auto")


def usual() -> Iterator[str]:
    """One model of each provider that can be asked, then their others; simulated ones where nobody is set up."""
    offered = engine().offered
    found: dict[str, list[str]] = {}
    for choice in offered.choices(keys()):
        found.setdefault(choice.provider.id, []).append(choice.model.id)
    yield from (models[0] for models in found.values())
    yield from (name for models in found.values() for name in models[1:])
    if not offered.real(keys()):
        yield from (choice.model.id for choice in offered.simulated())
