"""Lets the callback of a click end before a newer run of its page goes on.

Streamlit begins a newer run beside the one that is at work, and stops that one as soon as it touches its session or
draws, also within a callback. A question whose Send was still at work was lost, or begun and not shown, for the next
click, or for a file that arrived.
"""

from __future__ import annotations

from functools import wraps
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.state.safe_session_state import SafeSessionState


class _Callbacks:
    """Of one session: those of one run at a time."""

    def __init__(self) -> None:
        self.lock = Lock()


_guard = Lock()
_by_session: WeakValueDictionary[str, _Callbacks] = WeakValueDictionary()  # as long as a run holds them


def install() -> None:
    """For all sessions that begin afterwards. Installing twice changes nothing."""
    stop_if_newer = ScriptRunner._maybe_handle_execution_control_request
    call = SafeSessionState.on_script_will_rerun
    if hasattr(call, "__wrapped__"):
        return

    @wraps(stop_if_newer)
    def stop_outside_callbacks(runner: ScriptRunner) -> None:
        context = get_script_run_ctx(suppress_warning=True)
        if context is None or context.has_script_started:
            stop_if_newer(runner)

    @wraps(call)
    def call_in_turn(state: SafeSessionState, *values: Any, **options: Any) -> None:
        context = get_script_run_ctx(suppress_warning=True)
        callbacks = _callbacks(context.session_id if context else "")
        with callbacks.lock:
            call(state, *values, **options)

    ScriptRunner._maybe_handle_execution_control_request = stop_outside_callbacks  # type: ignore[method-assign, assignment]
    SafeSessionState.on_script_will_rerun = call_in_turn  # type: ignore[method-assign, assignment]


def _callbacks(session_id: str) -> _Callbacks:
    with _guard:
        return _by_session.setdefault(session_id, _Callbacks())
