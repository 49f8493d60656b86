"""The comparison's doings: the line-up in the address, asking all at once, stopping, trying one again.

The line-up (which models, in which order) is the address's; a run is what was asked of it. Each place of the line-up
shows the run's lane of that model; a place whose model the run has not asked is free.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from core.records import AUTO
from core.store import NotFound, StoreError, Unavailable
from core.ui import here, runtime
from core.ui.asking.state import Wished, say, told
from core.ui.text import t

if TYPE_CHECKING:
    from core.desk import Comparison, Sheet, Turn
    from core.records import Completion

FEWEST, MOST, USUAL = 2, 6, 4
SIMULATED = ("sim/quick", "sim/steady", "sim/thinker", "sim/flaky")
ASK = "ask-all"
TOGETHER = timedelta(seconds=5)
ENDED_WELL = ("stop", "length")


@dataclass(frozen=True)
class Lane:
    """A lane of a run that is shown: its conversation and the question in it."""

    sheet: Sheet
    turn: Turn


@dataclass(frozen=True)
class Board:
    """What one script run shows: the line-up, the run in the address, and the run's lane for each place."""

    models: tuple[str, ...]
    run: Comparison | None
    lanes: tuple[Lane | None, ...]
    nonce: str

    def running(self) -> list[Turn]:
        """Of all lanes of the run, shown or not."""
        sheets = self.run.lanes if self.run else ()
        return [turn for sheet in sheets if (turn := sheet.running())]


def board() -> Board:
    """Of the address, else of this session, else four models that answer without ado."""
    run = _current()
    asked = [name for name in st.query_params.get_all("m") if "/" in name and name not in AUTO][:MOST]
    if run and not asked:
        asked = [lane.model_id for lane in run.lanes][:MOST]
    known: list[str] = asked or list(st.session_state.get("line-up", {}).get("m", ()))
    for name in _usual():
        if len(known) >= (FEWEST if asked else USUAL):
            break
        if name not in known:
            known.append(name)
    _note(known, run.id if run else None)
    return Board(tuple(known), run, _places(known, run), runtime.new_id())


def _places(models: Sequence[str], run: Comparison | None) -> tuple[Lane | None, ...]:
    free = [Lane(sheet, sheet.turns[-1]) for sheet in run.lanes if sheet.turns] if run else []
    places: list[Lane | None] = []
    for model_id in models:
        lane = next((lane for lane in free if lane.sheet.model_id == model_id), None)
        if lane:
            free.remove(lane)
        places.append(lane)
    return tuple(places)


def _usual() -> list[str]:
    """At most four with a key, then simulated ones of different tempers, then what else there is."""
    names = list(here.usual())
    providers = here.engine().catalog.providers
    real = [name for name in names if not providers[name.partition("/")[0]].simulated]
    return list(dict.fromkeys([*real[:USUAL], *SIMULATED, *names]))


def _current() -> Comparison | None:
    """The run in the address, if it is this visitor's."""
    name = st.query_params.get("run")
    if not name:
        return None
    try:
        return runtime.get().desk.comparison(here.owner(), name)
    except NotFound:
        say(t("That comparison is not here (deleted, or another browser's); this is a new one."))
        del st.query_params["run"]
    except Unavailable:
        say(t("That comparison cannot be read now: the database is away. Reload when it is back."), warning=True)
    return None


def wishes() -> Wished:
    """System prompt and sampling for the next run of this session."""
    held: Wished = st.session_state.setdefault("compare-wishes", {})
    return held


def wish(name: str, value: object) -> None:
    st.session_state["compare-wishes"] = {**wishes(), name: value}


def ask(shown: Board, prompt: str) -> None:
    """Put the prompt to all models at once. What still runs of the last run is stopped; its parts stay in it."""
    prompt, owner, keys = prompt.strip(), here.owner(), here.keys()
    if not prompt or (shown.run and shown.running() and shown.run.prompt == prompt):
        return
    stop(shown.running())
    from core.desk import Wishes

    try:
        desk, wanted = runtime.get().desk, Wishes(**wishes())
        run_id = desk.compare(owner, shown.nonce, prompt, shown.models, wishes=wanted, keys=keys)
    except StoreError:
        st.session_state[ASK] = prompt
        say(t("Not sent: nothing can be kept now. Your question is back in the box."), warning=True)
        return
    _remember(shown.models, run_id)


def again(shown: Board, place: int) -> None:
    """Ask one place anew: another answer in its lane, or a lane of its own for a model that was not asked."""
    owner, keys, run, lane, model_id = here.owner(), here.keys(), shown.run, shown.lanes[place], shown.models[place]
    if run is None or (lane and lane.turn.state == "running" and not ended(lane.turn)):
        return
    desk, request_id = runtime.get().desk, f"{shown.nonce}-{place}"
    with told():
        if lane:
            desk.again(owner, request_id, lane.sheet, lane.turn, model_id, keys)
        else:
            from core.desk import lanes

            lanes.add(desk, owner, request_id, run, model_id, keys)


def ended(turn: Turn) -> Completion | None:
    """How the answer ended; None while it goes on, or while nobody can tell."""
    with suppress(StoreError):
        return runtime.get().desk.look(here.owner(), turn.request_id).completion
    return None


def stop(turns: Sequence[Turn]) -> None:
    for turn in turns:
        runtime.get().desk.stop(here.owner(), turn.request_id)


def choose(shown: Board, place: int, model_id: str) -> None:
    """Another model in one place of the line-up."""
    models = list(shown.models)
    models[place] = model_id
    _remember(models, _id(shown))


def add(shown: Board) -> None:
    """One more place: the first usual model that is not there yet."""
    spare = [name for name in (*_usual(), *shown.models) if name not in shown.models] or shown.models
    if len(shown.models) < MOST:
        _remember([*shown.models, spare[0]], _id(shown))


def remove(shown: Board, place: int) -> None:
    """One place less; what its lane has answered stays in the history."""
    lane = shown.lanes[place]
    if len(shown.models) <= FEWEST:
        return
    if lane:
        stop([lane.turn])
    _remember([*shown.models[:place], *shown.models[place + 1 :]], _id(shown))


def forget(shown: Board) -> None:
    """An empty comparison with the same line-up; the last one is in the history."""
    stop(shown.running())
    _remember(shown.models, None)


def fastest(shown: Board, ends: Callable[[Turn], Completion | None]) -> Turn | None:
    """The lane that ended first of those that started together and ended well; None while none has."""
    turns = [lane.turn for lane in shown.lanes if lane and len(lane.turn.answer_siblings) < 2]
    starts = [turn.asked_at for turn in turns if turn.asked_at]
    times: dict[str, float] = {}
    for turn in turns:
        end, together = ends(turn), not turn.asked_at or turn.asked_at - min(starts) <= TOGETHER
        if together and end and end.text and not end.error and end.finish and end.finish.reason in ENDED_WELL:
            times[turn.request_id] = (end.timing.total_ms or 0) + end.timing.waited_ms
    first = min(times, key=times.__getitem__, default=None)
    return next((turn for turn in turns if turn.request_id == first), None) if len(turns) > 1 else None


def _id(shown: Board) -> str | None:
    return shown.run.id if shown.run else None


def _note(models: Sequence[str], run_id: str | None) -> None:
    """Keep line-up and run for the links that lead back here."""
    st.session_state["line-up"] = {"m": list(models)} | ({"run": run_id} if run_id else {})


def _remember(models: Sequence[str], run_id: str | None) -> None:
    """Write line-up and run into the address; only after a change, so that Back does not lead here again."""
    _note(models, run_id)
    if st.query_params.get_all("m") != list(models):
        st.query_params["m"] = list(models)
    if run_id and st.query_params.get("run") != run_id:
        st.query_params["run"] = run_id
    elif run_id is None and "run" in st.query_params:
        del st.query_params["run"]
