"""A browser's tab without the browser, for loads: a cookie, a websocket that speaks Streamlit's protocol, uploads."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

HTML = {"Accept": "text/html"}


class Visitor:
    """One cookie jar; its connections come from `address`, any of 127.0.0.0/8."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self.url = f"http://127.0.0.1:{port}"
        connector = aiohttp.TCPConnector(limit=0, local_addr=(address, 0))
        self.http = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=None)
        )

    async def arrive(self) -> int:
        """Get the page, and with it the cookies; returns the status."""
        async with self.http.get(f"{self.url}/", headers=HTML) as reply:
            await reply.read()
        async with self.http.get(f"{self.url}/_stcore/health"):
            pass
        return reply.status

    @property
    def token(self) -> str:
        return next((cookie.value for cookie in self.http.cookie_jar if cookie.key == "_streamlit_xsrf"), "")

    async def upload(self, session_id: str, body: Callable[[], Any] | bytes, size: int) -> int:
        """A file by Streamlit's uploader; returns the status."""
        headers = {
            "X-Xsrftoken": self.token,
            "Content-Type": "multipart/form-data; boundary=x",
            "Content-Length": str(size),
        }
        address = f"{self.url}/_stcore/upload_file/{session_id}/{uuid4()}"
        async with self.http.put(address, data=body if isinstance(body, bytes) else body(), headers=headers) as reply:
            await reply.read()
            return reply.status

    async def close(self) -> None:
        await self.http.close()


def form(content: bytes) -> bytes:
    """A file as a browser sends it."""
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="notes.csv"\r\n\r\n'
    return head + content + b"\r\n--x--\r\n"


@dataclass
class Tab:
    """An open page. `seen` are the texts of the elements that the newest run has sent."""

    visitor: Visitor
    socket: Any = None
    session_id: str = ""
    page: str = ""
    chat_input: str = ""
    faults: list[str] = field(default_factory=list)

    async def open(self) -> None:
        url = self.visitor.url.replace("http", "ws") + "/_stcore/stream"
        self.socket = await self.visitor.http.ws_connect(url, protocols=("streamlit",), max_msg_size=0)

    async def rerun(self, prompt: str | None = None) -> None:
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page
        if prompt is not None:
            state = message.rerun_script.widget_states.widgets.add()
            state.id = self.chat_input
            state.chat_input_value.data = prompt
        await self.socket.send_bytes(message.SerializeToString())

    async def until(self, ready: Callable[[ForwardMsg], bool]) -> None:
        """Read until a message is `ready`. ConnectionError where the server hangs up."""
        async for packet in self.socket:
            message = ForwardMsg.FromString(packet.data)
            self._note(message)
            if ready(message):
                return
        raise ConnectionError(f"the server closed the websocket ({self.socket.close_code})")

    def _note(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page = message.new_session.page_script_hash
            self.session_id = message.new_session.initialize.session_id or self.session_id
        elif kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "chat_input":
                self.chat_input = element.chat_input.id
            elif element.WhichOneof("type") in ("exception", "alert"):
                self.faults.append((element.exception.message or element.alert.body)[:120])

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close()


def finished(message: ForwardMsg) -> bool:
    return message.WhichOneof("type") == "script_finished"


def shows(text: str) -> Callable[[ForwardMsg], bool]:
    """Whether a message draws Markdown with this text."""
    return lambda message: (
        message.WhichOneof("type") == "delta"
        and message.delta.new_element.WhichOneof("type") == "markdown"
        and text in message.delta.new_element.markdown.body
    )


async def timed(work: Awaitable[Any]) -> float:
    """How many seconds it takes."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began
