"""Browser tabs without a browser: they speak Streamlit's protocol, and connect again as its page does.

`Tabs` runs many of them on an event loop in a thread of its own, so that other code may wait for them.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import aiohttp
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

RETRY_S = (0.25, 0.5)  # as the page waits before it connects again; then twice as long each time
MOST_RETRIES = 20
LOOK_S = 0.05
CLOSING_S = 0.25  # in which aiohttp lets go of connections over TLS


class Tab:
    """One tab with a cookie jar of its own. What it shows is in `texts`, by the element's place."""

    def __init__(self, url: str, trust: ssl.SSLContext | None, page: str = "") -> None:
        self._url = url
        self._page = page
        self._trust: ssl.SSLContext | bool = trust or True
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._session_id = ""
        self._script = ""
        self._run = 0
        self._runs: dict[tuple[int, ...], int] = {}
        self.query = ""
        self.texts: dict[tuple[int, ...], str] = {}
        self.widgets: dict[str, str] = {}  # id by label, of chat boxes "", text boxes and buttons
        self.idle = False
        self.drawn: list[float] = []  # when the page was there, after each connection
        self.awaited = "[]"  # what must be shown for a page to count as drawn; the text box is "[]"
        self.headers: dict[str, str] = {}
        self.source: str | None = None  # the address that it comes from

    @property
    def shown(self) -> str:
        return "\n".join(text for _, text in sorted(self.texts.items()))

    async def live(self) -> None:
        """Open the page, and connect again whenever the connection ends."""
        connector = aiohttp.TCPConnector(ssl=self._trust, local_addr=(self.source, 0) if self.source else None)
        async with aiohttp.ClientSession(self._url, connector=connector, headers=self.headers) as session:
            async with session.get(f"/{self._page}", headers={"Accept": "text/html"}) as reply:
                reply.raise_for_status()
            attempt = 0
            while attempt < MOST_RETRIES:
                with suppress(aiohttp.ClientError, ConnectionError):
                    await self._ping(session)
                    async with self._connection(session) as socket:
                        attempt = 0
                        await self._listen(socket)
                attempt += 1
                await asyncio.sleep(random.uniform(*RETRY_S) * 2 ** min(attempt - 1, 3))
        raise ConnectionError(f"{self._url} does not answer")

    async def _ping(self, session: aiohttp.ClientSession) -> None:
        for path in ("/_stcore/health", "/_stcore/host-config"):
            async with session.get(path) as reply:
                reply.raise_for_status()

    def _connection(self, session: aiohttp.ClientSession) -> Any:
        tokens = [cookie.value for cookie in session.cookie_jar if cookie.key == "_streamlit_xsrf"]
        protocols = ("streamlit", tokens[0] if tokens else "none", *filter(None, [self._session_id]))
        return session.ws_connect("/_stcore/stream", protocols=protocols, max_msg_size=0, origin=self._url)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, is_first, self.idle = socket, True, False
        self._runs.clear()
        self.texts.clear()
        await self._rerun()
        async for packet in socket:
            message = ForwardMsg.FromString(packet.data)
            match message.WhichOneof("type"):
                case "new_session":
                    self._begin(message)
                case "delta":
                    self._draw(message)
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "script_finished":
                    self._end(message)
            if is_first and self.awaited in self.shown:
                is_first = False
                self.drawn.append(time.monotonic())

    def _begin(self, message: ForwardMsg) -> None:
        self._session_id = message.new_session.initialize.session_id
        self._script = message.new_session.page_script_hash
        self._run, self.idle = self._run + 1, False

    def _end(self, message: ForwardMsg) -> None:
        if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
            return
        self.idle = True
        for place in [place for place, run in self._runs.items() if run != self._run]:
            del self._runs[place]
            self.texts.pop(place, None)

    def _draw(self, message: ForwardMsg) -> None:
        if message.delta.WhichOneof("type") != "new_element":
            return
        place, element = tuple(message.metadata.delta_path), message.delta.new_element
        self._runs[place] = self._run
        kind = element.WhichOneof("type")
        part: Any = getattr(element, kind or "empty")
        if kind in ("markdown", "text", "code", "alert"):
            self.texts[place] = part.code_text if kind == "code" else part.body
        else:
            self.texts.pop(place, None)
        if kind in ("button", "text_input", "chat_input"):
            label = "" if kind == "chat_input" else part.label
            self.widgets[label] = part.id
            self.texts[place] = f"[{label}]"

    async def _rerun(self, fill: Callable[[Any], None] | None = None) -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self._script
        message.rerun_script.page_name = "" if self._script else self._page
        if fill:
            fill(message.rerun_script.widget_states.widgets)
        assert self._socket
        await self._socket.send_bytes(message.SerializeToString())

    async def reconnect(self) -> None:
        """Lose the connection."""
        assert self._socket
        await self._socket.close()

    async def ask(self, prompt: str) -> None:
        def fill(widgets: Any) -> None:
            state = widgets.add()
            state.id = self.widgets[""]
            state.chat_input_value.data = prompt

        await self._rerun(fill)

    async def submit(self, field: str, text: str, button: str) -> None:
        """Fill in a field of a form and press its button."""

        def fill(widgets: Any) -> None:
            value, press = widgets.add(), widgets.add()
            value.id, value.string_value = self.widgets[field], text
            press.id, press.trigger_value = self.widgets[button], True

        await self._rerun(fill)


class Tabs:
    """Tabs on a loop in a thread."""

    def __init__(self, tabs: list[Tab], loop: asyncio.AbstractEventLoop) -> None:
        self.tabs = tabs
        self._loop = loop
        self.living = [asyncio.run_coroutine_threadsafe(tab.live(), loop) for tab in tabs]

    def do(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def until(self, true: Callable[[Tab], bool], longest_s: float, reason: str) -> None:
        """Wait until it is true of all tabs."""
        give_up = time.monotonic() + longest_s
        while late := [tab for tab in self.tabs if not self._look(true, tab)]:
            for future in self.living:
                if future.done():
                    future.result()
            if time.monotonic() > give_up:
                raise TimeoutError(f"{len(late)} of {len(self.tabs)} tabs: not {reason}; one shows:\n{late[0].shown}")
            time.sleep(LOOK_S)

    def _look(self, true: Callable[[Tab], bool], tab: Tab) -> bool:
        async def look() -> bool:
            return true(tab)

        return asyncio.run_coroutine_threadsafe(look(), self._loop).result(60)


@contextmanager
def opened(tabs: list[Tab]) -> Iterator[Tabs]:
    """Open them all and keep them open for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tabs", daemon=True)
    thread.start()
    people = Tabs(tabs, loop)
    try:
        yield people
    finally:
        for future in people.living:
            future.cancel()

        async def settle() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.sleep(CLOSING_S)

        asyncio.run_coroutine_threadsafe(settle(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
