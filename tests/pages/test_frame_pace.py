"""Frames: ten a second while the process has time, fewer while it is late, one page at a time, and an end at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from core.ui.chat import follow
from core.ui.chat.frame_pace import FRAME_S, SLOWEST_S, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def painted(pace: Pace, clock: Clock, late_s: float, times: int = 60) -> list[float]:
    """The length of the frame after each of so many frames that begin this late."""
    lengths = []
    for _ in range(times):
        due = clock.now
        clock.now += late_s
        with pace.turn(due):
            lengths.append(pace.frame_s)
    return lengths


def test_frames_stretch_while_the_process_is_late_and_only_then() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert set(painted(pace, clock, 0.005)) == {FRAME_S}
    late = painted(pace, clock, 0.1)
    assert late == sorted(late)
    assert 2 * FRAME_S < late[-1] <= SLOWEST_S
    assert painted(pace, clock, 5.0)[-1] == SLOWEST_S
    assert painted(pace, clock, 0.005)[-1] == FRAME_S


def test_one_late_frame_changes_little_and_an_old_one_nothing() -> None:
    clock = Clock()
    pace = Pace(clock)
    painted(pace, clock, 0.2, times=1)
    assert pace.frame_s == FRAME_S
    painted(pace, clock, 0.2)
    clock.now += 2
    assert pace.frame_s == FRAME_S


def test_pages_paint_one_after_another() -> None:
    pace, second_came = Pace(), Event()
    painted: list[str] = []

    def second() -> None:
        second_came.set()
        with pace.turn(pace.clock()):
            painted.append("second")

    with pace.turn(pace.clock()):
        other = Thread(target=second)
        other.start()
        second_came.wait()
        painted.append("first")
    other.join()
    assert painted == ["first", "second"]


def test_everybody_who_sleeps_is_woken_for_each_frame() -> None:
    pace, order = Pace(), list[int]()

    def page(number: int) -> None:
        news, due = Event(), pace.clock()
        for _ in range(3):
            with pace.turn(due):
                order.append(number)
            due = pace.rest(news)
            news.clear()

    pages = [Thread(target=page, args=(number,)) for number in range(8)]
    for each in pages:
        each.start()
    for each in pages:
        each.join(60)
    assert sorted(order) == sorted([*range(8)] * 3)


class Slow(Pace):
    """A process that is so late that no frame comes before a test's patience ends, but for those that have news."""

    frame_s = 1e6

    def rest(self, news: Event, longest_s: float = 1e6) -> float:
        return super().rest(news, longest_s)


@pytest.mark.parametrize("page", [None, "compare"])
def test_an_end_is_shown_at_once_however_slow_frames_are(
    page: str | None, open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PACE", Slow())
    at = open_page(page, **({"m": ["sim/quick", "sim/steady", "sim/thinker"]} if page else {}))
    at.chat_input[0].set_value("Why are there tides?").run()
    assert not at.exception
    assert any("again" in (button.key or "") for button in at.button)
