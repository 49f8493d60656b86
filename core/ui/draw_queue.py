"""Limits how many pages are drawn at the same time: two. The addresses take turns, in each its visitors, and for one
visitor it is first come, first served.

Drawing a page takes 25 ms of CPU. If a hundred people click in the same second and all pages are drawn at once, all of
them wait for the last; in turn they wait half as long on average, and streaming answers continue meanwhile. Whoever
clicks a hundred times waits for that alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Lock, Thread, current_thread
from typing import NamedTuple

from . import clients
from .clients import Client

AT_ONCE = 2
LEASE_S = 0.3  # a run that takes longer is waiting for something other than the interpreter and no longer counts
GLANCE_S = 0.02  # how often runs that ended without `leave` are looked for
REMEMBERED = 1000


class _Run(NamedTuple):
    thread: Thread
    turn: Event
    session_id: str
    client: Client


class DrawQueue:
    """One per process. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._inside: dict[Thread, float] = {}
        self._waiting: list[_Run] = []
        self._turns = 0
        self._last_turn: dict[str, int] = {}  # by the names of `Client.shares`

    def enter(self) -> None:
        """Wait for this thread's turn. Returns at once if the thread has not left since its last turn."""
        self.enter_as(*clients.of_session())

    def enter_as(self, session_id: str, client: Client) -> None:
        run = _Run(current_thread(), Event(), session_id, client)
        with self._lock:
            self._admit()
            if run.thread in self._inside:
                return
            self._dismiss(session_id)
            self._waiting.append(run)
            self._admit()
        while run.thread not in self._inside:
            # Only the first in the queue polls: a hundred polling threads would slow down the ones that draw.
            run.turn.wait(GLANCE_S if self._waiting and self._waiting[0] is run else None)
            run.turn.clear()
            with self._lock:
                self._admit()

    def leave(self) -> None:
        """The page is drawn, or its run continues without drawing."""
        with self._lock:
            self._inside.pop(current_thread(), None)
            self._admit()

    def _dismiss(self, session_id: str) -> None:
        """Let waiting runs of the session go on: Streamlit has stopped them for a newer one, so they end at once."""
        for run in [run for run in self._waiting if session_id and run.session_id == session_id]:
            self._waiting.remove(run)
            self._inside[run.thread] = self._clock() - 2 * LEASE_S  # takes nobody's place
            run.turn.set()

    def _admit(self) -> None:
        now, first = self._clock(), self._waiting[0] if self._waiting else None
        self._inside = {thread: since for thread, since in self._inside.items() if thread.is_alive()}
        drawing = sum(now - since <= LEASE_S for since in self._inside.values())
        while self._waiting and drawing < AT_ONCE:
            run = min(self._waiting, key=self._last_turns)
            self._waiting.remove(run)
            self._note_turn(run.client)
            self._inside[run.thread] = now
            drawing += 1
            run.turn.set()
        if self._waiting and self._waiting[0] is not first:
            self._waiting[0].turn.set()

    def _last_turns(self, run: _Run) -> tuple[int, ...]:
        """Orders by who has waited for the longest since their last turn: first the addresses, then the visitors."""
        address, visitor = (self._last_turn.get(f"{kind} {name}", 0) for kind, name in _names(run.client))
        return address, visitor

    def _note_turn(self, client: Client) -> None:
        self._turns += 1
        if len(self._last_turn) > REMEMBERED:
            self._last_turn.clear()
        for kind, name in _names(client):
            self._last_turn[f"{kind} {name}"] = self._turns


def _names(client: Client) -> tuple[tuple[str, str], ...]:
    return ("address", client.address), ("visitor", client.visitor)


DRAW_QUEUE = DrawQueue()
