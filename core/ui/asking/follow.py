"""Following an answer that is under way, ten times a second here, twice a second where another process writes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from core.store import NotFound, Unavailable
from core.ui import here, runtime

if TYPE_CHECKING:
    from core.desk import Turn
    from core.jobs import Progress
    from core.records import Completion

TICK_S = 0.1
FAR_TICKS = 5  # between two looks at an answer that another process writes

Show = Callable[["Progress"], None]
End = Callable[["Completion"], None]


class Watch:
    """One answer and where it is shown. `look` shows what is new and returns True once it has ended; then `finish`."""

    def __init__(self, turn: Turn, show: Show, end: End | None = None) -> None:
        self._turn = turn
        self._show = show
        self.end = end
        self._owner = here.owner()
        self._desk = runtime.get().desk
        self._ticks = 0
        self._completion: Completion | None = None

    def look(self) -> bool:
        job = self._desk.job(self._owner, self._turn.request_id)
        if job is None:
            self._ticks += 1
            if self._ticks % FAR_TICKS != 1:
                return False
        try:
            seen = job.look() if job else self._far()
        except NotFound:  # deleted meanwhile
            return True
        except Unavailable:
            return False
        self._completion = seen.completion
        if seen.completion is None or seen.text:
            self._show(seen)
        return seen.completion is not None

    def finish(self) -> None:
        if self.end and self._completion:
            self.end(self._completion)

    def wait(self) -> None:
        job = self._desk.job(self._owner, self._turn.request_id)
        if job:
            job.wait(TICK_S)
        else:
            time.sleep(TICK_S)

    def _far(self) -> Progress:
        seen = self._desk.look(self._owner, self._turn.request_id)
        spent = datetime.now(UTC) - self._turn.asked_at if self._turn.asked_at else None
        return replace(seen, elapsed_ms=spent.total_seconds() * 1000) if spent and not seen.completion else seen


def follow(watches: Sequence[Watch]) -> None:
    """Until the last has ended; then the page is drawn anew from what was kept.

    An answer's last words go out a tick before the rest of its end: drawn together, the words would wait for the rest.
    """
    open_ones, ending = list(watches), list[Watch]()
    while open_ones or ending:
        ended = [watch for watch in open_ones if watch.look()]
        for watch in ending:
            watch.finish()
        open_ones = [watch for watch in open_ones if watch not in ended]
        ending = [watch for watch in ended if watch.end]
        st.session_state.get("tick")  # here Streamlit may stop this run; the jobs go on
        if open_ones:
            open_ones[0].wait()
        elif ending:
            time.sleep(TICK_S)
    st.rerun()
