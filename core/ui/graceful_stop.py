"""SIGTERM: take nothing new, let running answers end, then stop the server.

Uvicorn stops listening at the signal, which would cut off everyone who watches an answer. So for up to
`ROUNDTABLE_STOP_GRACE_S` seconds the server goes on, /readyz says no, and new questions are refused with a sentence.
A second SIGTERM stops at once. What still runs then is kept as interrupted, with what came (`app_state.close`).
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from .. import events
from . import app_state

Stop = Callable[[int, FrameType | None], Any]
_stopping = threading.Event()
_before: list[Callable[[], None]] = []


def is_stopping() -> bool:
    return _stopping.is_set()


def before(act: Callable[[], None]) -> None:
    """Have `act` called at the signal, before running answers are waited for."""
    _before.append(act)


def install() -> None:
    """Put ourselves before the server's own handler. For its main thread; elsewhere nothing happens."""
    previous = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is threading.main_thread() and callable(previous):
        signal.signal(signal.SIGTERM, _handler(previous))


def _handler(previous: Stop) -> Stop:
    def on_signal(number: int, frame: FrameType | None) -> None:
        if is_stopping():
            previous(number, frame)
            return
        _stopping.set()
        threading.Thread(target=_wind_up, args=(previous,), name="graceful-stop", daemon=True).start()

    return on_signal


def _wind_up(previous: Stop) -> None:
    try:
        if state := app_state.current():
            events.log("shutdown", level=logging.INFO, running=state.running())
            for act in _before:
                act()
            state.wind_up()
    finally:
        server: Any = getattr(previous, "__self__", None)
        if hasattr(server, "should_exit"):
            server.should_exit = True  # without the signal, which would be raised again and end the process with it
        else:
            signal.raise_signal(signal.SIGTERM)
