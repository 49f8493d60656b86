"""The simulator behind real sockets on this computer, on a loop of its own so that blocking clients can call it."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from core.records import Message
from core.simulator.plan import ReplyPlan, plan
from core.simulator.server import SimulatorServer

SEED = 7


@dataclass(frozen=True)
class Served:
    """`url` without a path; the server answers at once."""

    url: str
    server: SimulatorServer

    def plan(self, model: str, prompt: str, **more: Any) -> ReplyPlan:
        """What the server plans for a first request with this one user message."""
        return plan(model, (Message("user", prompt),), seed=SEED, **more)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = SimulatorServer(seed=SEED, speed=math.inf)
    runner, port = asyncio.run_coroutine_threadsafe(server.listen(), loop).result(10)
    yield Served(f"http://127.0.0.1:{port}", server)
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
