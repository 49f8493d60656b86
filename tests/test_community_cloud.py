"""Streamlit Community Cloud imitated: `streamlit run` alone, secrets in secrets.toml, a proxy that ends TLS under
another name, and a fresh disk after each sleep.

`python -m bench.community_cloud` also installs the requirements, and measures memory below a limit.
"""

from __future__ import annotations

import asyncio
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.process import free_port
from tests.browser.servers import Server, Servers, copy_app

NAME = "my-roundtable.streamlit.app"
SECRETS = """
GROQ_API_KEY = "gsk_0123456789abcdefghijklmnop"
GROQ_BASE_URL = "http://127.0.0.1:9/v1"
ROUNDTABLE_UPLOAD_MB = 1
STREAMLIT_SERVER_COOKIE_SECRET = "4f1d0a97c2e85b36"
"""
NOTE = "Nothing is kept here when this server sleeps or restarts."
WAIT_S = 60


@pytest.fixture
def wake(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Start the app on a fresh disk, as after each sleep; the one before is stopped."""
    started: list[Server] = []
    words = "-m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.headless true --server.port"
    environment = {"STREAMLIT_SHARING_MODE": "1", "ROUNDTABLE_LOCAL_SERVERS": "false"}
    servers = Servers(tmp_path)

    def start() -> Server:
        for server in started:
            server.process.kill()  # it sleeps without a word
            server.process.wait()
        folder = copy_app(tmp_path / f"disk-{len(started)}")
        (folder / ".streamlit" / "secrets.toml").write_text(SECRETS, encoding="utf-8")
        started.append(servers.open([sys.executable, *words.split(), str(free_port())], folder, environment))
        started[-1].wait("/healthz")
        return started[-1]

    yield start
    for server in started:
        server.stop()
    assert servers.reported() == ""  # nothing was asked of another computer


def get(server: Server, path: str = "/", host: str = NAME, **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers, as through the proxy."""
    request = urllib.request.Request(server.url + path, headers={"Host": host, "X-Forwarded-Proto": "https", **headers})
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as reply:
            return reply.status, dict(reply.headers)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers)


async def first_page(server: Server, origin: str, cookie: str) -> str:
    """The words of the chat page, as its websocket brings them."""
    headers = {"Host": NAME, "Origin": origin, "Cookie": cookie, "X-Forwarded-Proto": "https"}
    address = f"{server.url}/_stcore/stream"
    rerun = BackMsg()
    rerun.rerun_script.query_string = ""
    words: list[str] = []
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.ws_connect(address, protocols=("streamlit",), max_msg_size=0) as socket:
            await socket.send_bytes(rerun.SerializeToString())
            async for packet in socket:
                message = ForwardMsg.FromString(packet.data)
                words.append(str(message.delta.new_element))
                if message.WhichOneof("type") == "script_finished":
                    break
    return "\n".join(words)


def test_the_app_is_whole_behind_its_proxy_and_a_visitor_stays_known_after_a_sleep(
    wake: Callable[[], Server],
) -> None:
    server = wake()
    status, headers = get(server)
    cookie = headers["set-cookie"].partition(";")[0]
    assert status == 200
    assert cookie.startswith("__Host-roundtable=")
    assert "frame-ancestors 'self' https://*.streamlit.app" in headers["content-security-policy"]
    assert "strict-transport-security" in headers
    assert get(server, host="rebound.example")[0] == 403
    assert get(server, "/healthz", host="10.0.0.1")[0] == 200

    page = asyncio.run(asyncio.wait_for(first_page(server, f"https://{NAME}", cookie), WAIT_S))
    assert NOTE in page
    assert "Groq" in page
    assert "chat_input" in page
    for origin in ("https://other.streamlit.app", f"http://{NAME}", "null"):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            asyncio.run(first_page(server, origin, cookie))

    after = wake()
    assert "set-cookie" not in get(after, Cookie=cookie)[1]
    assert "set-cookie" in get(after, Cookie=f"__Host-roundtable={'a1' * 16}")[1]
