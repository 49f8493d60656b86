"""Writes frames to a socket when they are due, by event-loop timers alone: no task wakes up per token.

Frames are due at times counted from the start, so lateness never adds up. What is due together leaves as one chunk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from .calls import SimulatedCall
from .shapes.ask import Frame

FULL_BYTES = 1_000_000
SLOW_READER_PAUSE_S = 0.02


class Player:
    """Writes `frames` to `transport`, in HTTP chunks if `chunked`; `done` is set at the end."""

    def __init__(
        self,
        frames: Iterator[Frame],
        transport: asyncio.WriteTransport,
        call: SimulatedCall,
        *,
        clock: Callable[[], float],
        speed: float,
        chunked: bool,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._frames = frames
        self._transport = transport
        self._call = call
        self._clock = clock
        self._speed = speed
        self._chunked = chunked
        self._next = next(frames, None)
        self._due_s = clock() + (self._next.delay_s / speed if self._next else 0.0)
        self._timer: asyncio.TimerHandle | None = None
        self.done: asyncio.Future[None] = self._loop.create_future()

    def start(self) -> None:
        self._timer = None
        try:
            self._write_due()
        except Exception as error:  # a timer has no caller to tell
            if not self.done.done():
                self.done.set_exception(error)

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _write_due(self) -> None:
        if self._transport.is_closing():
            raise ConnectionResetError("the client has gone")
        if self._transport.get_write_buffer_size() > FULL_BYTES:
            self._timer = self._loop.call_later(SLOW_READER_PAUSE_S, self.start)
            return
        now_s = self._clock()
        due, tokens = self._take(now_s)
        if due:
            self._call.sent(tokens, now_s)
            data = due[0] if len(due) == 1 else b"".join(due)
            self._transport.write(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)
        if self._next is None:
            self.done.set_result(None)
        else:
            self._timer = self._loop.call_later(max(0.0, self._due_s - self._clock()), self.start)

    def _take(self, now_s: float) -> tuple[list[bytes], int]:
        """The bytes due by `now_s`, and how many tokens are among them."""
        due: list[bytes] = []
        tokens = 0
        while self._next is not None and self._due_s <= now_s:
            due.append(self._next.data)
            tokens += self._next.token
            self._next = next(self._frames, None)
            if self._next is not None:
                self._due_s += self._next.delay_s / self._speed
        return due, tokens
