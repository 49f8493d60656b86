"""A pasted key tests itself: the provider is asked for its models, which costs nothing; where that says nothing of the
key, for one word. What came back stays for the session, the standing of the key for everybody.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, wait
from dataclasses import dataclass

import streamlit as st

from ...errors import LLMError
from ...records import Provider
from .. import session
from ..asking.pace import FRAME_S
from . import trial


@dataclass
class Check:
    """One test of a key; `listed` is how many models were told, None while it runs or where it failed."""

    provider_id: str
    future: Future[None] | None = None
    listed: int | None = None
    error: LLMError | None = None
    done: bool = False

    @property
    def is_free(self) -> bool:
        """Whether the list of models has decided, so that nothing was spent."""
        return self.done and trial.last(self.provider_id) is None


def _checks() -> dict[str, Check]:
    held: dict[str, Check] = st.session_state.setdefault("checks", {})
    return held


def last(provider_id: str) -> Check | None:
    return _checks().get(provider_id)


def forget(provider_id: str) -> None:
    """The key has changed: what was said of the one before is no more true."""
    _checks().pop(provider_id, None)
    trial.forget(provider_id)


def start(provider: Provider) -> None:
    """Test the key that this visitor has for the provider now. For callbacks: nothing is waited for."""
    forget(provider.id)
    offered, keys = session.engine().directory, dict(session.keys())
    if not session.engine().directory.is_ready(provider, keys):
        return
    check = _checks()[provider.id] = Check(provider.id)

    async def ask() -> None:
        try:
            check.listed = len(await asyncio.to_thread(offered.listed, provider, keys))
        except LLMError as error:
            check.error = error
        finally:
            check.done = True

    check.future = session.trials().beside(ask())


def follow() -> None:
    """Wait for the running tests, then draw the page anew."""
    waiting = [check for check in _checks().values() if check.future]
    for check in waiting:
        while check.future and not check.future.done():
            st.session_state.get("tick")  # here Streamlit may stop this run; the test goes on
            wait([check.future], timeout=FRAME_S)
        check.future = None
        _go_on(check)
    if waiting:
        st.rerun()


def _go_on(check: Check) -> None:
    """Ask for one word where the list has not decided."""
    provider = session.engine().catalog.providers[check.provider_id]
    decided = check.error is None and check.listed and not provider.quirks.get("lists_without_key")
    refused = check.error is not None and check.error.kind == "auth"
    models = session.engine().directory.models(provider, session.keys())
    if not decided and not refused and models:
        trial.start(provider.id, models[0].id)
