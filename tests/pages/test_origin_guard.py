"""The gate in front of Streamlit, as the server calls it: what reaches the app, and what is said to others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.safety.hosts import Names
from core.ui import assets, middleware, origin_guard, upload_limits, uploads
from core.ui.origin_guard import OriginGuard, Rules
from tests.pages.conftest import ROOT

RULES = Rules(Names(frozenset({"atlas"}), ("chat.example.org",)))
NOWHERE = Path("/srv/app/core/ui/gate.py")


class Passed:
    """The app behind the gate, and what a caller gets from both."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []
        self.sent: list[Any] = []

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def call(self, kind: str = "http", path: str = "/", **headers: str) -> bool:
        """Whether the call reached the app."""
        sent = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {"type": kind, "method": "GET", "path": path, "headers": sent, "scheme": "http"}
        before = len(self.scopes)
        await OriginGuard(self.app, RULES)(scope, None, self.send)  # type: ignore[arg-type]
        return len(self.scopes) > before


kinds = pytest.mark.parametrize("kind", ["http", "websocket"])


@kinds
@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8501", "127.0.0.1.evil.test", "", "a b", "localhost@evil.test"]
)
async def test_a_name_that_is_not_its_own_reaches_nothing(kind: str, host: str) -> None:
    door = Passed()
    for extra in ({}, {"origin": f"http://{host}"}, {"x_forwarded_host": "localhost", "x_forwarded_proto": "https"}):
        assert not await door.call(kind, host=host, **extra)


async def test_the_refusal_says_what_to_set_and_repeats_no_markup() -> None:
    door = Passed()
    await door.call(host="chat.acme.example:8501")
    start, body = door.sent
    assert start["status"] == 403
    assert dict(start["headers"])[b"content-type"] == b"text/plain; charset=utf-8"
    assert b"set ROUNDTABLE_HOSTS=chat.acme.example in" in body["body"]
    await door.call(host="<script>alert(1)</script>", accept_language="zh-CN")
    assert b"<" not in door.sent[-1]["body"]
    assert "请求".encode() in door.sent[-1]["body"]


async def test_a_websocket_is_refused_before_it_is_accepted() -> None:
    door = Passed()
    await door.call("websocket", host="localhost:8501", origin="http://evil.test")
    assert [message["type"] for message in door.sent] == ["websocket.close"]


@kinds
@pytest.mark.parametrize("origin", ["null", "http://localhost:8502", "https://evil.test", "http://127.0.0.1:8501", ""])
async def test_a_page_of_another_site_reaches_nothing(kind: str, origin: str) -> None:
    assert not await Passed().call(kind, host="localhost:8501", origin=origin)


@kinds
async def test_a_second_host_or_origin_reaches_nothing(kind: str) -> None:
    for twice in (b"host", b"origin"):
        door = Passed()
        headers = [(b"host", b"localhost"), (b"origin", b"http://localhost"), (twice, b"http://localhost")]
        scope = {"type": kind, "method": "GET", "path": "/", "headers": headers}
        await OriginGuard(door.app, RULES)(scope, None, door.send)  # type: ignore[arg-type]
        assert door.scopes == []


@kinds
@pytest.mark.parametrize("host", ["localhost:8501", "[::1]:8501", "10.0.0.5:8501", "atlas", "chat.example.org"])
async def test_its_own_page_and_those_that_are_no_browser_pass(kind: str, host: str) -> None:
    door = Passed()
    assert await door.call(kind, host=host, origin=f"http://{host}")
    assert await door.call(kind, host=host)


async def test_health_answers_before_the_options_are_read_and_the_rest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    door, replies, read = Passed(), list[Any](), list[str]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def send(message: Any) -> None:
        replies.append(message)

    monkeypatch.setattr(origin_guard, "rules", lambda: read.append("rules") or RULES)
    monkeypatch.setattr(uploads, "bounds", lambda: read.append("bounds"))
    monkeypatch.setattr(uploads, "watch_for_lost_files", lambda: None)
    monkeypatch.setattr(upload_limits.UploadLimits, "_schedule_release", lambda _self: None)
    scope = {"type": "http", "method": "GET", "path": "/_stcore/health", "headers": [], "scheme": "http"}
    await middleware.Guard(OriginGuard(app))(scope, None, send)  # type: ignore[arg-type]
    assert replies[0]["status"] == 200
    assert not read
    await OriginGuard(door.app)({**scope, "path": "/", "headers": [(b"host", b"localhost")]}, None, send)  # type: ignore[arg-type]
    await upload_limits.UploadLimits(door.app)({**scope, "type": "websocket"}, None, send)  # type: ignore[arg-type]
    assert len(door.scopes) == 2
    assert read == ["rules", "bounds"]


def test_the_server_is_up_before_the_engine_is_imported() -> None:
    """What it imports, health waits for; the engine with its schemas costs a fifth of a second."""
    code = "import sys, core.ui.middleware\n"
    code += "print({'core.engine', 'core.options', 'pydantic', 'sqlalchemy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


async def test_health_answers_whoever_asks() -> None:
    door = Passed()
    for headers in ({}, {"host": "10.1.2.3"}, {"host": "app-1.internal.example:8501"}):
        assert await door.call(path="/_stcore/health", **headers)
        assert await door.call(path="/chat/_stcore/health", **headers)
    assert not await door.call(path="/_stcore/health", host="10.1.2.3", origin="http://evil.test")


async def test_streamlit_reads_an_origin_that_equals_the_host() -> None:
    """Else it would look for this computer's own addresses on the internet, and everybody would wait."""
    door = Passed()
    for host, origin in (
        ("chat.example.org:443", "https://chat.example.org"),
        ("localhost.:8501", "http://LOCALHOST:8501"),
        ("10.0.0.5:8501", "https://chat.example.org"),
    ):
        assert await door.call("websocket", host=host, origin=origin)
        assert dict(door.scopes[-1]["headers"])[b"origin"].decode().partition("://")[2] == host


async def test_over_tls_a_page_without_it_reaches_nothing() -> None:
    door = Passed()
    assert await door.call(host="chat.example.org", origin="https://chat.example.org", x_forwarded_proto="https")
    assert not await door.call(host="chat.example.org", origin="http://chat.example.org", x_forwarded_proto="https")


@pytest.mark.parametrize(
    ("host", "scheme", "forwarded", "has_hsts"),
    [
        ("chat.example.org", "https", "", True),
        ("chat.example.org:8443", "http", "https", True),
        ("chat.example.org", "http", "https, http", True),
        ("chat.example.org", "http", "", False),
        ("localhost:8501", "https", "", False),
        ("chat.localhost", "https", "", False),
        ("192.168.1.5", "https", "", True),  # browsers take no notice
    ],
)
def test_tls_is_kept_where_the_browser_came_by_it(host: str, scheme: str, forwarded: str, has_hsts: bool) -> None:
    headers = [(b"host", host.encode()), (b"x-forwarded-proto", forwarded.encode())]
    assert bool(origin_guard.transport_security({"scheme": scheme, "headers": headers})) is has_hsts


def rules_for(listed: str = "", frames: str = "", place: Path = NOWHERE, **environ: str) -> Rules:
    return origin_guard.rules_of(listed, frames, environ, place, "Atlas.corp.example")


def test_it_answers_to_this_computers_own_names() -> None:
    assert rules_for().names.own >= {"atlas.corp.example", "atlas", "atlas.local"}


def test_options_name_more() -> None:
    rules = rules_for("chat.example.org, *.apps.example", "https://a.example,https://b.example")
    assert rules.names.listed == ("chat.example.org", "*.apps.example")
    assert rules.frame_ancestors == "'self' https://a.example https://b.example"
    assert rules_for(frames="'none'").frame_ancestors == "'none'"
    assert rules_for().frame_ancestors == "'self'"


def test_hosting_services_tell_their_names() -> None:
    assert rules_for(SPACE_HOST="me-chat.hf.space").names.listed == ("me-chat.hf.space",)
    assert "https://huggingface.co" in rules_for(SPACE_HOST="me-chat.hf.space").frame_ancestors
    assert rules_for(CODESPACE_NAME="odd-name").names.listed == ("odd-name-8501.app.github.dev",)
    for cloud in (rules_for(place=Path("/mount/src/chat/core/ui/gate.py")), rules_for(STREAMLIT_SHARING_MODE="1")):
        assert cloud.names.listed == ("*.streamlit.app",)
        assert "https://*.streamlit.app" in cloud.frame_ancestors


def test_the_gate_stands_before_everything_that_answers() -> None:
    classes = [layer.cls for layer in middleware.middleware()]
    assert classes.index(middleware.Guard) < classes.index(OriginGuard)  # type: ignore[arg-type]
    assert classes.index(OriginGuard) < classes.index(assets.Assets)  # type: ignore[arg-type]
