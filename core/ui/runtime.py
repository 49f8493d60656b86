"""What all visitors of this process share: the engine, the answers in progress, and what was asked so far.

One `Runtime` exists a process, made by the first who needs it (the warm-up thread of the launcher, or the first
visitor). Everything personal (pasted keys, which conversation is open) stays in `st.session_state`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import sleep
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from core.errors import LLMError
from core.ui.asking.state import Conversation, Run, Shelf

if TYPE_CHECKING:
    from core.engine import Engine
    from core.jobs import Jobs


@dataclass
class Runtime:
    """`conversations` and `runs` are found by the unguessable id that stands in the address.

    `local` are the models of the servers seen on this computer, by provider id; filled in the background.
    """

    engine: Engine
    jobs: Jobs
    conversations: Shelf[Conversation] = field(default_factory=Shelf)
    runs: Shelf[Run] = field(default_factory=Shelf)
    local: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def look_around(self) -> None:
        """See which local servers run; asks their ports, so not for a page."""
        with suppress(LLMError, OSError):
            self.local = self.engine.local_models()


FIRST_PAGE_S = 2.5
_lock = Lock()
_runtime: Runtime | None = None


def get() -> Runtime:
    """The process's one Runtime, made on the first call. Raises `LLMError` (setup) when an option is wrong."""
    global _runtime
    with _lock:
        if _runtime is None:
            _runtime = _make()
            Thread(target=_settle_in, args=(_runtime,), name="settle-in", daemon=True).start()
        return _runtime


def reset() -> None:
    """Forget everything, so that the next `get` starts afresh."""
    global _runtime
    with _lock:
        _runtime = None


def new_id() -> str:
    """128 random bits: who knows the id may read the conversation."""
    return uuid4().hex


def _settle_in(runtime: Runtime) -> None:
    """What can wait until the first visitor has a page: the HTTP libraries, and a look at this computer's servers."""
    sleep(FIRST_PAGE_S)
    runtime.engine.transports.warm_up()
    runtime.look_around()


def _make() -> Runtime:
    from core.assemble import build
    from core.jobs import Jobs

    engine = build(secrets=_secrets())
    return Runtime(engine, Jobs(engine))


def _secrets() -> dict[str, Any]:
    """What stands in Streamlit's secrets, {} when there are none."""
    import streamlit as st
    from streamlit.errors import StreamlitSecretNotFoundError

    try:
        return dict(st.secrets.to_dict())
    except StreamlitSecretNotFoundError:
        return {}
