"""What a replica refuses so that a load balancer asks another one, and how it lets go of its visitors."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit.runtime
from starlette.types import Message, Receive, Scope, Send

from core.ui import failover, graceful_stop
from core.ui.failover import HEADER, Failover

NO_DATABASE: dict[str, object] = {"ready": False, "state": "running", "database": "down", "spool": "ok"}
BALANCED = [(HEADER, b"yes"), (b"accept", b"text/html")]


class Balanced:
    """A replica: `request` and `connect` return what it sent; the app behind it answers 200, or holds a websocket."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state: dict[str, object] = {"ready": True, "state": "running", "database": "ok", "spool": "ok"}
        self.sessions = {"here"}
        self.waiting = False
        self.read = 0
        self.sent: list[Message] = []
        self.connected = asyncio.Event()
        self.gone = asyncio.Event()
        runtime = SimpleNamespace(is_active_session=self.sessions.__contains__)
        monkeypatch.setattr(streamlit.runtime, "get_instance", lambda: runtime)
        monkeypatch.setattr(failover, "_has_waiting", lambda scope: self.waiting)
        monkeypatch.setattr(graceful_stop, "_before", [])
        self.door = Failover(self.app, self)  # type: ignore[arg-type]

    async def parts(self) -> dict[str, object]:
        return self.state

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            return
        await send({"type": "websocket.accept"})
        self.connected.set()
        await receive()
        await send({"type": "websocket.send", "bytes": b"too late"})

    async def request(self, path: str, headers: Any = (), method: str = "GET", body: int = 0) -> int:
        async def receive() -> Message:
            self.read += 1
            return {"type": "http.request", "body": b"x", "more_body": self.read < body}

        await self.door({"type": "http", "path": path, "method": method, "headers": headers}, receive, self.send)
        return next(message["status"] for message in self.sent if "status" in message)

    async def connect(self, headers: Any = BALANCED) -> list[str]:
        async def receive() -> Message:
            await self.gone.wait()
            return {"type": "websocket.disconnect"}

        await self.door({"type": "websocket", "path": "/_stcore/stream", "headers": headers}, receive, self.send)
        return [message["type"] for message in self.sent]

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self.gone.set()


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch) -> Balanced:
    return Balanced(monkeypatch)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_file_of_a_session_elsewhere_is_read_and_not_found(replica: Balanced, method: str) -> None:
    assert await replica.request("/_stcore/upload_file/there/f", method=method, body=7) == 404
    assert replica.read == 7


async def test_a_file_of_a_session_here_is_taken(replica: Balanced) -> None:
    assert await replica.request("/_stcore/upload_file/here/f", method="PUT") == 200


@pytest.mark.parametrize("state", [{"state": "starting"}, {"state": "stopping"}, NO_DATABASE])
async def test_a_page_goes_elsewhere_while_no_question_is_taken(replica: Balanced, state: dict[str, object]) -> None:
    replica.state = state
    assert await replica.request("/history", BALANCED) == 404


async def test_a_busy_replica_keeps_its_visitors(replica: Balanced) -> None:
    replica.state = {"ready": False, "state": "no answer"}
    assert await replica.request("/history", BALANCED) == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/history", BALANCED[1:]),  # nobody else is ready either
        ("/readyz", BALANCED),
        ("/static/js/index.js", BALANCED[:1]),
    ],
)
async def test_all_else_is_served_all_the_same(replica: Balanced, path: str, headers: Any) -> None:
    replica.state = NO_DATABASE
    assert await replica.request(path, headers) == 200


async def test_who_has_something_waiting_stays(replica: Balanced) -> None:
    replica.state, replica.waiting = NO_DATABASE, True
    assert await replica.request("/history", BALANCED) == 200
    replica.sent.clear()
    replica.state = {"ready": False, "state": "stopping"}
    assert await replica.request("/history", BALANCED) == 404


async def test_a_websocket_is_refused_as_a_page_is(replica: Balanced) -> None:
    replica.state = NO_DATABASE
    assert await replica.connect() == ["websocket.http.response.start", "websocket.http.response.body"]
    assert replica.sent[0]["status"] == 404


async def test_websockets_are_closed_at_the_signal_and_nothing_is_sent_after_that(replica: Balanced) -> None:
    tab = asyncio.create_task(replica.connect())
    await replica.connected.wait()
    for act in graceful_stop._before:
        await asyncio.to_thread(act)
    assert await tab == ["websocket.accept", "websocket.close"]
    assert replica.sent[1]["code"] == 1012


async def test_without_a_balancer_they_stay_open(replica: Balanced) -> None:
    tab = asyncio.create_task(replica.connect(headers=[]))
    await replica.connected.wait()
    for act in graceful_stop._before:
        await asyncio.to_thread(act)
    replica.gone.set()
    assert await tab == ["websocket.accept", "websocket.send"]
