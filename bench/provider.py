"""A provider on loopback that streams on an exact schedule, for measuring who reads it how well.

The model's name is the schedule: `c500-r50` is 500 chunks at 50 a second, `r0` as fast as it goes. With `-stamp` each
chunk's text is the monotonic time of its writing, which any process of this machine can compare, and the number of
chunks: `@12.345:500 `. No chunk names the model, so that no answer seems to be another model's. Run as
`python -m bench.provider`: prints its port, serves until its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
WORDS = ("Round ", "tables ", "have ", "no ", "head, ", "so ", "every ", "voice ", "counts.\n\n")


def frame(payload: bytes) -> bytes:
    data = b"data: " + payload + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def delta(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "logprobs": None, "finish_reason": finish}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}
    return json.dumps(chunk).encode()


PLAIN = [frame(delta(word)) for word in WORDS]
USAGE = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
END = (
    frame(delta("", "stop"))
    + frame(
        json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion.chunk",
                "created": 1,
                "choices": [],
                "usage": USAGE,
            }
        ).encode()
    )
    + frame(b"[DONE]")
    + b"0\r\n\r\n"
)


class Stream(asyncio.Protocol):
    """One connection: reads requests, answers each on its own schedule."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if separator and length and len(rest) >= int(length[1]):
            self.buffer = b""
            self._begin(json.loads(rest)["model"])

    def _begin(self, model: str) -> None:
        chunks, rate = (int(number) for number in re.findall(r"[cr](\d+)", model)[:2])
        self.transport.write(HEAD)
        if rate == 0:
            for start in range(0, chunks, 10):
                self.transport.write(b"".join(PLAIN[i % len(PLAIN)] for i in range(start, min(start + 10, chunks))))
            self.transport.write(END)
            return
        loop = asyncio.get_running_loop()
        self._tick(loop, loop.time() + 1 / rate, 0, chunks, 1 / rate, "stamp" in model)

    def _tick(
        self, loop: asyncio.AbstractEventLoop, due: float, n: int, chunks: int, step_s: float, stamp: bool
    ) -> None:
        if self.transport.is_closing():
            return
        if n == chunks:
            self.transport.write(END)
            return
        while due <= loop.time() and n < chunks:
            piece = frame(delta(f"@{time.monotonic():.3f}:{chunks} ")) if stamp else PLAIN[n % len(PLAIN)]
            self.transport.write(piece)
            n, due = n + 1, due + step_s
        loop.call_at(due, self._tick, loop, due, n, chunks, step_s, stamp)


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stream, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
