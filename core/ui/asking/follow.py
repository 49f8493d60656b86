"""Following an answer that is under way, ten times a second here, twice a second where another process writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import streamlit as st

from ...jobs import Job
from ...records import Completion
from ...store import NotFound, Unavailable
from ...views.conversation import Turn
from ...views.progress import Progress
from .. import session
from ..turnstile import TURNSTILE
from .pace import FRAME_S, PACE

FAR_S = 0.5  # between two looks at an answer that another process writes

Show = Callable[["Progress"], None]
End = Callable[["Completion"], None]


class AnswerFollower:
    """One answer and where it is shown. `look` shows what is new and returns True once it has ended; then `finish`."""

    def __init__(self, turn: Turn, show: Show, end: End | None = None) -> None:
        self._turn = turn
        self._show = show
        self.end = end
        self._chats = session.person().chats
        self._job: Job | None = None
        self._far: Progress | None = None
        self._far_due = 0.0
        self._gone = False
        self._completion: Completion | None = None

    def find(self, news: Event) -> None:
        """Find the answer where it is written. What this process writes sets `news`, else the database is asked."""
        if self._job is None:
            self._job = self._chats.job(self._turn.request_id)
            if self._job:
                self._job.listen(news)
            elif PACE.clock() >= self._far_due:
                self._far_due = PACE.clock() + FAR_S
                self._far = self._read()

    def look(self) -> bool:
        """Waits for nothing."""
        seen = self._job.progress() if self._job else self._far
        if seen is None:
            return self._gone
        self._completion = seen.completion
        if seen.completion is None or seen.text:
            self._show(seen)
        return seen.completion is not None

    def finish(self) -> None:
        if self.end and self._completion:
            self.end(self._completion)

    def leave(self, news: Event) -> None:
        if self._job:
            self._job.unlisten(news)

    def _read(self) -> Progress | None:
        try:
            seen = self._chats.progress(self._turn.request_id)
        except NotFound:  # deleted meanwhile
            self._gone = True
            return None
        except Unavailable:
            return self._far
        spent = datetime.now(UTC) - self._turn.asked_at if self._turn.asked_at else None
        return replace(seen, elapsed_ms=spent.total_seconds() * 1000) if spent and not seen.completion else seen


def follow(watches: Sequence[AnswerFollower]) -> None:
    """Until the last has ended; then the page is drawn anew from what was kept."""
    TURNSTILE.leave()
    news = Event()
    try:
        _follow(watches, news)
    finally:
        for watch in watches:
            watch.leave(news)
    st.rerun()


def _follow(watches: Sequence[AnswerFollower], news: Event) -> None:
    """An answer's last words go out a frame before the rest of its end: drawn together, they would wait for it."""
    open_ones, ending, due = list(watches), list[AnswerFollower](), PACE.clock()
    while open_ones or ending:
        news.clear()
        for watch in open_ones:
            watch.find(news)
        with PACE.turn(due):
            ended = [watch for watch in open_ones if watch.look()]
        for watch in ending:
            watch.finish()
        open_ones = [watch for watch in open_ones if watch not in ended]
        ending = [watch for watch in ended if watch.end]
        st.session_state.get("tick")  # here Streamlit may stop this run; the jobs go on
        if open_ones or ending:
            due = PACE.rest(news, FRAME_S) if ending else PACE.rest(news)
