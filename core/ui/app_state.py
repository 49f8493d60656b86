"""What all visitors of this process share: the engine, and the workspace over the database.

The engine is made by the first who needs it (the warm-up thread of the launcher, or the first visitor). The workspace
brings SQL with it, which a visitor who only looks need not wait for: it opens at the first question, address or list
that needs it, or in the background once the first page has been drawn. Everything personal stays in `st.session_state`;
pasted keys are in a vault by their owner.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from threading import Event, Lock, Thread
from time import sleep
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from . import given
from .login_throttle import LoginThrottle
from .vault import Vault

if TYPE_CHECKING:
    from ..batch.batches import Batches
    from ..engine import Engine
    from ..jobs import Jobs
    from ..workspace import Workspace
    from ..workspace.archive import Archive
    from ..workspace.freight import Freight
    from ..workspace.probe import Probes

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
        self._archive: Archive | None = None
        self._batches: Batches | None = None
        self._trials: Jobs | None = None
        self._probes: Probes | None = None

    @property
    def is_open(self) -> bool:
        """Whether the database can be asked without waiting for it to open."""
        return self._archive is not None

    @property
    def workspace(self) -> Workspace:
        self.open()
        assert self._workspace
        return self._workspace

    @property
    def archive(self) -> Archive:
        self.open()
        assert self._archive
        return self._archive

    @property
    def freight(self) -> Freight:
        """The large files of the history."""
        return self.workspace.freight

    @property
    def batches(self) -> Batches:
        self.open()
        assert self._batches
        return self._batches

    @property
    def trials(self) -> Jobs:
        """For calls that nobody keeps: the tests of the Providers page."""
        with self._opening:
            if self._trials is None:
                from ..jobs import Jobs

                self._trials = Jobs(self.engine)
        return self._trials

    @property
    def has_probes(self) -> bool:
        """Whether anybody ever measured here; asks no database."""
        return self._probes is not None

    @property
    def probes(self) -> Probes:
        """The measurements of the Latency page; on the loop of the answers."""
        workspace = self.workspace
        with self._opening:
            if self._probes is None:
                from ..workspace.probe import Probes

                self._probes = Probes(self.engine, workspace.database, workspace.budget, workspace.jobs)
        return self._probes

    def open(self) -> None:
        """Open the database, once; whoever comes meanwhile waits."""
        if self._archive is not None:
            return
        with self._opening:
            if self._archive is None:
                from ..assemble import open_batches, open_workspace
                from ..workspace.archive import Archive

                self._workspace = open_workspace(self.engine)
                self._batches = open_batches(self._workspace)
                self._archive = Archive(self._workspace.database, self._workspace.entry, self._workspace.process)

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
        import_module("streamlit.emojis")  # a pattern of 5,000 emoji, for the first label that is not in ASCII
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


def new_id() -> str:
    """128 random bits."""
    return uuid4().hex


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
