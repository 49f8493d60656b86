"""The id of another's session opens nothing: neither its websocket nor a way to hand it files."""

from __future__ import annotations

from typing import Any

import pytest

from core.ui import session_binding, visitor
from core.ui.session_binding import SessionBinding

pytestmark = pytest.mark.usefixtures("shared")
SESSION = "5b8d1f6e-0000-4000-8000-000000000000"


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch) -> str:
    """Whose session it is."""
    name = visitor.new_name()
    monkeypatch.setattr(session_binding, "_names", type(session_binding._names)({SESSION: name}))
    return name


async def passed(scope: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """What reaches Streamlit, and what is answered before it."""
    reached: list[Any] = []
    sent: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        reached.append(scope)

    async def send(message: Any) -> None:
        sent.append(message)

    await SessionBinding(app)(scope, None, send)  # type: ignore[arg-type]
    return reached, sent


def websocket(cookie: str, session_id: str = SESSION) -> dict[str, Any]:
    headers = [(b"cookie", cookie.encode()), (b"sec-websocket-protocol", f"streamlit, token, {session_id}".encode())]
    return {"type": "websocket", "path": "/_stcore/stream", "headers": headers}


def protocol(scope: dict[str, Any]) -> list[str]:
    return [part.strip() for part in dict(scope["headers"])[b"sec-websocket-protocol"].decode().split(",")]


async def test_its_own_browser_comes_back_to_a_session(name: str) -> None:
    (scope,), _ = await passed(websocket(f"roundtable={name}"))
    assert protocol(scope) == ["streamlit", "token", SESSION]


@pytest.mark.parametrize("cookie", ["", "roundtable={other}", "roundtable=" + "0" * 32])
async def test_another_browser_gets_a_session_of_its_own(name: str, cookie: str) -> None:
    (scope,), _ = await passed(websocket(cookie.format(other=visitor.new_name())))
    assert protocol(scope) == ["streamlit", "token"]


async def test_a_session_that_nobody_is_known_of_is_left_to_streamlit(name: str) -> None:
    (scope,), _ = await passed(websocket("", "unknown"))
    assert protocol(scope)[2] == "unknown"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_files_are_taken_from_its_own_browser_alone(name: str, method: str) -> None:
    path = f"/_stcore/upload_file/{SESSION}/f1"
    scope = {"type": "http", "method": method, "path": path, "headers": [(b"cookie", f"roundtable={name}".encode())]}
    reached, sent = await passed(scope)
    assert reached
    assert not sent
    reached, sent = await passed({**scope, "headers": []})
    assert not reached
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/static/media/MaterialSymbols-Rounded.nEdyypZU.woff2", None),
        ("/static/media/SourceSansVF-Upright.ttf.BsWL4Kly.woff2", None),
        (f"/media/{'ab' * 28}.csv", 404),
        (f"/base/media/{'ab' * 28}", 404),
    ],
)
async def test_files_of_a_page_need_its_browser_and_fonts_do_not(path: str, status: int | None) -> None:
    _, sent = await passed({"type": "http", "method": "GET", "path": path, "headers": []})
    assert [message["status"] for message in sent[:1]] == ([] if status is None else [status])


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/base/_stcore/metrics", "/_stcore/metrics/"])
async def test_streamlits_own_metrics_are_closed(path: str) -> None:
    reached, sent = await passed({"type": "http", "method": "GET", "path": path, "headers": []})
    assert reached == []
    assert sent[0]["status"] == 404
