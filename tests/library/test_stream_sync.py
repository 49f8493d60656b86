"""A stream for a thread that blocks: the same events, and nothing left behind when its reader goes away."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import pytest

from core import Completion, Delta, build
from core.engine import Engine
from core.net.loop import BackgroundLoop
from core.net.sync_stream import blocking
from tests.library.conftest import Provider, ask, descriptors, until

Make = Callable[..., Engine]


@pytest.fixture
def loop() -> Iterator[BackgroundLoop]:
    made = BackgroundLoop()
    yield made
    made.close()


def test_the_events_are_those_of_stream(engine: Make) -> None:
    async def streamed() -> list[object]:
        return [event async for event in engine().stream(ask())]

    events = list(engine().stream_sync(ask()))
    last = events[-1]
    assert isinstance(last, Completion)
    assert last.timing.streamed
    assert last.text == "".join(event.text for event in events if isinstance(event, Delta))
    assert [type(event) for event in events] == [type(event) for event in asyncio.run(streamed())]


def test_a_client_that_leaves_leaves_no_descriptor_thread_or_answer(engine: Make, provider: Provider) -> None:
    made = engine(environ=provider.environ)

    def leave(*, closes: bool) -> None:
        events = made.stream_sync(ask(model="groq/slow"))
        while not isinstance(next(events), Delta):
            pass
        if closes:
            events.close()
        del events

    threads_before, descriptors_before = threading.active_count(), descriptors()
    leave(closes=True)
    until(lambda: provider.outcomes(1) == ["gone"])
    threads, warm = threading.active_count(), descriptors()
    for turn in range(8):
        leave(closes=turn % 2 == 0)
    until(lambda: "running" not in provider.outcomes(9) and descriptors() <= warm)
    assert provider.outcomes(9) == ["gone"] * 9
    assert threading.active_count() <= threads
    made.close()
    until(lambda: threading.active_count() <= threads_before)
    until(lambda: descriptors() <= descriptors_before)


async def count(stopped: list[str]) -> AsyncGenerator[int]:
    try:
        for n in range(1000):
            yield n
            await asyncio.sleep(0 if n < 3 else 60)
    finally:
        stopped.append("closed")


async def tasks() -> int:
    return len(asyncio.all_tasks()) - 1


@pytest.mark.parametrize("how", ["close", "drop", "raise"])
def test_a_stream_that_is_left_is_closed_before_its_reader_goes_on(loop: BackgroundLoop, how: str) -> None:
    stopped: list[str] = []
    numbers = blocking(loop, lambda: count(stopped))
    assert [next(numbers) for _ in range(3)] == [0, 1, 2]
    if how == "close":
        numbers.close()
    elif how == "raise":
        with pytest.raises(BrokenPipeError):
            numbers.throw(BrokenPipeError())
    del numbers
    gc.collect()
    assert stopped == ["closed"]
    until(lambda: loop.run(tasks()).result(10) == 0)


def test_what_the_stream_raises_is_raised_where_it_is_read(loop: BackgroundLoop) -> None:
    async def broken() -> AsyncGenerator[int]:
        yield 1
        raise KeyError("broken")

    numbers = blocking(loop, broken)
    assert next(numbers) == 1
    with pytest.raises(KeyError, match="broken"):
        next(numbers)


def test_a_reader_learns_that_the_engine_was_closed(loop: BackgroundLoop) -> None:
    numbers = blocking(loop, lambda: count([]))
    assert [next(numbers) for _ in range(4)] == [0, 1, 2, 3]
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        next(numbers)


def test_a_generator_that_was_never_read_starts_nothing(engine: Make) -> None:
    before = threading.active_count()
    made = engine()
    made.stream_sync(ask())
    made.close()
    assert threading.active_count() <= before


def test_an_engine_that_is_dropped_takes_its_thread_with_it(tmp_path: Path) -> None:
    before = threading.active_count()
    for _ in build(environ={"ROUNDTABLE_SIMULATOR_SPEED": "1000"}, folder=tmp_path).stream_sync(ask()):
        pass
    gc.collect()
    until(lambda: threading.active_count() <= before)


def test_a_loop_that_is_closed_on_its_own_thread_waits_for_nothing(loop: BackgroundLoop) -> None:
    async def close() -> None:
        loop.close()

    loop.run(tasks()).result(10)
    before, thread = loop._loop, loop._thread
    assert before
    assert thread
    loop.run(close())
    until(lambda: not thread.is_alive())
    before.close()
    assert loop.run(tasks()).result(10) == 0


def test_close_ends_the_watchers_of_keys(engine: Make) -> None:
    with engine() as made:
        watchers = made.keyring.sources._watchers
        assert any(watcher.is_alive() for watcher in watchers)
    assert not any(watcher.is_alive() for watcher in watchers)
    made.close()


def test_aclose_closes_the_connections_of_a_loop_that_goes_on(engine: Make, provider: Provider) -> None:
    async def run() -> tuple[int, int]:
        async with engine(environ=provider.environ) as made:
            assert (await made.answer(ask("Hi", model="groq/quick", max_output_tokens=5))).text
            until_idle = descriptors()
        return until_idle, descriptors()

    before, after = asyncio.run(run())
    assert after < before


def test_a_child_after_a_fork_has_a_loop_of_its_own(loop: BackgroundLoop) -> None:
    loop.run(tasks()).result(10)
    of_the_parent, thread = loop._loop, loop._thread
    assert of_the_parent
    assert thread
    of_the_parent.call_soon_threadsafe(of_the_parent.stop)
    thread.join(10)  # as it is gone in the child
    of_the_parent.close()
    assert loop.run(tasks()).result(10) == 0
