"""A name server that changes its mind: between the check and the connection, attempts, redirects, kinds of address.

`tests/net/test_forbidden.py` has the plain cases. Here each answer is good for one look-up (a TTL of 0), and whatever
comes next is metadata. No request and no key may reach it, on either transport.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from core.errors import LLMError, Unreachable
from core.net import sessions
from core.net.google_token import AUDIENCE, GoogleTokens
from core.net.sending import Requests
from core.net.streaming import Aiohttp
from core.net.transport import Timeouts
from core.providers.addresses import denied
from core.records import HttpRequest
from tests.net.test_faults import KEY, ask, engine_for, streamed

NAME = "api.rebind.test"
METADATA, METADATA_6, AZURE = "169.254.169.254", "fd00:ec2::254", "168.63.129.16"
MAPPED, NAT64 = "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"
NUMBERS = ("2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518")  # metadata, as the C library reads them
Answer = list[str]


class NameServer:
    """Answers the next look-up with the next answer, the last one for ever; keeps which names were asked for."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.lookups: list[str] = []
        self._real = socket.getaddrinfo

    def getaddrinfo(self, host: Any, port: Any, family: int = 0, *arguments: Any, **options: Any) -> Any:
        if host not in (NAME, *NUMBERS) and not str(host).endswith(".googleapis.com"):
            return self._real(host, port, family, *arguments, **options)
        answer = self.answers[min(len(self.lookups), len(self.answers) - 1)]
        self.lookups.append(host)
        entries = [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answer
        ]
        if not entries:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return entries


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> NameServer:
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server.getaddrinfo)
    return server


class Server(ThreadingHTTPServer):
    """A provider that answers as `replies` say, one after the other, and closes each connection unless told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.port = int(self.server_address[1])
        self.replies: list[tuple[int, str]] = []
        self.keep_alive = False
        self.seen: list[str] = []


class Answering(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(f"{self.requestline} {self.headers.get('Authorization')}")
        status, location = self.server.replies.pop(0) if self.server.replies else (200, "")
        self.send_response(status)
        self.send_header("Content-Length", "2")
        if location:
            self.send_header("Location", location)
        if not self.server.keep_alive:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to, by whatever library."""
    reached: list[str] = []
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def noting(self: socket.socket, address: Any, real: Callable[..., Any] = real) -> Any:
            reached.append(str(address[0]))
            return real(self, address)

        monkeypatch.setattr(socket.socket, name, noting)
    return reached


def request(url: str) -> HttpRequest:
    return HttpRequest("POST", url, {"Authorization": f"Bearer {KEY}"}, {}, "json")


def sent(url: str, times: int = 1) -> list[bytes]:
    """One transport, and as many requests in a row."""
    transport = Requests(Timeouts(connect_s=2, answer_s=5), denied)
    return [transport.send(request(url))[1] for _ in range(times)]


def streamed_from(url: str, times: int = 1) -> list[bytes]:
    async def run() -> list[bytes]:
        transport, bodies = Aiohttp(Timeouts(connect_s=2, headers_s=5), denied), []
        for _ in range(times):
            async with transport.open(request(url)) as reply:
                bodies.append(b"".join([data async for data in reply.chunks()]))
        return bodies

    return asyncio.run(run())


Transport = Callable[..., list[bytes]]
both = pytest.mark.parametrize("transport", [sent, streamed_from])


@both
@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1", METADATA_6],
        [METADATA_6, "127.0.0.1"],
        ["127.0.0.1", METADATA],
        ["::1", METADATA],
        ["127.0.0.1", MAPPED],
        ["127.0.0.1", NAT64],
        ["fe80::1", "127.0.0.1"],
        [AZURE],
    ],
)
def test_one_forbidden_address_among_good_ones_is_enough(
    transport: Transport, answer: Answer, names: NameServer, server: Server, connected: list[str]
) -> None:
    """Also what a CNAME to a metadata name ends in: the look-up gives the addresses at the end of the chain."""
    names.answers = [answer]
    with pytest.raises(Unreachable, match="never called") as caught:
        transport(f"http://{NAME}:{server.port}/")
    assert not caught.value.sent
    assert (server.seen, connected) == ([], [])


@both
@pytest.mark.parametrize("bad", [[METADATA], [METADATA_6], ["127.0.0.1", METADATA]])
def test_an_answer_that_changes_after_the_check_has_no_effect(
    transport: Transport, bad: Answer, names: NameServer, server: Server, connected: list[str]
) -> None:
    names.answers = [["127.0.0.1"], bad]
    assert transport(f"http://{NAME}:{server.port}/") == [b"ok"]
    assert set(connected) == {"127.0.0.1"}
    assert names.lookups == [NAME]


def test_each_request_of_the_sending_transport_is_checked_anew(
    names: NameServer, server: Server, connected: list[str]
) -> None:
    names.answers = [["127.0.0.1"], [METADATA]]
    transport = Requests(Timeouts(connect_s=2, answer_s=5), denied)
    url = f"http://{NAME}:{server.port}/"
    assert transport.send(request(url))[1] == b"ok"
    with pytest.raises(Unreachable, match="never called"):
        transport.send(request(url))
    assert (len(server.seen), set(connected)) == (1, {"127.0.0.1"})


@pytest.mark.parametrize("keep_alive", [True, False])
def test_the_streaming_transport_stays_with_the_address_that_it_checked(
    names: NameServer, server: Server, connected: list[str], keep_alive: bool
) -> None:
    """By a connection of the pool, or by a new one within the minute in which an answer is remembered."""
    server.keep_alive = keep_alive
    names.answers = [["127.0.0.1"], [METADATA]]
    assert streamed_from(f"http://{NAME}:{server.port}/", times=4) == [b"ok"] * 4
    assert names.lookups == [NAME]
    assert set(connected) == {"127.0.0.1"}
    assert len(connected) == (1 if keep_alive else 4)


def test_the_streaming_transport_checks_what_it_looks_up_again(
    names: NameServer, server: Server, connected: list[str]
) -> None:
    names.answers = [["127.0.0.1"], [METADATA]]

    async def run() -> None:
        transport = Aiohttp(Timeouts(connect_s=2, headers_s=5), denied)
        url = f"http://{NAME}:{server.port}/"
        async with transport.open(request(url)) as reply:
            assert [data async for data in reply.chunks()] == [b"ok"]
        connector: Any = (await transport._session()).connector
        connector.clear_dns_cache()  # as when the minute is over
        async with transport.open(request(url)):
            raise AssertionError("it was called")

    with pytest.raises(Unreachable, match="never called"):
        asyncio.run(run())
    assert (len(server.seen), set(connected)) == (1, {"127.0.0.1"})


@both
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", [f"http://{METADATA}/latest", "http://other.rebind.test/", f"http://{NAME}/again"])
def test_no_redirect_is_followed_so_that_no_key_goes_along(
    transport: Transport, status: int, target: str, names: NameServer, server: Server, connected: list[str]
) -> None:
    names.answers = [["127.0.0.1"], [METADATA]]
    server.replies = [(status, target)]
    assert transport(f"http://{NAME}:{server.port}/") == [b"ok"]
    assert len(server.seen) == 1
    assert names.lookups == [NAME]
    assert set(connected) == {"127.0.0.1"}


@pytest.mark.parametrize("method", ["stream", "complete"])
def test_a_second_attempt_is_checked_like_the_first(method: str, names: NameServer, connected: list[str]) -> None:
    """The first attempt finds nobody, which is tried again; by then the name leads to metadata."""
    names.answers = [[], [METADATA]]
    engine = engine_for(f"https://{NAME}/v1")
    done = streamed(engine, ask()) if method == "stream" else engine.complete(ask())
    assert done.error
    assert "never called" in done.error.message
    assert METADATA not in connected


@both
@pytest.mark.parametrize("host", NUMBERS)
def test_numbers_that_only_the_resolver_reads_are_checked_as_addresses(
    transport: Transport, host: str, names: NameServer, connected: list[str]
) -> None:
    names.answers = [[METADATA]]
    with pytest.raises(Unreachable) as caught:
        transport(f"http://{host}/latest")
    assert (caught.value.sent, connected) == (False, [])


@both
def test_a_proxys_name_that_changes_is_checked_like_any(
    transport: Transport, names: NameServer, server: Server, connected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy is looked up once, and connected to at that address."""
    monkeypatch.setenv("http_proxy", f"http://{NAME}:{server.port}")
    names.answers = [["127.0.0.1"], [METADATA]]
    assert transport("http://nowhere.invalid/") == [b"ok"]
    assert set(connected) == {"127.0.0.1"}
    names.lookups.clear()
    names.answers = [["127.0.0.1", METADATA]]
    with pytest.raises(LLMError):
        transport("http://nowhere.invalid/")
    assert (len(server.seen), set(connected)) == (1, {"127.0.0.1"})


def test_googles_token_service_is_looked_up_once_for_each_token(names: NameServer, connected: list[str]) -> None:
    """It is connected to by the address that was checked: nothing listens there, and the next answer is not asked."""
    names.answers = [["127.0.0.1"], [METADATA]]
    account = {"client_email": "a@b", "private_key": "x", "token_uri": AUDIENCE}
    tokens = GoogleTokens(sign=lambda _account, _message: b"mark", denied=denied)
    with pytest.raises(Unreachable, match="cannot be reached"):
        tokens(json.dumps(account))
    assert (len(names.lookups), set(connected)) == (1, {"127.0.0.1"})
    with pytest.raises(Unreachable, match="never called"):
        tokens(json.dumps(account))
    assert set(connected) == {"127.0.0.1"}


def test_no_session_follows_a_redirect_to_where_its_name_leads_next(
    names: NameServer, server: Server, connected: list[str]
) -> None:
    """What Google's tokens and the sending transport use, if someone forgot to forbid redirects."""
    names.answers = [["127.0.0.1"], [METADATA]]
    server.replies = [(307, f"http://{NAME}:{server.port}/again")]
    with sessions.open_session(f"http://{NAME}:{server.port}/", denied, {}) as session, pytest.raises(Unreachable):
        session.post(f"http://{NAME}:{server.port}/", allow_redirects=True)
    assert set(connected) == {"127.0.0.1"}
