"""What this one visitor holds: pasted keys, the open conversation, models a provider told of.

Keys live in the process's vault and nowhere else: not in the address, a cache, a log, a database or a session. What is
kept on disk is only which providers had one, so that a page can say that it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from ..providers.standing import Standing
from ..records import Provider
from ..store import Health, Notice, StoreError
from . import app_state
from . import owner as owners

if TYPE_CHECKING:
    from ..engine import Engine
    from ..jobs import Jobs
    from ..workspace import Person
    from .login_throttle import LoginThrottle


def engine() -> Engine:
    return app_state.get().engine


def person() -> Person:
    """Who looks at this page: everything of theirs, with the keys that they have pasted. Opens the database."""
    return app_state.get().workspace.of(owners.current(), keys())


def person_of(cookies: str) -> Person | None:
    """The person whom a Cookie header names, for an address that is no page. Opens the database."""
    owner = owners.of_cookies(cookies)
    return app_state.get().workspace.of(owner) if owner else None


def by_cookie() -> bool:
    """Whether the browser's cookie names this visitor to every address of this server."""
    return owners.by_cookie()


def private_name(*parts: str) -> str:
    """The same for the same parts of this visitor, and telling nothing of them: 24 hexadecimal digits."""
    return sha256("\n".join((owners.current(), *parts)).encode()).hexdigest()[:24]


def is_open() -> bool:
    """Whether the database can be asked without waiting for it to open."""
    return app_state.get().is_open


def has_history() -> bool:
    """Whether to ask the database for this visitor's conversations: not while it is closed and there can be none."""
    return is_open() or not owners.is_new()


def health() -> Health:
    """What can be saved now. Opens the database."""
    return app_state.get().workspace.health()


def notices() -> tuple[Notice, ...]:
    """What opening the database found."""
    return app_state.get().workspace.notices()


def trials() -> Jobs:
    """For calls that nobody keeps: the tests of the Providers page."""
    return app_state.get().trials


def login_throttle() -> LoginThrottle:
    return app_state.get().login_throttle


def look_around() -> None:
    """See which local servers run; asks their ports."""
    app_state.get().look_around()


def new_id() -> str:
    """128 random bits."""
    return uuid4().hex


def keys() -> Mapping[str, str]:
    """Keys that this visitor pasted, by provider id; the same in every tab."""
    return app_state.get().vault.of(owners.current())


def paste(provider_id: str, key: str) -> bool:
    """Keep a pasted key; False when it cannot be one."""
    kept = app_state.get().vault.keep(owners.current(), provider_id, key)
    if kept:
        _note({*_noted(), provider_id})
    return kept


def forget_keys(*provider_ids: str) -> None:
    """Forget the keys of these providers, which are then no loss."""
    for provider_id in provider_ids:
        app_state.get().vault.forget(owners.current(), provider_id)
    _note(_noted() - {*provider_ids})


def lost_keys() -> set[str]:
    """Providers whose pasted key is gone without the visitor's doing: by a restart, idle time, or another replica."""
    return _noted() - {*keys()} if has_history() else set()


def _noted() -> set[str]:
    with suppress(StoreError):
        return set(person().settings.pasted())
    return set()


def _note(provider_ids: set[str]) -> None:
    with suppress(StoreError):
        person().settings.note_pasted(sorted(provider_ids))


def standing(provider: Provider) -> Standing:
    """What is known of a provider with the key that this visitor has for it, from the last call or test."""
    return engine().directory.standing(provider, keys())


def listed_models() -> dict[str, Sequence[str]]:
    """All names known beside the catalogue's, by provider id: those of local servers, and those a provider listed."""
    providers, offered = engine().catalog.providers.values(), engine().directory
    return {provider.id: names for provider in providers if (names := offered.names(provider, keys()))}


def running_servers() -> Iterable[str]:
    """Ids of the local servers seen running, also of those that want a key."""
    return engine().directory.running


def default_model() -> str:
    """What answers a visitor: the last choice, the configured model, one with a key, else "auto" or the simulator.

    A keyless provider elsewhere is never the default: nothing leaves this computer before somebody chose so. Nothing is
    simulated where a real provider is set up, even while its models are not known: "auto" then asks for them.
    """
    chosen: str | None = st.session_state.get("model") or engine().settings.default_model
    return chosen or next(usual_models(), "auto")


def usual_models() -> Iterator[str]:
    """One model of each provider that can be asked, then their others; simulated ones where nobody is set up."""
    offered = engine().directory
    found: dict[str, list[str]] = {}
    for choice in offered.choices(keys()):
        found.setdefault(choice.provider.id, []).append(choice.model.id)
    yield from (models[0] for models in found.values())
    yield from (name for models in found.values() for name in models[1:])
    if not offered.real(keys()):
        yield from (choice.model.id for choice in offered.simulated())
