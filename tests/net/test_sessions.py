"""The pooled connections of a loop end with it, whoever has forgotten them."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.net.streaming import Aiohttp
from core.net.transport import Timeouts
from core.records import HttpRequest


class KeepsAlive(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), KeepsAlive) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_loop_that_shuts_down_closes_its_connections(url: str, forgotten: bool) -> None:
    """Even when nobody holds the transport any more, and it is collected in the loop's last moment."""
    transports = [Aiohttp(Timeouts())]

    async def ask() -> bytes:
        async with transports[0].open(HttpRequest("GET", url, {}, None, "json")) as reply:
            return b"".join([data async for data in reply.chunks()])

    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(ask()) == b"ok"
    if forgotten:
        transports.clear()
        gc.collect()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    gc.collect()  # an open connection would warn here, and a warning is a failure
