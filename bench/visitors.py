"""Many people streaming at once from one process: raw websocket clients that speak Streamlit's protocol.

`python -m bench.visitors APP_PORT PEOPLE SECONDS` opens PEOPLE chats, sends each one question, and prints the
lag of every chunk: from the moment the provider wrote it (its text is that moment) to the moment a client received
the frame that shows it first.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import time

import aiohttp
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

STAMP = re.compile(r"@(\d+\.\d{3}):(\d+)")
OPENING_S = 60.0


class Visitor:
    """One browser tab, without the browser."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._chat_input = ""
        self._page = ""
        self.lags_s: list[float] = []
        self.opened = asyncio.Event()
        self.finished = False
        self._read = 0  # characters of the answer
        self._chunks = 0  # that the whole answer has, once one was seen

    async def chat(self, prompt: str, start: asyncio.Event) -> None:
        async with self._session.ws_connect(self._url, protocols=("streamlit",), max_msg_size=0) as socket:
            await socket.send_bytes(self._rerun())
            await self._listen(socket, until_idle=True)
            self.opened.set()
            await start.wait()
            await socket.send_bytes(self._rerun(prompt))
            await self._listen(socket, until_idle=False)

    def _rerun(self, prompt: str | None = None) -> bytes:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        if prompt is not None:
            state = message.rerun_script.widget_states.widgets.add()
            state.id = self._chat_input
            state.chat_input_value.data = prompt
        packet: bytes = message.SerializeToString()
        return packet

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse, *, until_idle: bool) -> None:
        async for packet in socket:
            message = ForwardMsg.FromString(packet.data)
            kind = message.WhichOneof("type")
            if kind == "delta":
                self._saw(message)
            elif kind == "new_session":
                self._page = message.new_session.page_script_hash
            elif kind == "script_finished" and (until_idle or 0 < self._chunks == len(self.lags_s)):
                self.finished = not until_idle
                return

    def _saw(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "chat_input":
            self._chat_input = element.chat_input.id
        elif kind == "markdown":
            now = time.monotonic()
            for stamp in STAMP.finditer(element.markdown.body, self._read):  # a growing text: its beginning stays
                self.lags_s.append(now - float(stamp[1]))
                self._read, self._chunks = stamp.end(), int(stamp[2])


async def main(port: int, people: int, longest_s: float) -> None:
    start = asyncio.Event()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        visitors = [Visitor(session, port) for _ in range(people)]
        chats = [asyncio.create_task(visitor.chat("Go", start)) for visitor in visitors]
        await asyncio.wait([asyncio.create_task(each.opened.wait()) for each in visitors], timeout=OPENING_S)
        start.set()
        done, late = await asyncio.wait(chats, timeout=longest_s)
        for task in late:
            task.cancel()
        faults = [repr(task.exception()) for task in done if task.exception()]
    lags = sorted(lag for visitor in visitors for lag in visitor.lags_s)
    report = {
        "people": people,
        "finished": sum(visitor.finished for visitor in visitors),
        "chunks": len(lags),
        "lag_p50_s": statistics.median(lags) if lags else None,
        "lag_p95_s": lags[int(len(lags) * 0.95)] if lags else None,
        "faults": faults[:3],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
