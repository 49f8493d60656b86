"""Tests a pasted key: requests the provider's models, which costs nothing; if that does not prove the key, asks for one
word. The result is kept for the session, the state of the key for all sessions.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, wait
from dataclasses import dataclass

import streamlit as st

from ...errors import LLMError
from ...records import Provider
from .. import session
from ..chat.frame_pace import FRAME_S
from . import trial


@dataclass
class Check:
    """One test of a key; `listed` is the number of models listed, None while it runs or if it failed."""

    provider_id: str
    future: Future[None] | None = None
    listed: int | None = None
    error: LLMError | None = None
    done: bool = False

    @property
    def is_free(self) -> bool:
        """Whether the list of models was enough, so that nothing was spent."""
        return self.done and trial.last(self.provider_id) is None


def _checks() -> dict[str, Check]:
    checks: dict[str, Check] = st.session_state.setdefault("checks", {})
    return checks


def last(provider_id: str) -> Check | None:
    return _checks().get(provider_id)


def forget(provider_id: str) -> None:
    """Drop the results for a key that has changed."""
    _checks().pop(provider_id, None)
    trial.forget(provider_id)


def start(provider: Provider) -> None:
    """Start testing this visitor's key for the provider. For callbacks: does not wait."""
    forget(provider.id)
    directory, keys = session.engine().directory, session.keys()
    if not session.engine().directory.is_ready(provider, keys):
        return
    check = _checks()[provider.id] = Check(provider.id)

    async def ask() -> None:
        try:
            check.listed = len(await asyncio.to_thread(directory.listed, provider, keys))
        except LLMError as error:
            check.error = error
        finally:
            check.done = True

    check.future = session.trials().beside(ask())


def follow() -> None:
    """Wait for the running tests, then rerun the page."""
    waiting = [check for check in _checks().values() if check.future]
    for check in waiting:
        while check.future and not check.future.done():
            st.session_state.get("tick")  # lets Streamlit stop this run; the test goes on
            wait([check.future], timeout=FRAME_S)
        check.future = None
        _go_on(check)
    if waiting:
        st.rerun()


def _go_on(check: Check) -> None:
    """Ask for one word if the list did not prove the key."""
    provider = session.engine().catalog.providers[check.provider_id]
    decided = check.error is None and check.listed and not provider.quirks.get("lists_without_key")
    refused = check.error is not None and check.error.kind == "auth"
    models = session.engine().directory.models(provider, session.keys())
    if not decided and not refused and models:
        trial.start(provider.id, models[0].id)
