"""No transport connects to a denied address, whatever a name server says, and whoever looks the name up."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from core.errors import Unreachable
from core.net.google_token import AUDIENCE, GoogleTokens
from core.net.sending import Requests
from core.net.streaming import Aiohttp
from core.net.transport import Timeouts
from core.providers.addresses import denied
from core.records import HttpRequest
from tests.net.test_faults import KEY, ask, engine_for, streamed

METADATA = "169.254.169.254"
NAME = "api.rebind.test"


class Server(ThreadingHTTPServer):
    """Answers everything, as a provider or as a proxy, and keeps the first line and the key of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.seen: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Answering(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        self.server.seen.append(f"{self.requestline} {self.headers.get('Authorization')}")  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = _answer  # noqa: N815
    do_CONNECT = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """`name_server(*answers)`: each is one answer for any name that is not this computer's, the last one for ever.

    Returns the names that were looked up. Without it every look-up of another computer's name would fail the test.
    """
    real = socket.getaddrinfo
    lookups: list[str] = []

    def answering(*answers: list[str]) -> list[str]:
        def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
            if host != NAME and not str(host).endswith(".googleapis.com"):
                return real(host, port, *arguments, **options)
            lookups.append(host)
            answer = answers[min(len(lookups), len(answers)) - 1]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return lookups

    return answering


def sent(url: str) -> bytes:
    return Requests(Timeouts(connect_s=2, answer_s=5), denied).send(request(url))[1]


def streamed_from(url: str) -> bytes:
    async def run() -> bytes:
        transport = Aiohttp(Timeouts(connect_s=2, headers_s=5), denied)
        async with transport.open(request(url)) as reply:
            return b"".join([data async for data in reply.chunks()])

    return asyncio.run(run())


def request(url: str) -> HttpRequest:
    return HttpRequest("POST", url, {"Authorization": f"Bearer {KEY}"}, {}, "json")


both = pytest.mark.parametrize("transport", [sent, streamed_from])


@both
@pytest.mark.parametrize("answer", [[METADATA], ["127.0.0.1", METADATA], ["168.63.129.16"], ["::a9fe:a9fe"]])
def test_a_name_that_leads_to_metadata_is_not_called(
    transport: Callable[[str], bytes], answer: list[str], server: Server, name_server: Callable[..., list[str]]
) -> None:
    name_server(answer)
    with pytest.raises(Unreachable, match="never called") as caught:
        transport(f"http://{NAME}:{server.port}/")
    assert not caught.value.sent
    assert not caught.value.retryable
    assert server.seen == []


@both
def test_a_name_that_changes_its_mind_is_asked_once(
    transport: Callable[[str], bytes], server: Server, name_server: Callable[..., list[str]]
) -> None:
    """The address that was checked is the address that is connected to."""
    lookups = name_server(["127.0.0.1"], [METADATA])
    assert transport(f"http://{NAME}:{server.port}/") == b"ok"
    assert lookups == [NAME]
    assert KEY in server.seen[0]


@both
def test_the_next_address_is_tried_where_one_does_not_answer(
    transport: Callable[[str], bytes], server: Server, name_server: Callable[..., list[str]]
) -> None:
    name_server(["127.0.0.2", "127.0.0.1"])
    assert transport(f"http://{NAME}:{server.port}/") == b"ok"


@both
@pytest.mark.parametrize("host", [METADATA, "[::ffff:169.254.169.254]", "[fe80::1]", "[64:ff9b:1::a9fe:a9fe]"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_written_as_a_number_is_refused(transport: Callable[[str], bytes], host: str, scheme: str) -> None:
    with pytest.raises(Unreachable, match="never called"):
        transport(f"{scheme}://{host}/latest")


@both
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", [NAME, METADATA])
def test_a_proxy_is_not_sent_there_either(
    transport: Callable[[str], bytes],
    scheme: str,
    host: str,
    server: Server,
    name_server: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{server.port}")
    name_server([METADATA])
    with pytest.raises(Unreachable, match="never called"):
        transport(f"{scheme}://{host}/")
    assert server.seen == []


@both
def test_a_proxy_at_such_an_address_is_not_used(
    transport: Callable[[str], bytes], name_server: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{NAME}:3128")
    name_server([METADATA])
    with pytest.raises(Unreachable):
        transport("http://nowhere.invalid/")


@both
def test_a_name_that_only_the_proxy_knows_is_the_proxys(
    transport: Callable[[str], bytes], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
    assert transport("http://nowhere.invalid/") == b"ok"
    assert server.seen[0].startswith("POST http://nowhere.invalid/")


@pytest.mark.parametrize("method", ["stream", "complete", "list_models"])
def test_the_engine_hands_the_guard_to_every_transport(method: str, name_server: Callable[..., list[str]]) -> None:
    name_server([METADATA])
    engine = engine_for(f"https://{NAME}/v1")
    if method == "list_models":
        with pytest.raises(Unreachable, match="never called"):
            engine.directory.list_models("openai")
        return
    done = streamed(engine, ask()) if method == "stream" else engine.complete(ask())
    assert done.error
    assert "never called" in done.error.message
    assert len(done.attempts) == 1


def test_googles_token_is_asked_for_with_the_guard(name_server: Callable[..., list[str]]) -> None:
    name_server([METADATA])
    account = {"client_email": "a@b", "private_key": "x", "token_uri": AUDIENCE}
    tokens = GoogleTokens(sign=lambda _account, _message: b"mark", denied=denied)
    with pytest.raises(Unreachable, match="never called"):
        tokens(json.dumps(account))
