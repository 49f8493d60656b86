"""All that one browser sent to the server, sent again by another: it reads nothing of the first one's and changes
nothing."""

from __future__ import annotations

import http.client
import re
import sqlite3
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, WebSocket, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.browser.screen import LONG_MS, answers, ask, button, calm, click, open_page, wait_for_answer
from tests.browser.servers import Server

WORD = "quillanaquill"
MEDIA = re.compile(rb"/media/[0-9a-f]+\.?\w*")
PATIENCE_S = 20


class Wire:
    """What a page sent and what it was sent, and the addresses that it asked for."""

    def __init__(self, page: Page) -> None:
        self.sent: list[bytes] = []
        self.came: list[bytes] = []
        self.uploads: list[str] = []
        page.on("websocket", self._listen)
        page.on("request", lambda request: self.uploads.append(request.url) if "upload_file" in request.url else None)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.sent.append(_bytes(frame)))
        socket.on("framereceived", lambda frame: self.came.append(_bytes(frame)))

    def session_id(self) -> str:
        messages = [ForwardMsg.FromString(frame) for frame in self.came]
        return next(each.new_session.initialize.session_id for each in messages if each.HasField("new_session"))

    def media(self) -> list[str]:
        return list(dict.fromkeys(path.decode() for frame in self.came for path in MEDIA.findall(frame)))


def _bytes(frame: bytes | str) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()


class Stranger:
    """Another browser: its cookies, and a websocket that may name somebody else's session."""

    def __init__(self, url: str) -> None:
        self.url = url
        with urllib.request.urlopen(url) as reply:
            cookies = reply.headers.get_all("set-cookie") or []
        self.cookie = "; ".join(cookie.partition(";")[0] for cookie in cookies)

    def replay(self, frames: list[bytes], session_id: str) -> bytes:
        """Send all of these in this browser's own session, each when the one before is done; all that comes back."""
        came: list[bytes] = []
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        headers = {"Cookie": self.cookie, "Origin": self.url}
        names = ["streamlit", "PLACEHOLDER_AUTH_TOKEN", *([session_id] if session_id else [])]
        protocols = [Subprotocol(name) for name in names]
        with connect(address, subprotocols=protocols, additional_headers=headers, max_size=None) as socket:
            own_id = ""
            for frame in frames:
                message = BackMsg.FromString(frame)
                if message.WhichOneof("type") == "backend_operation_request":
                    message.backend_operation_request.session_id = own_id
                elif message.HasField("rerun_script"):
                    message.rerun_script.ClearField("cached_message_hashes")
                socket.send(message.SerializeToString())
                if not message.HasField("rerun_script"):
                    continue
                while True:
                    came.append(_bytes(socket.recv(PATIENCE_S)))
                    reply = ForwardMsg.FromString(came[-1])
                    if reply.HasField("new_session"):
                        own_id = reply.new_session.initialize.session_id or own_id
                    if reply.WhichOneof("type") == "script_finished":
                        break
            assert own_id
            assert own_id != session_id
        return b"".join(came)

    def status(self, method: str, path: str, cookie: str | None = None) -> tuple[int, bytes]:
        headers = {"Cookie": self.cookie if cookie is None else cookie}
        with closing(http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE_S)) as connection:
            connection.request(method, path, body=b"x" * 10, headers=headers)
            reply = connection.getresponse()
            return reply.status, reply.read()


@pytest.fixture
def server(own_server: Callable[..., Server]) -> Server:
    return own_server(ROUNDTABLE_SIMULATOR_SPEED="1000")


def rows(folder: Path) -> Iterator[tuple[str, Counter[str]]]:
    """All rows of the database, by table."""
    with closing(sqlite3.connect(f"file:{next(folder.glob('*.db'))}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%fts%'")
        for (name,) in tables.fetchall():
            yield name, Counter(map(repr, connection.execute(f'SELECT * FROM "{name}"')))


def test_a_replayed_session_reads_and_changes_nothing(page: Page, server: Server, tmp_path: Path) -> None:
    open_page(page, server.url)
    calm(page)
    ask(page, f"{WORD} explain tides")
    wait_for_answer(page)
    calm(page)
    chat = page.url
    page.goto(f"{server.url}/compare?m=sim%2Fquick&m=sim%2Fsteady")
    calm(page)
    ask(page, f"{WORD} compare")
    expect(page.locator(".st-key-lanes").get_by_text("Done")).to_have_count(2, timeout=LONG_MS)
    calm(page)
    run = page.url
    page.goto("about:blank")

    wire = Wire(page)  # from here on the browser sends ids and no words
    open_page(page, chat)
    expect(answers(page).last).to_be_visible(timeout=LONG_MS)
    calm(page)
    click(button(page, "again"))
    wait_for_answer(page)
    calm(page)
    page.get_by_test_id("stFileUploaderDropzoneInput").or_(page.locator("input[type=file]")).first.set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"tides"}
    )
    page.wait_for_event("requestfinished", predicate=lambda request: "upload_file" in request.url)
    page.goto(run)
    expect(page.locator(".st-key-lanes").get_by_text("Done")).to_have_count(2, timeout=LONG_MS)
    calm(page)
    button(page, "export").first.click()
    with page.expect_download() as download:
        page.locator('[class*="st-key-file-"] button').filter(visible=True).first.click()
    assert WORD in download.value.path().read_text("utf-8")
    page.goto(f"{server.url}/history")
    calm(page)
    page.goto("about:blank")
    assert wire.sent
    assert WORD.encode() not in b"".join(wire.sent)
    assert WORD.encode() in b"".join(wire.came)

    stranger, before = Stranger(server.url), dict(rows(tmp_path))
    for session_id in ("", wire.session_id()):
        came = stranger.replay(wire.sent, session_id)
        assert WORD.encode() not in came
        assert b"/media/" not in came
    assert wire.media()
    for path in wire.media():
        assert stranger.status("GET", path)[0] == 404
        assert stranger.status("GET", path, "")[0] == 404
    assert wire.uploads
    for address in wire.uploads:  # 404 where the session has ended
        assert stranger.status("PUT", urlsplit(address).path)[0] in (403, 404)
        assert stranger.status("DELETE", urlsplit(address).path)[0] in (403, 404)
    after = dict(rows(tmp_path))
    assert {name: lost for name, earlier in before.items() if (lost := earlier - after[name])} == {}
    same = Stranger(server.url)  # the same frames with the first one's cookies do read it
    same.cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    assert WORD.encode() in same.replay(wire.sent, "")
