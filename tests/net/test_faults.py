"""Every fault of a provider ends in one typed Completion, after the right number of requests, with the part kept."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core import ChatRequest, Completion, Message
from core.assemble import build
from core.engine import Engine
from core.net.retry import Policy
from core.options import load
from tests.net.faulty_server import FaultyServer

KEY = "sk-canary-0123456789abcdef0123456789abcdef"

# fault: kind of the error, requests that reach the provider, text kept
STREAMED: dict[str, tuple[str | None, int, str]] = {
    "good": (None, 1, "Hello world"),
    "slow-headers": ("timeout", 2, ""),
    "slow-first-token": ("timeout", 2, ""),
    "keep-alive-only": ("timeout", 2, ""),
    "silence": ("timeout", 1, "Hello"),
    "reset-before": ("unreachable", 2, ""),
    "reset-after": ("unreachable", 1, "Hello"),
    "drip": ("timeout", 1, "x*"),
    "cut-before": ("truncated", 2, ""),
    "cut-after": ("truncated", 1, "Hello"),
    "no-done": (None, 1, "Hello world"),
    "open-after-done": (None, 1, "Hello world"),
    "bad-utf8": (None, 1, "He\ufffd\ufffdllo"),
    "long-line": ("bad_reply", 1, ""),
    "endless": ("bad_reply", 1, "y*"),
    "error-inside": ("server", 1, "Hello"),
    "error-inside-first": ("rate_limited", 3, ""),
    "junk-few": (None, 1, "Hello world"),
    "junk-many": ("bad_reply", 2, ""),
    "html-200": ("bad_reply", 2, ""),
    "html-502": ("server", 3, ""),
    "bomb": ("bad_reply", 1, ""),
    "bomb-error": ("server", 3, ""),
    "bomb-stream": ("timeout", 2, ""),
    "redirect": ("bad_reply", 1, ""),
    "garbage": ("bad_reply", 2, ""),
    "huge-header": ("bad_reply", 2, ""),
    "two-lengths": ("bad_reply", 2, ""),
    "proxy-login": ("unreachable", 1, ""),
    "proxy-auth": ("unreachable", 1, ""),
    "context-length": ("context_too_long", 1, ""),
    "bad-request": ("bad_request", 1, ""),
    "unprocessable": ("bad_request", 1, ""),
    "auth": ("auth", 1, ""),
    "credits": ("credits", 1, ""),
    "forbidden": ("forbidden", 1, ""),
    "gone": ("not_found", 1, ""),
    "conflict": ("server", 3, ""),
    "too-large": ("context_too_long", 1, ""),
    "rate-seconds": ("rate_limited", 3, ""),
    "rate-ms": ("rate_limited", 3, ""),
    "rate-plain": ("rate_limited", 3, ""),
    "rate-hour": ("rate_limited", 1, ""),
    "rate-day": ("quota_spent", 1, ""),
    "quota": ("credits", 1, ""),
    "server-500": ("server", 3, ""),
    "loading": ("overloaded", 3, ""),
    "overloaded": ("overloaded", 3, ""),
    "teapot": ("bad_request", 1, ""),
    "unknown-5xx": ("server", 2, ""),
    "empty": ("bad_reply", 2, ""),
    "no-choices": ("bad_reply", 2, ""),
    "refusal": (None, 1, "I cannot."),
    "filter": (None, 1, "Hel"),
    "length": (None, 1, "Hel"),
    "nul": (None, 1, "ab"),
    "surrogate": (None, 1, "a\ufffdb"),
    "wrong-charset": (None, 1, "é中"),
    "deep-json": (None, 1, "Hello world"),
    "absurd-usage": (None, 1, "Hello"),
    "whole-json": (None, 1, "Hello world"),
    "whole-error": ("credits", 1, ""),
    "fails-once": (None, 2, "Hello world"),
}
WHOLE = [
    "slow-headers", "html-200", "html-502", "bomb", "bomb-error", "redirect", "proxy-login",
    "context-length", "auth", "credits", "gone", "rate-seconds", "rate-hour", "rate-day", "server-500", "loading",
    "overloaded", "whole-json", "whole-error",
]  # fmt: skip


def engine_for(url: str, pauses: list[float] | None = None, **options: str) -> Engine:
    environ = {
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": KEY,
        "ROUNDTABLE_CONNECT_TIMEOUT_S": "0.5",
        "ROUNDTABLE_HEADERS_TIMEOUT_S": "0.4",
        "ROUNDTABLE_FIRST_TOKEN_TIMEOUT_S": "0.4",
        "ROUNDTABLE_GAP_TIMEOUT_S": "0.4",
        "ROUNDTABLE_ANSWER_TIMEOUT_S": "1.5",
        **options,
    }
    waits = pauses if pauses is not None else []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    policy = Policy(chance=Random(1), sleep=waits.append, sleep_async=note)
    return build(load(environ=environ), policy=policy)


def ask(**fields: object) -> ChatRequest:
    return ChatRequest([Message("user", "Hi")], model_id="openai/test-model", **fields)  # type: ignore[arg-type]


def streamed(engine: Engine, request: ChatRequest) -> Completion:
    async def run() -> Completion:
        last = None
        async for event in engine.stream(request):
            last = event
        assert isinstance(last, Completion)
        return last

    return asyncio.run(run())


def has_text(completion: Completion, expected: str) -> bool:
    if expected.endswith("*"):
        return set(completion.text) == {expected[0]}
    return completion.text == expected


def assert_no_key(completion: Completion) -> None:
    assert KEY not in repr(completion)
    if completion.error:
        assert KEY not in f"{completion.error!r} {completion.error.message} {completion.error.__dict__}"
        assert KEY[-8:] not in completion.error.message


@pytest.mark.parametrize("fault", STREAMED)
def test_streamed_fault(server: FaultyServer, fault: str) -> None:
    kind, requests, text = STREAMED[fault]
    server.calls[fault] = 0
    completion = streamed(engine_for(server.url(fault)), ask())
    assert (completion.error.kind if completion.error else None) == kind
    assert server.calls[fault] == requests
    assert has_text(completion, text), completion.text[:80]
    assert_no_key(completion)
    if kind and text:
        assert completion.finish
        assert completion.finish.reason == "truncated"
    assert len(completion.attempts) == requests
    assert completion.attempts[-1].outcome == (kind or "ok")


@pytest.mark.parametrize("fault", WHOLE)
def test_whole_fault(server: FaultyServer, fault: str) -> None:
    kind, requests, text = STREAMED[fault]
    server.calls[fault] = 0
    options: dict[str, Any] = {"ROUNDTABLE_ANSWER_TIMEOUT_S": "0.4"} if fault == "slow-headers" else {}
    completion = engine_for(server.url(fault), **options).complete(ask())
    assert (completion.error.kind if completion.error else None) == kind
    assert server.calls[fault] == requests
    assert has_text(completion, text)
    assert_no_key(completion)


def test_nobody_listens() -> None:
    for completion in (
        streamed(engine_for("http://127.0.0.1:9/v1"), ask()),
        engine_for("http://127.0.0.1:9/v1").complete(ask()),
    ):
        assert completion.error
        assert completion.error.kind == "unreachable"
        assert len(completion.attempts) == 3


def test_tls_to_a_plain_port_ends_soon(server: FaultyServer) -> None:
    url = server.url("good").replace("http:", "https:")
    for completion in (streamed(engine_for(url), ask()), engine_for(url).complete(ask())):
        assert completion.error
        assert completion.error.kind in ("unreachable", "timeout")
        assert completion.timing.total_ms
        assert completion.timing.total_ms < 5_000


def test_the_servers_wish_is_obeyed(server: FaultyServer) -> None:
    pauses: list[float] = []
    streamed(engine_for(server.url("rate-seconds"), pauses), ask())
    assert len(pauses) == 2
    assert all(2 <= pause <= 3 for pause in pauses)
    pauses.clear()
    streamed(engine_for(server.url("server-500"), pauses), ask())
    assert pauses[0] <= 0.5
    assert pauses[1] <= 1.0


def test_a_refused_parameter_is_left_out_and_said(server: FaultyServer) -> None:
    for completion in (
        streamed(engine_for(server.url("refuses-temperature")), ask(temperature=0.2)),
        engine_for(server.url("refuses-temperature")).complete(ask(temperature=0.2)),
    ):
        if completion.error is None:
            assert completion.text == "Hello world"
        assert [(note.kind, note.detail) for note in completion.notes] == [("parameter_dropped", "temperature")]
    sent = server.bodies["refuses-temperature"]
    assert "temperature" in sent[0]
    assert "temperature" not in sent[1]


def test_sampling_is_sent_only_when_set(server: FaultyServer) -> None:
    streamed(engine_for(server.url("good")), ask())
    assert not {"temperature", "top_p", "seed", "max_tokens"} & set(server.bodies["good"][-1])


def test_a_redirect_takes_no_key_along(server: FaultyServer) -> None:
    streamed(engine_for(server.url("redirect")), ask())
    assert server.calls["stolen"] == 0


def test_absurd_usage_is_estimated_instead(server: FaultyServer) -> None:
    usage = streamed(engine_for(server.url("absurd-usage")), ask()).usage
    assert usage
    assert usage.estimated
    assert 0 < (usage.output_tokens or 0) < 10


def test_a_slow_reader_trips_no_deadline(server: FaultyServer) -> None:
    async def run() -> Completion:
        engine = engine_for(server.url("good"), ROUNDTABLE_ANSWER_TIMEOUT_S="30")
        async for event in engine.stream(ask()):
            if isinstance(event, Completion):
                return event
            await asyncio.sleep(0.6)
        raise AssertionError("no completion")

    completion = asyncio.run(run())
    assert completion.error is None
    assert completion.text == "Hello world"


def test_leaving_closes_the_connection(server: FaultyServer) -> None:
    async def run() -> None:
        events = engine_for(server.url("silence"), ROUNDTABLE_GAP_TIMEOUT_S="30").stream(ask())
        await anext(events)
        await events.aclose()

    asyncio.run(asyncio.wait_for(run(), 2))


def test_several_loops_one_engine(server: FaultyServer) -> None:
    engine = engine_for(server.url("good"))
    assert [streamed(engine, ask()).text for _ in range(3)] == ["Hello world"] * 3


def test_one_failing_lane_moves_no_other(server: FaultyServer) -> None:
    requests = [ask(), dataclasses.replace(ask(), model_id="nobody/nothing"), ask()]

    async def run() -> dict[int, Completion]:
        arrivals = engine_for(server.url("good")).compare(requests)
        return {index: event async for index, event in arrivals if isinstance(event, Completion)}

    completions = asyncio.run(run())
    assert [end.error.kind if end.error else end.text for end in map(completions.__getitem__, range(3))] == [
        "Hello world", "not_found", "Hello world",
    ]  # fmt: skip


def test_a_certificate_nobody_vouches_for_gets_no_second_try(tmp_path: Path) -> None:
    with tls_server(tmp_path) as (port, requests):
        url = f"https://127.0.0.1:{port}/v1"
        for completion in (streamed(engine_for(url), ask()), engine_for(url).complete(ask())):
            assert completion.error
            assert completion.error.kind == "unreachable"
            assert "certificate" in completion.error.message
            assert len(completion.attempts) == 1
    assert requests == []


def test_a_name_that_leads_nowhere() -> None:
    completion = streamed(engine_for("https://provider.invalid/v1"), ask())
    assert completion.error
    assert completion.error.kind == "unreachable"
    assert "address" in completion.error.message


@contextmanager
def tls_server(folder: Path) -> Iterator[tuple[int, list[bytes]]]:
    """A server with a certificate of its own making; what reaches it after the handshake is in the list."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with suppress(OSError):
                    connection, _ = listening.accept()
                    connection.settimeout(1)
                    with context.wrap_socket(connection, server_side=True) as secure:
                        requests.append(secure.recv(65_536))

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], requests
        over.set()
        thread.join()


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain) + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
