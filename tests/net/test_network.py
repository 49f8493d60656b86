"""Which proxy a request takes and whose certificates it believes, the same for each library."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from core.errors import Unreachable
from core.net import trust
from core.net.proxies import proxy_for
from core.net.sending import Requests
from core.net.streaming import Aiohttp
from core.net.transport import Timeouts
from core.records import HttpRequest
from tests.net.test_faults import self_signed
from tests.net.test_sessions import KeepsAlive

PROXY = {"HTTP_PROXY": "http://proxy.example:3128", "HTTPS_PROXY": "proxy.example:3129"}


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("https://api.example.com/v1", PROXY, "http://proxy.example:3129"),
        ("http://api.example.com/v1", PROXY, "http://proxy.example:3128"),
        ("https://api.example.com/", {"ALL_PROXY": "http://all.example:1"}, "http://all.example:1"),
        ("https://api.example.com/", {**PROXY, "https_proxy": "http://small.example:1"}, "http://small.example:1"),
        ("https://api.example.com/", {**PROXY, "NO_PROXY": "other.example, .example.com"}, None),
        ("https://api.example.com/", {**PROXY, "no_proxy": "*"}, None),
        ("https://8.8.8.8/", {**PROXY, "NO_PROXY": "8.8.0.0/16"}, None),
        ("http://localhost:11434/", PROXY, None),
        ("http://127.0.0.1:8080/", PROXY, None),
        ("http://[::1]:8080/", PROXY, None),
        ("http://192.168.1.20:1234/v1", PROXY, None),
        ("http://ollama:11434/", PROXY, None),
        ("http://host.docker.internal:11434/", PROXY, None),
        ("http://box.local/", {"ALL_PROXY": "socks5://127.0.0.1:9050"}, None),
        ("https://api.example.com/", {}, None),
    ],
)
def test_what_is_private_goes_direct(url: str, environ: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(url, environ) == proxy


def test_a_socks_proxy_is_refused_in_a_sentence() -> None:
    with pytest.raises(Unreachable, match="SOCKS proxy, which is not supported") as caught:
        proxy_for("https://api.example.com/", {"ALL_PROXY": "socks5h://127.0.0.1:9050"})
    assert not caught.value.sent
    assert not caught.value.retryable


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def url(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), KeepsAlive) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()


def by_requests(url: str, environ: dict[str, str]) -> bytes:
    return Requests(Timeouts(connect_s=20), environ=environ).send(HttpRequest("GET", url, {}, None, "json"))[1]


def by_aiohttp(url: str, environ: dict[str, str]) -> bytes:
    async def ask() -> bytes:
        transport = Aiohttp(Timeouts(connect_s=20), environ=environ)
        async with transport.open(HttpRequest("GET", url, {}, None, "json")) as reply:
            return b"".join([data async for data in reply.chunks()])

    return asyncio.run(ask())


Ask = Callable[[str, dict[str, str]], bytes]
both = pytest.mark.parametrize("ask", [by_requests, by_aiohttp])


@both
@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_of_ones_own_is_believed_when_it_is_named(
    ask: Ask, name: str, url: str, certificate: Path
) -> None:
    assert ask(url, {name: str(certificate)}) == b"ok"


@both
def test_nobody_else_is_believed_and_the_sentence_says_what_to_set(ask: Ask, url: str) -> None:
    with pytest.raises(Unreachable, match="set SSL_CERT_FILE to a PEM file") as caught:
        ask(url, {})
    assert not caught.value.retryable


def test_one_context_serves_all(certificate: Path) -> None:
    assert trust.context({}) is trust.context({})
    assert trust.context({}) is not trust.context({"SSL_CERT_FILE": str(certificate)})
