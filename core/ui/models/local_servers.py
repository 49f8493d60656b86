"""Redraws a page with models when a local server was started or stopped."""

from __future__ import annotations

import streamlit as st

from .. import app_state, session

SEEN_EVERY_S = 5.0


def watch() -> None:
    """Rerun the page when the running local servers have changed since it was drawn."""
    if session.engine().settings.local_servers:
        _refresh(_state())


@st.fragment(run_every=SEEN_EVERY_S)
def _refresh(drawn_state: object) -> None:
    if app_state.get().drawn.is_set():  # it imports an HTTP library, which would hold up the first page
        session.engine().directory.local.look_soon()
    if _state() != drawn_state:
        st.rerun()


def _state() -> object:
    directory = session.engine().directory
    return directory.local.locked, {name: tuple(models) for name, models in directory.local.models.items()}
