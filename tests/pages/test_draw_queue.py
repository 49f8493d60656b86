"""Two pages are drawn at a time, first come, first served, and nobody waits for one who has left without a word."""

from __future__ import annotations

import gc
import sys
from threading import Event, Thread
from types import SimpleNamespace

import pytest

from core.ui import app_state, middleware
from core.ui.clients import NOBODY, Client
from core.ui.draw_queue import AT_ONCE, LEASE_S, MOST_RUNS, DrawQueue


class Run(Thread):
    """A script run that draws until it is told to go."""

    def __init__(
        self,
        turnstile: DrawQueue,
        finished: list[Run],
        *,
        says: bool = True,
        client: Client = NOBODY,
        session_id: str = "",
    ) -> None:
        super().__init__(daemon=True)
        self.who = session_id, client
        self.turnstile, self.came, self.says = turnstile, finished, says
        self.inside, self.go = Event(), Event()
        self.start()

    def run(self) -> None:
        self.turnstile.enter_as(*self.who)
        self.came.append(self)
        self.inside.set()
        self.go.wait()
        if self.says:
            self.turnstile.leave()


def waiting(turnstile: DrawQueue, number: int) -> None:
    while len(turnstile._waiting) < number:
        Event().wait(0.001)


def test_who_comes_first_draws_first_and_two_at_a_time() -> None:
    now = 0.0
    draw_queue, finished = DrawQueue(lambda: now), list[Run]()
    runs: list[Run] = []
    for number in range(6):
        runs.append(Run(draw_queue, finished))
        if number < AT_ONCE:
            assert runs[-1].inside.wait(10)
        else:
            waiting(draw_queue, number - AT_ONCE + 1)
    assert finished == runs[:AT_ONCE]
    for number in range(AT_ONCE, 6):
        assert not runs[number].inside.is_set()
        runs[number - AT_ONCE].go.set()
        assert runs[number].inside.wait(10)
    assert finished == runs
    for run in runs:
        run.go.set()
        run.join()


def test_who_draws_may_ask_again_without_waiting() -> None:
    turnstile = DrawQueue()
    for _ in range(3 * AT_ONCE):
        turnstile.enter()
    turnstile.leave()


def test_a_run_that_ends_without_a_word_gives_its_place_on() -> None:
    now = 0.0
    draw_queue, finished = DrawQueue(lambda: now), list[Run]()
    first = [Run(draw_queue, finished, says=False) for _ in range(AT_ONCE)]
    assert all(run.inside.wait(10) for run in first)
    last = Run(draw_queue, finished)
    waiting(draw_queue, 1)
    first[0].go.set()
    assert last.inside.wait(10)
    for run in (first[1], last):
        run.go.set()


def test_who_draws_for_long_is_not_waited_for() -> None:
    now = 0.0
    draw_queue, finished = DrawQueue(lambda: now), list[Run]()
    first = [Run(draw_queue, finished) for _ in range(AT_ONCE)]
    assert all(run.inside.wait(10) for run in first)
    last = Run(draw_queue, finished)
    waiting(draw_queue, 1)
    now = LEASE_S * 1.1
    assert last.inside.wait(10)
    for run in (*first, last):
        run.go.set()


def test_who_has_drawn_for_long_does_not_queue_again() -> None:
    now = 0.0
    draw_queue, finished = DrawQueue(lambda: now), list[Run]()
    draw_queue.enter()
    now = LEASE_S * 1.1
    others = [Run(draw_queue, finished) for _ in range(3 * AT_ONCE)]
    waiting(draw_queue, 2 * AT_ONCE)
    draw_queue.enter()
    draw_queue.leave()
    for run in others:
        run.go.set()
        run.join()


def test_addresses_take_turns_and_in_each_its_visitors() -> None:
    """Fifty clicks of one visitor, and fifty of one who renews his cookie, hold nobody up for more than a turn."""
    now = 0.0
    draw_queue, finished = DrawQueue(lambda: now), list[Run]()
    first = [Run(draw_queue, finished) for _ in range(AT_ONCE)]
    assert all(run.inside.wait(10) for run in first)
    clicks = [Client("flooder", "10.0.0.1")] * 20 + [Client(f"renewed {n}", "10.0.0.1") for n in range(20)]
    clicks += [Client("neighbour", "10.0.0.1"), Client("other", "10.0.0.2")]
    runs = list[Run]()
    for number, client in enumerate(clicks, 1):
        runs.append(Run(draw_queue, finished, client=client))
        waiting(draw_queue, number)
    for number in range(6):
        (first[0] if not number else finished[-1]).go.set()
        while len(finished) <= AT_ONCE + number:
            Event().wait(0.001)
    order = [run.who[1].visitor for run in finished[AT_ONCE:]]
    assert order.index("other") <= 1
    assert order.count("flooder") == 1
    for run in (*first, *runs):
        run.go.set()
    for run in (*first, *runs):
        run.join()


def test_a_visitor_who_lets_the_server_compute_for_long_has_so_many_runs() -> None:
    """A run that takes longer than its lease counts no more, but a visitor's next ones do not join it without end."""
    now = 0.0
    draw_queue, finished = DrawQueue(lambda: now), list[Run]()
    flooder, other = Client("flooder", "10.0.0.1"), Client("other", "10.0.0.1")
    runs = [Run(draw_queue, finished, client=flooder) for _ in range(10)]
    for _ in range(MOST_RUNS):
        while len(draw_queue._waiting) + len(draw_queue._inside) < len(runs):
            Event().wait(0.001)
        now += 2 * LEASE_S
    while len(finished) < MOST_RUNS:
        Event().wait(0.001)
    runs.append(Run(draw_queue, finished, client=other))
    assert runs[-1].inside.wait(10)
    now += 2 * LEASE_S
    assert len(finished) == MOST_RUNS + 1
    for run in runs:
        run.go.set()
    for run in runs:
        run.join()


def test_runs_that_streamlit_has_stopped_take_nobodys_place() -> None:
    now = 0.0
    draw_queue, finished = DrawQueue(lambda: now), list[Run]()
    first = [Run(draw_queue, finished) for _ in range(AT_ONCE)]
    assert all(run.inside.wait(10) for run in first)
    stopped = Run(draw_queue, finished, session_id="tab")
    waiting(draw_queue, 1)
    newer = Run(draw_queue, finished, session_id="tab")
    assert stopped.inside.wait(10)
    assert not newer.inside.is_set()
    assert len(draw_queue._waiting) == 1
    for run in (*first, stopped, newer):
        run.go.set()
    for run in (*first, stopped, newer):
        run.join()


def test_what_was_imported_is_not_searched_for_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = list[int]()
    drawn = SimpleNamespace(wait=lambda _longest_s: seen.append(gc.get_freeze_count()))
    monkeypatch.setattr(app_state, "get", lambda: SimpleNamespace(drawn=drawn))
    gc.unfreeze()  # what conftest.py froze
    try:
        middleware.warm_up()
    finally:
        gc.freeze()
    assert seen[0] > 10_000


def test_threads_change_often_only_until_the_first_page_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    usual_s, intervals = sys.getswitchinterval(), list[float]()
    drawn = SimpleNamespace(wait=lambda _longest_s: intervals.append(sys.getswitchinterval()))
    monkeypatch.setattr(app_state, "get", lambda: SimpleNamespace(drawn=drawn))
    monkeypatch.setattr(gc, "freeze", lambda: None)
    middleware.warm_up()
    assert intervals[0] < usual_s
    assert sys.getswitchinterval() == usual_s
