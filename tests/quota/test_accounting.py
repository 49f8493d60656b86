"""After hundreds of real HTTP calls with 429s, faults, cut streams and stops, the ledger and the simulator agree."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from core.net.loop import BackgroundLoop
from core.simulator.server import SimulatorServer
from core.workspace import Workspace
from tests.workspace.acme import ME, counted, model, per, settled, table, until, workspace_of

QUESTIONS = 300
AT_ONCE = 20
MODELS = ("quick", "steady", "thinker", "flaky")


@dataclass(frozen=True)
class Served:
    url: str

    def count(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.url}/_simulator/calls", timeout=10) as reply:
            counts: dict[str, int] = json.load(reply)["counts"]
        return counts


@pytest.fixture
def served() -> Iterator[Served]:
    loop = BackgroundLoop()
    runner, port = loop.run(SimulatorServer(seed=3, speed=40.0).listen()).result(10)
    yield Served(f"http://127.0.0.1:{port}")
    loop.run(runner.cleanup()).result(10)


def workspace_for(folder: Path, served: Served) -> Workspace:
    limits = (per("requests", "day", 100_000), per("tokens", "day", 100_000_000))
    return workspace_of(folder, table("acme", f"{served.url}/v1", *limits, models=", ".join(map(model, MODELS))))


def run(workspace: Workspace, *, questions: int) -> None:
    """Ask, each with a key of its own so that no refusal stops the rest, and stop a fifth in mid-answer."""
    chance = Random(5)
    numbers = iter(range(questions))
    running: dict[str, bool] = {}  # by name, whether it is to be stopped
    deadline = time.monotonic() + 100
    while True:
        for number in islice(numbers, AT_ONCE - len(running)):
            name = f"r{number}"
            keys = {"acme": f"acme-{number:04}-0123456789abcdef"}
            workspace.of(ME, keys).chats.ask(name, f"Question {number}", f"acme/{MODELS[number % len(MODELS)]}")
            running[name] = chance.random() < 0.2
        running = {name: stops for name, stops in running.items() if not ended(workspace, name, stops)}
        if not running:
            return
        assert time.monotonic() < deadline, f"{sorted(running)} did not end"
        time.sleep(0.005)


def ended(workspace: Workspace, name: str, stops: bool) -> bool:
    """Whether nothing more is to be waited for. One that is to be stopped is, as soon as it has begun to answer."""
    progress = workspace.of(ME).chats.progress(name)
    if progress.completion:
        return True
    if stops and (progress.text or progress.reasoning):
        workspace.of(ME).chats.stop(name)
        return True
    return False


def test_the_ledger_equals_the_simulators_own_count(tmp_path: Path, served: Served) -> None:
    workspace = workspace_for(tmp_path, served)
    run(workspace, questions=QUESTIONS)
    until(lambda: settled(workspace))
    simulator_count = served.count()
    assert simulator_count["requests"] >= QUESTIONS
    assert min(simulator_count.get(outcome, 0) for outcome in ("done", "fault", "cut", "gone")) > 0
    assert counted(workspace) == (simulator_count["requests"], 0)


def test_without_settling_they_would_not_agree(tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failing control: a settle that forgets refused calls is noticed."""
    from core.store.quota import ledger

    settle = ledger.settle

    def forgetful(*arguments: object, sent: bool = True, outcome: str = "ok", **more: object) -> bool:
        return settle(*arguments, sent=sent and outcome == "ok", outcome=outcome, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "settle", forgetful)
    workspace = workspace_for(tmp_path, served)
    run(workspace, questions=40)
    until(lambda: settled(workspace))
    assert counted(workspace)[0] < served.count()["requests"]


def test_a_stop_at_any_moment_is_counted_as_the_provider_counts_it(tmp_path: Path, served: Served) -> None:
    workspace, chance = workspace_for(tmp_path, served), Random(9)
    for number in range(120):
        keys = {"acme": f"acme-{number:04}-0123456789abcdef"}
        workspace.of(ME, keys).chats.ask(f"r{number}", f"Question {number}", "acme/quick")
        time.sleep(chance.random() * 0.02)
        workspace.of(ME).chats.stop(f"r{number}")
    until(lambda: served.count().get("running", 0) == 0)
    until(
        lambda: counted(workspace)[1] == 0 and settled(workspace)
    )  # a hold that was on its way at the stop is given back
    assert counted(workspace) == (served.count()["requests"], 0)
