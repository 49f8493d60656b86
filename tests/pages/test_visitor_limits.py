"""One visitor takes no more than their share: tabs, messages, requests at once, slow bodies, renewed cookies."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from core import events
from core.ui import clients, visitor, visitor_limits
from core.ui.app_state import AppState
from core.ui.clients import ADDRESS_SHARE, MESSAGES_AT_ONCE, Client, ClientUsage
from core.ui.visitor_limits import VisitorLimits

ROOT = Path(__file__).resolve().parents[2]
TABS = 4


class Server:
    """Ours, in front of an app that reads every message and every body to its end."""

    def __init__(self) -> None:
        self.now = 0.0
        self.usage = ClientUsage(TABS, lambda: self.now)
        self.door = VisitorLimits(self._app, self.usage)
        self.read: list[int] = []
        self.open: list[asyncio.Event] = []
        self.hold: asyncio.Event | None = None

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                self.read.append(len(message["bytes"]))
            return
        while scope["method"] != "GET":
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            if not message["more_body"]:
                break
        if self.hold:
            await self.hold.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})

    async def tab(
        self, name: str, address: str = "", messages: list[bytes] | None = None, *, again: bool = False
    ) -> str:
        """Open a websocket that stays open, and send these; returns the type of the last message that came back."""
        sent: list[str] = []
        leave = asyncio.Event()
        pending = list(messages or ())

        async def receive() -> Any:
            if pending:
                return {"type": "websocket.receive", "bytes": pending.pop(0)}
            await leave.wait()
            return {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        headers = [*_headers(name), *([(b"sec-websocket-protocol", b"streamlit,x,session")] if again else [])]
        scope = {"type": "websocket", "path": "/_stcore/stream", "client": (address, 1), "headers": headers}
        task = asyncio.create_task(self.door(scope, receive, send))
        self.open.append(leave)
        while not sent or (pending and not task.done()):
            await asyncio.sleep(0)
        return sent[-1]

    async def request(
        self, name: str, address: str = "", method: str = "GET", receive: Callable[[], Any] | None = None
    ) -> tuple[int, str]:
        replies: list[Any] = []

        async def whole() -> Any:
            return {"type": "http.request", "body": b"x", "more_body": False}

        async def send(message: Any) -> None:
            replies.append(message)

        headers = [*_headers(name), (b"accept", b"text/html")]
        scope = {"type": "http", "method": method, "path": "/", "client": (address, 1), "headers": headers}
        await self.door(scope, receive or whole, send)
        return replies[0]["status"], replies[1]["body"].decode()

    async def close(self) -> None:
        for leave in self.open:
            leave.set()
        while self.usage.tabs:
            await asyncio.sleep(0)


def _headers(name: str) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", f"{visitor.COOKIE}={name}".encode())] if name else []


@pytest.fixture
def server(shared: AppState) -> Server:
    return Server()


async def test_a_visitor_has_so_many_tabs_and_is_told_before_the_next(server: Server) -> None:
    name, other_name = visitor.new_name(), visitor.new_name()
    for _ in range(TABS):
        assert await server.tab(name) == "websocket.accept"
        assert await server.request(name) == (200, "page")  # such as a reload
    answers = [await server.tab(name) for _ in range(20)]
    assert answers.count("websocket.accept") <= 2
    status, sentence = await server.request(name)
    assert status == 429
    assert "Close some of them" in sentence
    assert events.ID.search(sentence)
    assert await server.tab(other_name) == "websocket.accept"
    assert (await server.request(other_name))[0] == 200
    await server.close()
    assert (await server.request(name))[0] == 200


async def test_tabs_that_return_after_a_loss_of_the_network_are_let_in(server: Server) -> None:
    name = visitor.new_name()
    for again in (False, True):
        answers = [await server.tab(name, again=again) for _ in range(TABS)]
        assert set(answers) == {"websocket.accept"}
    assert await server.tab(name, again=True) == "websocket.close"
    await server.close()


async def test_whoever_renews_the_cookie_is_bounded_by_the_address(server: Server) -> None:
    answers = [await server.tab(visitor.new_name(), "10.0.0.1") for _ in range(3 * TABS * ADDRESS_SHARE)]
    assert TABS * ADDRESS_SHARE <= answers.count("websocket.accept") <= (TABS + 2) * ADDRESS_SHARE
    assert (await server.request("", "10.0.0.1"))[0] == 429
    assert (await server.request("", "10.0.0.2"))[0] == 200
    assert await server.tab("", "10.0.0.2") == "websocket.accept"
    await server.close()


def test_clicks_without_end_wait_and_those_of_others_do_not() -> None:
    now = 0.0
    usage = ClientUsage(TABS, lambda: now)
    flooder, other = Client("a", "10.0.0.1"), Client("b", "10.0.0.1")
    waits = [usage.take(flooder, 1, 100) for _ in range(200)]
    assert not any(waits[: int(MESSAGES_AT_ONCE)])
    assert waits[-1] == pytest.approx((200 - MESSAGES_AT_ONCE) / clients.MESSAGES_PER_S)
    assert usage.take(other, 1, 100) == 0
    now = waits[-1] + MESSAGES_AT_ONCE / clients.MESSAGES_PER_S
    usage.forget_idle()
    assert not usage._messages.keys() - {"address 10.0.0.1"}


async def test_a_tab_that_sends_large_messages_without_end_is_closed(server: Server) -> None:
    message = bytes(int(clients.BYTES_AT_ONCE))
    assert await server.tab(visitor.new_name(), messages=[message] * 9) == "websocket.close"
    assert len(server.read) == 1
    await server.close()


async def test_after_a_tab_was_closed_for_its_messages_a_click_does_not_wait_for_long(server: Server) -> None:
    name, message = visitor.new_name(), bytes(int(clients.BYTES_AT_ONCE))
    for _ in range(20):
        await server.tab(name, messages=[message] * 9)
    assert server.usage.take(Client(name, ""), 1, 100) <= visitor_limits.LONGEST_WAIT_S
    await server.close()


def test_no_message_is_larger_than_a_page_sends() -> None:
    options = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["server"]
    assert options["maxMessageSize"] <= 16
    assert options["maxWidgetStateSize"] <= 16


async def test_requests_with_a_body_take_turns(server: Server) -> None:
    server.hold, name = asyncio.Event(), visitor.new_name()
    puts = [asyncio.create_task(server.request(name, method="PUT")) for _ in range(60)]
    while sum(task.done() for task in puts) < 60 - visitor_limits.BODIES_AT_ONCE - visitor_limits.MOST_WAITING:
        await asyncio.sleep(0)
    assert server.usage.bodies.total() == visitor_limits.BODIES_AT_ONCE
    other_name = asyncio.create_task(server.request(visitor.new_name(), method="PUT"))
    while server.usage.bodies.total() == visitor_limits.BODIES_AT_ONCE:
        await asyncio.sleep(0)
    server.hold.set()
    assert (await other_name)[0] == 200
    statuses = [(await task)[0] for task in puts]
    assert statuses.count(429) == 60 - visitor_limits.BODIES_AT_ONCE - visitor_limits.MOST_WAITING
    assert not server.usage.bodies
    assert not server.usage.waiting


async def test_a_body_that_hardly_moves_is_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor_limits, "STALL_S", 0.01)

    async def never() -> Any:
        await asyncio.Event().wait()

    status, sentence = await server.request(visitor.new_name(), method="PUT", receive=never)
    assert status == 408
    assert "too slow" in sentence
    assert not server.usage.bodies


async def test_a_byte_now_and_then_is_no_progress(server: Server) -> None:
    async def drop() -> Any:
        server.now += visitor_limits.STALL_S / 10
        return {"type": "http.request", "body": b"-", "more_body": True}

    assert (await server.request(visitor.new_name(), method="PUT", receive=drop))[0] == 408


@pytest.mark.parametrize(("proxies", "address"), [(0, "10.0.0.9"), (1, "10.0.0.2"), (2, "10.0.0.1"), (3, "10.0.0.9")])
def test_the_address_is_that_before_the_trusted_proxies(proxies: int, address: str) -> None:
    from core.ui import addresses

    headers = [(b"x-forwarded-for", b"10.0.0.1, 10.0.0.2")]
    assert addresses.of_scope({"client": ("10.0.0.9", 1), "headers": headers}, proxies) == address
    assert addresses.of_scope({"client": ("2001:db8:1:2:3::9", 1), "headers": []}, proxies) == "2001:db8:1:2::/64"
