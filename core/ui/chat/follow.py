"""Follows running answers: ten times a second in this process, twice a second if another process runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import streamlit as st

from ...job import Job
from ...records import Completion
from ...store import NotFound, Unavailable
from ...views.conversation import Turn
from ...views.progress import Progress
from .. import session
from ..draw_queue import DRAW_QUEUE
from .frame_pace import FRAME_S, PACE

REMOTE_S = 0.5  # between two reads of an answer that another process runs

Show = Callable[["Progress"], None]
End = Callable[["Completion"], None]


class AnswerFollower:
    """One answer and where it is shown. `look` shows the news and returns True once it has ended; then `finish`."""

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
        """Find the answer's job, which sets `news`; if another process runs it, read the database."""
        if self._job is None:
            self._job = self._chats.job(self._turn.request_id)
            if self._job:
                self._job.listen(news)
            elif PACE.clock() >= self._far_due:
                self._far_due = PACE.clock() + REMOTE_S
                self._far = self._read()

    def look(self) -> bool:
        """Show the progress; does not block."""
        progress = self._job.progress() if self._job else self._far
        if progress is None:
            return self._gone
        self._completion = progress.completion
        if progress.completion is None or progress.text:
            self._show(progress)
        return progress.completion is not None

    def finish(self) -> None:
        if self.end and self._completion:
            self.end(self._completion)

    def leave(self, news: Event) -> None:
        if self._job:
            self._job.unlisten(news)

    def _read(self) -> Progress | None:
        try:
            progress = self._chats.progress(self._turn.request_id)
        except NotFound:  # deleted meanwhile
            self._gone = True
            return None
        except Unavailable:
            return self._far
        elapsed = datetime.now(UTC) - self._turn.asked_at if self._turn.asked_at else None
        return (
            replace(progress, elapsed_ms=elapsed.total_seconds() * 1000)
            if elapsed and not progress.completion
            else progress
        )


def follow(watches: Sequence[AnswerFollower]) -> None:
    """Follow until the last answer has ended; then rerun the page."""
    DRAW_QUEUE.leave()
    news = Event()
    try:
        _follow(watches, news)
    finally:
        for watch in watches:
            watch.leave(news)
    st.rerun()


def _follow(watches: Sequence[AnswerFollower], news: Event) -> None:
    """The last text is sent one frame before the final state is drawn, so that it does not wait for that."""
    running, ending, due = list(watches), list[AnswerFollower](), PACE.clock()
    while running or ending:
        news.clear()
        for watch in running:
            watch.find(news)
        with PACE.turn(due):
            ended = [watch for watch in running if watch.look()]
        for watch in ending:
            watch.finish()
        running = [watch for watch in running if watch not in ended]
        ending = [watch for watch in ended if watch.end]
        st.session_state.get("tick")  # lets Streamlit stop this run; the jobs go on
        if running or ending:
            due = PACE.rest(news, FRAME_S) if ending else PACE.rest(news)
