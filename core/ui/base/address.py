"""What a page writes into its address, held against runs that were asked for before the browser heard of it.

Each run comes with the browser's address. A click, or a file that arrives, just after a question was sent still names
the address before it: the chat that the question has begun would not be shown.
"""

from __future__ import annotations

from time import monotonic

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

HEARD_S = 1.0  # by then a browser has heard of it, and a run with the address before it means that


def put(name: str, value: str) -> None:
    """Write `name=value` into the address, if it is not there."""
    before = st.query_params.get(name)
    if before != value:
        st.session_state[_key(name)] = (before, value, monotonic())
        st.query_params[name] = value


def get(name: str) -> str | None:
    """The value in the address, or what has just been put there. Back leads to what the address was."""
    value = st.query_params.get(name)
    before, latest, at = st.session_state.get(_key(name), (None, None, 0.0))
    context = get_script_run_ctx(suppress_warning=True)
    is_back = bool(context and context.is_history_navigation)
    if latest is None or value != before or is_back or monotonic() - at > HEARD_S:
        return value
    st.query_params[name] = latest
    return str(latest)


def drop(name: str) -> None:
    """Take it out of the address."""
    st.session_state.pop(_key(name), None)
    st.query_params.pop(name, None)


def _key(name: str) -> str:
    return f"address-{name}"
