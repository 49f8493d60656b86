"""What all visitors of this process share: the engine, and the workspace over the database.

The engine is made by the first who needs it (the warm-up thread of the launcher, or the first visitor). The workspace
brings SQL with it, which a visitor who only looks need not wait for: it opens at the first question, address or list
that needs it, or in the background once the first page has been drawn. Everything personal stays in `st.session_state`;
pasted keys are in a vault by their owner.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Lock, Thread
from time import sleep
from typing import TYPE_CHECKING, Any

from . import given
from .login_throttle import LoginThrottle
from .vault import Vault

if TYPE_CHECKING:
    from ..engine import Engine
    from ..jobs import Jobs
    from ..workspace import Workspace

PATIENCE_S = 3.0  # everything is made after this time even where nobody has come
LEARN_EVERY_S = 3600.0
REST_S = 2.0  # a page that is drawn makes the browser ask for sixty files, each of which waits for an import


class AppState:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.vault = Vault(engine.settings.pasted_keys_hours * 3600)
        self.drawn = Event()
        self.login_throttle = LoginThrottle()
        self._opening = Lock()
        self._workspace: Workspace | None = None
        self._trials: Jobs | None = None

    @property
    def is_open(self) -> bool:
        """Whether the database can be asked without waiting for it to open."""
        return self._workspace is not None

    @property
    def workspace(self) -> Workspace:
        self.open()
        assert self._workspace
        return self._workspace

    @property
    def trials(self) -> Jobs:
        """For calls that nobody keeps: the tests of the Providers page."""
        with self._opening:
            if self._trials is None:
                from ..jobs import Jobs

                self._trials = Jobs(self.engine)
        return self._trials

    def open(self) -> None:
        """Open the database, once; whoever comes meanwhile waits."""
        if self._workspace is not None:
            return
        with self._opening:
            if self._workspace is None:
                from ..assemble import open_workspace

                self._workspace = open_workspace(self.engine)

    def close(self) -> None:
        """End everything that runs, for tests and scripts; a server's end does it by itself."""
        self.vault.close()
        with self._opening:
            for carrier in (self._trials, self._workspace):
                if carrier:
                    carrier.close()

    def settle_in(self) -> None:
        """Do what would slow the first page down: import HTTP libraries, open the database, look for local servers,
        and ask who has a key which models there are, again from time to time."""
        if self.drawn.wait(PATIENCE_S):
            sleep(REST_S)
        self.drawn.set()  # where nobody came to the chat, nothing is put off any longer either
        self.engine.transports.warm_up()
        self.open()
        self.look_around()
        while True:  # once a day each, see `Listings.is_settled`
            with suppress(OSError):
                self.engine.directory.learn()
            sleep(LEARN_EVERY_S)

    def look_around(self) -> None:
        """See which local servers run; asks their ports, so not for a page."""
        with suppress(OSError):
            self.engine.directory.look_around()


_lock = Lock()
_runtime: AppState | None = None


def get() -> AppState:
    """The process's one Runtime, made on the first call. Raises `LLMError` (setup) when an option is wrong."""
    global _runtime
    with _lock:
        if _runtime is None:
            _runtime = _make()
            Thread(target=_runtime.settle_in, name="settle-in", daemon=True).start()
        return _runtime


def reset() -> None:
    """Forget everything, so that the next `get` starts afresh."""
    global _runtime
    with _lock:
        _runtime = None


def _make() -> AppState:
    from ..assemble import build

    secrets = _secrets()
    return AppState(build(secrets=secrets, environ=given.environ(secrets)))


def _secrets() -> dict[str, Any]:
    """What stands in Streamlit's secrets, {} when there are none."""
    import streamlit as st
    from streamlit.errors import StreamlitSecretNotFoundError

    try:
        return dict(st.secrets.to_dict())
    except StreamlitSecretNotFoundError:
        return {}
