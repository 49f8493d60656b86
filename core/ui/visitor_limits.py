"""What one visitor may use of this server at once, so that the others go on: tabs, messages, requests with a body.

Messages are slowed down and not dropped: what a browser sends in excess waits there.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import LLMError
from . import app_state, clients, replies, session_binding
from .clients import Client, ClientUsage, Clock
from .text import t

TAB_COSTS = 3.0  # messages: a new tab draws a whole page
LONGEST_WAIT_S = 20.0  # for a message; what would wait for longer ends its tab
BODIES_AT_ONCE = 6  # as a browser sends
MOST_WAITING = 40
STALL_S, SLOWEST_BYTES_S = 30.0, 16_000.0
LONGEST_TURN_S, LOOK_S = 600.0, 0.1


class VisitorLimits:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, usage: ClientUsage | None = None) -> None:
        self.app = app
        self._usage = usage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["method"] == "GET" and _wants_page(scope)
        has_body = scope["type"] == "http" and scope["method"] in ("PUT", "POST")
        if not (is_page or has_body or scope["type"] == "websocket"):
            await self.app(scope, receive, send)
            return
        if self._usage is None:
            self._usage = await asyncio.to_thread(_usage)
        client = clients.of_scope(scope)
        if is_page:
            await self._page(client, self._usage, scope, receive, send)
        elif has_body:
            await self._body(client, self._usage, scope, receive, send)
        else:
            await self._websocket(client, self._usage, scope, receive, send)

    async def _page(self, client: Client, usage: ClientUsage, scope: Scope, receive: Receive, send: Send) -> None:
        """A page may be a tab's reload, so one more than the limit is let in."""
        if usage.has_room(usage.tabs, client, usage.most_tabs + 1):
            await self.app(scope, receive, send)
            return
        replies.speak(scope)
        sentence = t("Too many tabs of Roundtable are open here. Close some of them, then reload this page.")
        await replies.refuse(send, 429, sentence, usage.tell(client, "tabs"))

    async def _websocket(self, client: Client, usage: ClientUsage, scope: Scope, receive: Receive, send: Send) -> None:
        usage.forget_idle()
        reconnects = len(dict(scope["headers"]).get(session_binding.PROTOCOL, b"").split(b",")) > 2
        # After a loss of the network all tabs come back before the server has noticed that they were gone.
        most = 2 * usage.most_tabs if reconnects else usage.most_tabs + 2
        if not usage.has_room(usage.tabs, client, most):
            usage.tell(client, "tabs")
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        usage.add(usage.tabs, client, 1)
        paced = _PacedMessages(client, usage, receive, send)
        try:
            usage.take(client, TAB_COSTS, 0)
            await self.app(scope, paced.receive, paced.send)
        finally:
            usage.add(usage.tabs, client, -1)

    async def _body(self, client: Client, usage: ClientUsage, scope: Scope, receive: Receive, send: Send) -> None:
        """As many at once as a browser sends; others wait. A body that hardly moves is cut off."""
        if not await self._turn(client, usage):
            replies.speak(scope)
            sentence = t("Too much is being sent from here at once. Try again in a minute.")
            await replies.refuse(send, 429, sentence, usage.tell(client, "requests"))
            return
        arriving = _TimedBody(receive, send, usage.clock)
        try:
            await self.app(scope, arriving.receive, arriving.send)
        except ClientDisconnect:
            if not arriving.is_cut_off:
                raise
        finally:
            usage.add(usage.bodies, client, -1)
        if arriving.is_cut_off and not arriving.is_answered:
            replies.speak(scope)
            sentence = t("The upload was too slow and was stopped. Try again with a better connection.")
            await replies.refuse(send, 408, sentence, usage.tell(client, "slow"))

    async def _turn(self, client: Client, usage: ClientUsage) -> bool:
        """Wait until one more body may arrive, and count it; False where too many wait already."""
        if not usage.has_room(usage.waiting, client, MOST_WAITING):
            return False
        usage.add(usage.waiting, client, 1)
        try:
            for _ in range(int(LONGEST_TURN_S / LOOK_S)):
                if usage.has_room(usage.bodies, client, BODIES_AT_ONCE):
                    usage.add(usage.bodies, client, 1)
                    return True
                await asyncio.sleep(LOOK_S)
        finally:
            usage.add(usage.waiting, client, -1)
        return False


class _PacedMessages:
    """The messages of one websocket, no faster than its client may send."""

    def __init__(self, client: Client, usage: ClientUsage, receive: Receive, send: Send) -> None:
        self._client, self._usage, self._receive, self._send = client, usage, receive, send
        self._closed = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        size = len(message.get("bytes") or message.get("text") or "")
        wait_s = self._usage.take(self._client, 1, size)
        if wait_s > LONGEST_WAIT_S:
            self._usage.take(self._client, -1, -size)
            self._usage.tell(self._client, "messages")
            await self.send({"type": "websocket.close", "code": 1008, "reason": ""})
            self._closed = True
            return {"type": "websocket.disconnect", "code": 1008}
        if wait_s:
            if wait_s > 1:
                self._usage.tell(self._client, "messages")
            await asyncio.sleep(wait_s)
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if not self._closed:
            await self._send(message)


class _TimedBody:
    """A body that is cut off when it stalls, or when it is slower than `SLOWEST_BYTES_S` on average."""

    def __init__(self, receive: Receive, send: Send, clock: Clock) -> None:
        self._receive, self._send, self._clock = receive, send, clock
        self._began, self._size, self._is_whole = clock(), 0, False
        self.is_cut_off = self.is_answered = False

    async def receive(self) -> Message:
        if self.is_cut_off:
            return {"type": "http.disconnect"}
        if self._is_whole:  # then this waits for the browser to leave
            return await self._receive()
        left_s = STALL_S + self._size / SLOWEST_BYTES_S - (self._clock() - self._began)
        try:
            if left_s <= 0:  # what has arrived already would not be interrupted
                raise TimeoutError
            async with asyncio.timeout(min(left_s, STALL_S)):
                message = await self._receive()
        except TimeoutError:
            self.is_cut_off = True
            return {"type": "http.disconnect"}
        self._size += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """What the app answers to a body that was cut off is ours to say."""
        if not self.is_cut_off or self.is_answered:
            self.is_answered = True
            await self._send(message)


def _usage() -> ClientUsage:
    try:
        most_tabs = app_state.get().engine.settings.visitor_tabs
    except LLMError:  # shown by the page
        most_tabs = 30
    return ClientUsage(most_tabs)


def _wants_page(scope: Scope) -> bool:
    accept = dict(scope["headers"]).get(b"accept", b"")
    return b"text/html" in accept and "/_stcore/" not in scope["path"]
