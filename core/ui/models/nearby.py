"""Local servers that are started or stopped while a page is open: seen without a button, within half a minute or so."""

from __future__ import annotations

import streamlit as st

from .. import app_state, session

SEEN_EVERY_S = 5.0


def watch() -> None:
    """Draw nothing, and the page again when other local servers run than it was drawn with. For pages with models."""
    if session.engine().settings.local_servers:
        _look(_seen())


@st.fragment(run_every=SEEN_EVERY_S)
def _look(drawn: object) -> None:
    if app_state.get().drawn.is_set():  # it imports an HTTP library, which would hold up the first page
        session.engine().directory.look_soon()
    if _seen() != drawn:
        st.rerun()


def _seen() -> object:
    offered = session.engine().directory
    return offered.locked, {name: tuple(models) for name, models in offered.local.items()}
