"""An exception that no page expected: a log line for the operator, and a sentence with its id for the person.

`st.App` calls `show` for pages, fragments and callbacks; `watch` asks for that in runs that came without an `st.App`.
"""

from __future__ import annotations

import logging
from contextlib import suppress

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from .. import events
from . import session
from .account import page as sign_in
from .text import t


def show(error: Exception) -> bool:
    """Log the exception and draw the sentence, or the page to sign in if that is all that is wrong; True: Streamlit
    need not draw anything."""
    if sign_in.shown_for(error):
        return True
    person = ""
    with suppress(Exception):  # whatever is broken, the fault is shown
        person = session.log_name()
    page = st.session_state.get("page")
    event_id = events.log("page_failed", level=logging.ERROR, error=error, page=page, person=person or None)
    st.error(
        t("Something broke here. Tell your administrator {id}, or reload the page to go on.", id=f"**{event_id}**"),
        icon=":material/error:",
    )
    return True


def watch() -> None:
    """Show the exceptions of this run so, whoever started it."""
    context = get_script_run_ctx()
    if context is not None and context.on_script_error is None:
        context.on_script_error = show
