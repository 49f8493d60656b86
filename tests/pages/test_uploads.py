"""Files that are handed in: bounds before the body is read, memory given back, and one true size everywhere."""

from __future__ import annotations

import asyncio
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from streamlit import config
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette import starlette_routes

from core.batch import table
from core.options import Settings
from core.ui import upload_limits, uploads, visitor
from core.ui.app_state import AppState
from core.ui.upload_limits import UploadLimits
from core.ui.uploads import MB, Bounds

ROOT = Path(__file__).resolve().parents[2]
FORM = "multipart/form-data; boundary=x"


class Server:
    """Streamlit's own upload route behind ours; `active` are the sessions whose tab is open."""

    def __init__(self, bounds: Bounds) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")
        self.active = {"tab", "other"}
        self.closed: list[str] = []
        routes = starlette_routes.create_upload_routes(self, self.uploaded_file_mgr, None)  # type: ignore[arg-type]
        self.door = UploadLimits(Starlette(routes=routes), bounds)
        self.body = ""
        self.read = 0
        self.address = ""

    def is_active_session(self, session: str) -> bool:
        return session in self.active

    def close_session(self, session: str) -> None:
        self.closed.append(session)

    async def put(self, size: int, session: str = "tab", file: str = "f", says: int | None = -1, **headers: str) -> int:
        """Hand a file in, in pieces; `says` is its Content-Length (None: none). Returns the status."""
        head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="notes.csv"\r\n\r\n'
        pieces = [head, *[bytes(min(65_536, size - at)) for at in range(0, size, 65_536)], b"\r\n--x--\r\n"]
        length = sum(map(len, pieces)) if says == -1 else says
        sent = {"content-type": FORM, **({} if length is None else {"content-length": str(length)}), **headers}
        statuses: list[int] = []

        async def receive() -> Any:
            self.read += 1
            body = pieces.pop(0) if pieces else b""
            return {"type": "http.request", "body": body, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            statuses.extend([message["status"]] if "status" in message else [])
            self.body = message.get("body", b"").decode()

        scope = {
            "client": (self.address, 1),
            "type": "http",
            "method": "PUT",
            "path": f"/_stcore/upload_file/{session}/{file}",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
            "query_string": b"",
        }
        await self.door(scope, receive, send)
        return statuses[0]

    async def leave(self, session: str = "tab") -> None:
        """Close a tab: its websocket ends."""

        async def app(*_: Any) -> None:
            self.active.discard(session)

        self.door.app, before = app, self.door.app
        await self.door({"type": "websocket"}, None, None)  # type: ignore[arg-type]
        self.door.app = before

    @property
    def held(self) -> int:
        files = self.uploaded_file_mgr.file_storage.values()
        return sum(len(file.data) for session in files for file in session.values())


@pytest.fixture
def server(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(starlette_routes, "is_xsrf_enabled", lambda: False)
    monkeypatch.setattr(upload_limits, "PATIENCE", 0)
    opened = Server(Bounds(session=3 * MB, process=8 * MB))
    monkeypatch.setattr(uploads, "runtime", lambda: opened)
    return opened


async def test_one_tab_holds_no_more_than_its_bound(server: Server) -> None:
    statuses = [await server.put(300_000, file=str(number)) for number in range(100)]
    assert {204, 413} == set(statuses)
    assert server.held <= 4 * MB
    assert "can be 200 MB in total" in server.body  # the option's, not this test's
    assert await server.put(300_000, "other") == 204


async def test_one_tab_holds_no_more_than_so_many_files(server: Server) -> None:
    statuses = [await server.put(10, file=str(number)) for number in range(uploads.FILES + 5)]
    assert statuses == [204] * uploads.FILES + [413] * 5


async def test_all_tabs_hold_no_more_than_the_server_has_room_for(server: Server) -> None:
    server.active |= {str(number) for number in range(20)}
    statuses = [await server.put(2 * MB, str(number)) for number in range(20)]
    assert statuses.count(204) == 3
    assert server.held <= 8 * MB
    assert "no room" in server.body


def cookie() -> str:
    return f"{visitor.COOKIE}={visitor.new_name()}"


async def test_one_visitor_holds_no_more_in_many_tabs_than_in_one(server: Server) -> None:
    server.active |= {str(number) for number in range(20)}
    own_cookie, other_cookie = cookie(), cookie()
    statuses = [await server.put(MB, str(number), cookie=own_cookie) for number in range(20)]
    assert statuses == [204] * 3 + [413] * 17
    assert "close tabs" in server.body
    assert await server.put(2 * MB, "other", cookie=other_cookie) == 204


async def test_one_visitor_holds_no_more_than_so_many_files_in_many_tabs(server: Server) -> None:
    server.active |= {str(number) for number in range(20)}
    own_cookie = cookie()
    files = range(2 * upload_limits.VISITOR_FILES)
    statuses = [await server.put(10, str(number % 20), file=str(number), cookie=own_cookie) for number in files]
    assert statuses.count(204) <= upload_limits.VISITOR_FILES + 1


async def test_a_renewed_cookie_gives_no_more_room(server: Server) -> None:
    server.active |= {str(number) for number in range(20)}
    server.address = "10.0.0.1"
    statuses = [await server.put(2 * MB, str(number), cookie=cookie()) for number in range(20)]
    assert statuses.count(204) == 2  # half of the server's room
    server.address = "10.0.0.2"
    assert await server.put(2 * MB, "other", cookie=cookie()) == 204
    assert len(server.door._clients) <= 4


async def test_nothing_of_a_file_that_has_no_room_is_read(server: Server) -> None:
    assert await server.put(0, says=5 * MB) == 413
    assert await server.put(10, says=None) == 411
    assert server.read == 0


async def test_a_body_that_is_longer_than_it_says_is_cut_off(server: Server) -> None:
    assert await server.put(8 * MB, says=100) == 413
    assert server.held == 0
    assert server.read < 70
    assert server.door.arriving.total() == 0
    assert await server.put(2 * MB) == 204


async def test_a_page_gets_the_sentence_instead_of_a_status(server: Server) -> None:
    """Streamlit's page would show "AxiosError: Request failed with status code 413"."""
    assert await server.put(2 * MB, file="a") == 204
    assert await server.put(3 * MB, file="b", sec_fetch_mode="cors") == 204
    (placed,) = server.uploaded_file_mgr.get_files("tab", ["b"])
    assert (placed.name, placed.data) == ("notes.csv", b"")
    assert uploads.refusal(placed).startswith("**notes.csv** was not uploaded")
    (whole,) = server.uploaded_file_mgr.get_files("tab", ["a"])
    assert uploads.refusal(whole) == ""


async def test_pages_place_no_endless_number_of_refused_files(server: Server) -> None:
    statuses = [await server.put(1, file=str(number), sec_fetch_mode="cors") for number in range(100)]
    assert statuses.count(204) == 2 * uploads.FILES
    assert statuses[-1] == 413


async def test_a_tab_that_is_gone_gives_its_memory_back(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limits, "GRACE_S", 0.0)
    monkeypatch.setattr(upload_limits, "TTL_S", 0.0)
    await server.put(MB)
    await server.put(MB, "other")
    await server.leave()
    while not server.closed:
        await asyncio.sleep(0)
    assert list(server.uploaded_file_mgr.file_storage) == ["other"]
    assert server.closed == ["tab"]


async def test_a_file_that_ends_after_its_tab_is_not_kept(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limits, "GRACE_S", 0.0)
    through = server.door._forward

    async def closing(*arguments: Any) -> Any:
        refusal = await through(*arguments)
        server.active.discard("tab")
        return refusal

    monkeypatch.setattr(server.door, "_forward", closing)
    assert await server.put(MB) == 204
    while server.held:
        await asyncio.sleep(0)


async def test_a_tab_that_comes_back_keeps_its_files(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limits, "GRACE_S", 0.0)
    monkeypatch.setattr(upload_limits, "TTL_S", 3600.0)
    await server.put(MB)
    await server.leave()
    server.active.add("tab")
    while server.door._gone:
        await asyncio.sleep(0)
    assert server.held == MB


def test_one_size_is_said_everywhere() -> None:
    """The option, Streamlit's own limit and the proxy's; what the pages say is computed from the option."""
    largest = Settings().upload_mb
    toml = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert toml["server"]["maxUploadSize"] == largest
    proxy = re.search(r"client_max_body_size (\d+)m;", (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8"))
    assert proxy
    assert int(proxy[1]) == largest + 1
    assert f"#ROUNDTABLE_UPLOAD_MB={largest}\n" in (ROOT / ".env.example").read_text(encoding="utf-8")
    assert Settings().uploads_mb >= largest
    assert table.MOST_BYTES % MB == 0
    words = [path for path in ROOT.glob("core/ui/**/*.py") if re.search(r"\b\d+ ?MB\b", path.read_text("utf-8"))]
    assert words == []  # no page says a size of its own
    sizes = [path for path in ROOT.glob("core/ui/**/*.py") if re.search(r"max_upload_size=\d", path.read_text("utf-8"))]
    assert sizes == []


def test_streamlits_limit_follows_the_option(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    before = config.get_option("server.maxUploadSize")
    small = shared.engine.settings.model_copy(update={"upload_mb": 7, "uploads_mb": 5})
    monkeypatch.setattr(shared.engine, "settings", small)
    assert uploads.bounds() == Bounds(7 * MB, 7 * MB)
    assert config.get_option("server.maxUploadSize") == 7
    assert (uploads.largest_mb(), uploads.table_mb()) == (7, 7)
    config.set_option("server.maxUploadSize", before)
