"""The library as a script has it: an engine in an empty folder, and a provider over HTTP on this computer.

engine(...)    `build` with these arguments, at a thousand times the simulator's speed; closed at the end
provider       the simulator on a port, eight times as fast as a model: `environ` leads Groq's models there
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core import ChatRequest, Message, build
from core.engine import Engine
from core.simulator.server import SimulatorServer


def ask(text: str = "Explain tides", model: str | None = "sim/quick", **fields: Any) -> ChatRequest:
    return ChatRequest([Message("user", text)], model_id=model, **fields)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def descriptors(process: int | str = "self") -> int:
    return len(os.listdir(f"/proc/{process}/fd"))


@dataclass(frozen=True)
class Provider:
    """`outcomes` are those of the newest answers of the slow model: running, done, or gone where its reader left."""

    url: str
    outcomes: Callable[[int], list[str]]

    @property
    def environ(self) -> dict[str, str]:
        return {
            "GROQ_BASE_URL": f"{self.url}/v1",
            "GROQ_API_KEY": "gsk_0123456789abcdefghij",
            "ROUNDTABLE_LOCAL_SERVERS": "false",
        }


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = SimulatorServer(seed=7, speed=8)
    runner, port = asyncio.run_coroutine_threadsafe(server.listen(), loop).result(10)

    def outcomes(newest: int) -> list[str]:
        return [str(call.outcome) for call in list(server.calls._calls) if call.model.endswith("slow")][-newest:]

    yield Provider(f"http://127.0.0.1:{port}", outcomes)
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    made: list[Engine] = []

    def make(*, environ: dict[str, str] | None = None, **arguments: Any) -> Engine:
        variables = {"ROUNDTABLE_SIMULATOR_SPEED": "1000", **(environ or {})}
        made.append(build(environ=variables, folder=tmp_path, **arguments))
        return made[-1]

    yield make
    for each in made:
        each.close()
