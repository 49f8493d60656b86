"""The comparison's doings: the line-up in the address, asking all at once, stopping, trying one again, following.

The line-up (which models, in which order) is the address's; a run is what was asked of it. A lane whose model was
changed since counts as not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from core.ui import here, runtime
from core.ui.asking import chat
from core.ui.asking.state import Run, Turn, Wishes

if TYPE_CHECKING:
    from core.ui.answer.view import View

FEWEST, MOST, USUAL = 2, 6, 4
SIMULATED = ("sim/quick", "sim/steady", "sim/thinker", "sim/flaky")
ASK = "ask-all"


def lineup() -> list[str]:
    """The models in the address, else of the run it names, else of this session, else four that answer without ado."""
    run = current()
    asked = [name for name in st.query_params.get_all("m") if "/" in name][:MOST]
    if run and not asked:
        asked = [lane.model_id for lane in run.lanes]
    known: list[str] = asked or list(st.session_state.get("line-up", {}).get("m", ()))
    for name in _usual():
        if len(known) >= (FEWEST if asked else USUAL):
            break
        if name not in known:
            known.append(name)
    _note(known, run)
    return known


def _usual() -> list[str]:
    """At most four with a key, then simulated ones of different tempers, then what else there is."""
    names = list(here.usual())
    providers = here.engine().catalog.providers
    real = [name for name in names if not providers[name.partition("/")[0]].simulated]
    return list(dict.fromkeys([*real[:USUAL], *SIMULATED, *names]))


def current() -> Run | None:
    """The run in the address."""
    run = runtime.get().runs.get(st.query_params.get("run"))
    if run:
        settle(run)
    return run


def wishes() -> Wishes:
    """System prompt and sampling for the next run of this session."""
    held: Wishes = st.session_state.setdefault("compare-wishes", Wishes())
    return held


def lane_of(run: Run | None, place: int, model_id: str) -> Turn | None:
    """What was asked at this place, if it was asked of this model."""
    lane = run.lanes[place] if run and place < len(run.lanes) else None
    return lane if lane and lane.model_id == model_id else None


def ask(models: Sequence[str], prompt: str) -> None:
    """Put the prompt to all models at once. What still runs of the last run is stopped; its parts stay in it."""
    prompt, keys, before = prompt.strip(), here.keys(), current()
    if not prompt or (before and before.running() and before.prompt == prompt):
        return
    if before:
        stop(before.running())
    lanes = [Turn(prompt, model_id, runtime.new_id()) for model_id in models]
    run = Run(runtime.new_id(), prompt, lanes, replace(wishes()))
    with run.lock:
        runtime.get().runs.put(run)
        for lane in lanes:
            _start(run, lane, keys)
    _remember(models, run)


def again(run: Run | None, place: int, model_id: str) -> None:
    """Ask one lane anew, with the model that stands there now."""
    keys = here.keys()
    if run is None:
        return
    with run.lock:
        lane = lane_of(run, place, model_id)
        if lane and chat.outcome(lane) is None:
            return
        fresh = Turn(run.prompt, model_id, runtime.new_id(), together=False)
        if place < len(run.lanes):
            chat.stop_turn(run.lanes[place])
            run.lanes[place] = fresh
        else:
            run.lanes.append(fresh)
        _start(run, fresh, keys)


def stop(lanes: Sequence[Turn]) -> None:
    for lane in lanes:
        chat.stop_turn(lane)


def choose(place: int, model_id: str) -> None:
    """Another model in one place of the line-up."""
    models = lineup()
    models[place] = model_id
    _remember(models, current())


def add() -> None:
    """One more lane: the first usual model that is not there yet."""
    models = lineup()
    spare = [name for name in (*_usual(), *models) if name not in models] or models
    if len(models) < MOST:
        _remember([*models, spare[0]], current())


def remove(place: int) -> None:
    """One lane less; its answer goes with it."""
    models, run = lineup(), current()
    if len(models) <= FEWEST:
        return
    models.pop(place)
    if run and place < len(run.lanes):
        with run.lock:
            chat.stop_turn(run.lanes.pop(place))
    _remember(models, run)


def forget() -> None:
    """An empty comparison with the same line-up."""
    run = current()
    if run:
        stop(run.running())
    _remember(lineup(), None)


def settle(run: Run) -> None:
    """Keep the ends that have come."""
    with run.lock:
        for lane in run.running():
            lane.completion = chat.outcome(lane)


def follow(run: Run, views: Mapping[str, View], ended: Callable[[Turn], None]) -> None:
    """Paint all running lanes until the last has ended. `views` by request id; `ended` draws a lane's end."""
    open_lanes = [lane for lane in run.running() if lane.request_id in views]
    while open_lanes:
        st.session_state.get("tick")  # here Streamlit may stop this run; the jobs go on
        for lane in list(open_lanes):
            job = chat.job_of(lane)
            if job is None or job.done:
                settle(run)
                open_lanes.remove(lane)
                ended(lane)
            else:
                views[lane.request_id].show(job.look())
        if open_lanes and (job := chat.job_of(open_lanes[0])):
            job.wait(chat.TICK_S)
    st.rerun()


def _start(run: Run, lane: Turn, keys: Mapping[str, str]) -> None:
    runtime.get().jobs.start(run.request(lane), keys)


def _note(models: Sequence[str], run: Run | None) -> None:
    """Keep line-up and run for the links that lead back here."""
    st.session_state["line-up"] = {"m": list(models)} | ({"run": run.id} if run else {})


def _remember(models: Sequence[str], run: Run | None) -> None:
    """Write line-up and run into the address; only after a change, so that Back does not lead here again."""
    _note(models, run)
    if st.query_params.get_all("m") != list(models):
        st.query_params["m"] = list(models)
    if run and st.query_params.get("run") != run.id:
        st.query_params["run"] = run.id
    elif run is None and "run" in st.query_params:
        del st.query_params["run"]
