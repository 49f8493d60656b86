"""An asynchronous stream read by a thread that blocks: in a view of Flask or Django, in a script."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from queue import SimpleQueue
from typing import TypeVar

from .loop import CLOSE_S, BackgroundLoop

T = TypeVar("T")


class _End:
    """The last thing in the queue. `error` is what the stream raised."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def blocking(loop: BackgroundLoop, open_stream: Callable[[], AsyncGenerator[T]]) -> Generator[T]:
    """Yield what a stream yields, which runs on the background loop from the first `next` on.

    A generator that is closed, or dropped, before its end closes the stream, and returns when that has closed what it
    holds open.
    """
    arrived: SimpleQueue[T | _End] = SimpleQueue()
    ended = threading.Event()

    async def play() -> None:
        try:
            async with aclosing(open_stream()) as stream:
                async for each in stream:
                    arrived.put(each)
            arrived.put(_End())
        except BaseException as error:
            arrived.put(_End(error))
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            ended.set()

    running = loop.run(play())
    try:
        while not isinstance(each := arrived.get(), _End):
            yield each
        if isinstance(each.error, asyncio.CancelledError):
            raise RuntimeError("The engine was closed while an answer was arriving.")
        if each.error:
            raise each.error
    finally:
        running.cancel()
        if not loop.is_current():  # the garbage collector may run there, where nothing may wait for the loop
            ended.wait(CLOSE_S)
