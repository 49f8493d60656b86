"""Shared by all visitors of this process: the engine, and the workspace over the database.

The engine is imported and built on first use, by the warm-up thread or the first visitor: the server is up before
that. The workspace imports SQL, which takes time, so it opens with the first question, address or list that needs it,
or in the background after the first page was drawn. Personal state is in `st.session_state`; pasted keys are stored
by owner.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit import config
from streamlit.errors import StreamlitSecretNotFoundError

from . import environment, log_output
from .pasted_keys import PastedKeys

if TYPE_CHECKING:
    from ..engine import Engine
    from ..jobs import Jobs
    from ..workspace import Readiness, Workspace
    from ..workspace.people import People

PATIENCE_S = 3.0  # the rest is built after this time even if no visitor came
LEARN_EVERY_S = 3600.0
LOOK_S = 0.1
LAST_FRAME_S = 1.0  # in which open pages draw the end of an answer
log = logging.getLogger("roundtable.app")
REST_S = 2.0  # after the first page the browser requests its files, each of which would wait for an import


class AppState:
    def __init__(self, engine: Engine, oidc: Mapping[str, str] | None = None) -> None:
        """`oidc`: the ways to sign in that Streamlit's secrets set up, each with its label; {}: nobody has to."""
        self.engine = engine
        self.oidc = dict(oidc or {})
        self.pasted_keys = PastedKeys(engine.settings.pasted_keys_hours * 3600)
        self.drawn = Event()
        self._opening = Lock()
        self._workspace: Workspace | None = None
        self._trials: Jobs | None = None

    @property
    def data_folder(self) -> Path:
        settings = self.engine.settings
        return Path(settings.folder / settings.data_folder)

    @property
    def is_open(self) -> bool:
        """Whether the database is open already."""
        return self._workspace is not None

    @property
    def workspace(self) -> Workspace:
        self.open()
        assert self._workspace
        return self._workspace

    @property
    def people(self) -> People:
        """All people of this server. Opens the database."""
        return self.workspace.people

    @property
    def trials(self) -> Jobs:
        """Jobs that are not saved: the tests on the Providers page. Opens the database, which keeps what they tell of
        models and keys."""
        self.open()
        with self._opening:
            if self._trials is None:
                from ..jobs import Jobs

                self._trials = Jobs(self.engine)
        return self._trials

    def open(self) -> None:
        """Open the database, once; concurrent callers wait."""
        if self._workspace is not None:
            return
        with self._opening:
            if self._workspace is None:
                from ..assemble import open_workspace

                self._workspace = open_workspace(self.engine, self.pasted_keys.of)

    def readiness(self) -> Readiness:
        """Whether a question can be taken now. May wait for the database."""
        return self.workspace.readiness()

    def running(self) -> int:
        """How many answers run."""
        return len(self._workspace.jobs.running()) if self._workspace else 0

    def wind_up(self) -> None:
        """Take nothing new, and wait until what runs has ended, for as long as the option allows."""
        if self._workspace is None:
            return
        self._workspace.wind_up()
        until = monotonic() + self.engine.settings.stop_grace_s
        while not self._workspace.is_settled():
            if monotonic() > until:
                return
            sleep(LOOK_S)
        sleep(LAST_FRAME_S)

    def close(self) -> None:
        """Stop everything; what still runs is kept as interrupted."""
        self.pasted_keys.close()
        self.engine.keyring.sources.close()
        with self._opening:
            for part in (self._trials, self._workspace):
                if part:
                    part.close()

    def finish_start(self) -> None:
        """Do what would slow down the first page: import HTTP libraries, open the database, look for local servers,
        and keep asking providers with a key for their models."""
        if self.drawn.wait(PATIENCE_S):
            sleep(REST_S)
        self.drawn.set()  # if no visitor came, nothing is delayed any longer either
        self.engine.transports.warm_up()
        import_module("streamlit.emojis")  # a pattern of 5,000 emoji, for the first label that is not in ASCII
        self.open()
        self.look_around()
        while True:  # once a day each, see `Listings.is_settled`
            self.learn()
            sleep(LEARN_EVERY_S)

    def learn(self) -> None:
        """Read the operator's feed and the providers' lists where they are a day old. A fault of one stops neither
        another nor a later round."""
        feed = self.engine.feed
        for read in ((feed.refresh,) if feed else ()) + (self.engine.directory.learn,):
            try:
                read()
            except OSError:
                pass
            except Exception:
                log.exception("reading what the catalogue learns from failed")

    def look_around(self) -> None:
        """Look for running local servers. Probes their ports: do not call from a page."""
        with suppress(OSError):
            self.engine.directory.local.look_around()


_lock = Lock()
_app_state: AppState | None = None


def get() -> AppState:
    """The state of this process, built on the first call. Raises `LLMError` (setup) if an option is wrong."""
    global _app_state
    with _lock:
        if _app_state is None:
            _app_state = _make()
            Thread(target=_app_state.finish_start, name="finish-start", daemon=True).start()
        return _app_state


def current() -> AppState | None:
    """The state if it was built."""
    return _app_state


def close() -> None:
    """At the server's exit."""
    if state := current():
        state.close()


def reset() -> None:
    """Drop the state, so that the next `get` builds a new one."""
    global _app_state
    with _lock:
        _app_state = None


def _make() -> AppState:
    from ..assemble import build

    secrets = _secrets()
    engine = build(secrets=_secrets, environ=environment.environ(secrets))
    share_cookie_secret(engine.settings.environ)
    log_output.begin(engine.settings.log_format)
    return AppState(engine, _ways_to_sign_in(secrets))


def share_cookie_secret(environ: Mapping[str, str]) -> None:
    """Streamlit reads its cookie secret from the environment only; here it may also be in `.env`, in the secrets or in
    the folder of secret files, which is all that some hosts offer."""
    secret = environ.get("STREAMLIT_SERVER_COOKIE_SECRET")
    if secret and not config.is_manually_set("server.cookieSecret"):
        config.set_option("server.cookieSecret", secret, "secrets")


def _ways_to_sign_in(secrets: Mapping[str, Any]) -> dict[str, str]:
    """The providers in the [auth] section of the secrets, each with its label; "" is the unnamed one."""
    section = secrets.get("auth")
    if not isinstance(section, Mapping):
        return {}
    named = {name: str(part.get("label") or name.capitalize()) for name, part in section.items() if _is_provider(part)}
    return {**({"": str(section.get("label") or "")} if _is_provider(section) else {}), **named}


def _is_provider(part: Any) -> bool:
    return isinstance(part, Mapping) and "client_id" in part


def _secrets() -> dict[str, Any]:
    """Streamlit's secrets, {} if there are none."""
    try:
        return dict(st.secrets.to_dict())
    except StreamlitSecretNotFoundError:
        return {}
