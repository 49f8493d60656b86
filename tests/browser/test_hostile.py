"""Hostile Markdown in a real browser: drawn through `blocks` it loads nothing, runs nothing, links nowhere odd.

The control draws the same documents as they are, and does make the browser call the attacker. More than the usual
two hundred: HOSTILE_COUNT=2000 HOSTILE_SEED=7 scripts/test tests/browser/test_hostile.py
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.hostile_documents import documents
from tests.browser.servers import Server, Servers

ROOT = Path(__file__).resolve().parents[2]
COUNT = int(os.environ.get("HOSTILE_COUNT", "200"))
SEED = int(os.environ.get("HOSTILE_SEED", "1"))
A_PAGE = 20
LATE_TRIES = 100
SETTLE_MS = 300  # after the last element is drawn: lazily loaded parts (formulas, diagrams, emoji) come in
FINDINGS = """() => [...document.querySelectorAll("[class*=st-key-document_]")].map(drawn => ({
    document: drawn.className.match(/document_\\d+/)[0],
    loading: [...drawn.querySelectorAll(
        "img,image,iframe,object,embed,video,audio,source,script,link,style,base,meta,form,[style*=url]"
    )].map(element => element.outerHTML.slice(0, 300)),
    diagrams: [...drawn.querySelectorAll("[data-testid*=ermaid]")].map(element => element.textContent),
    coloured: [...drawn.querySelectorAll("[class*=stMarkdownColored]")].map(element => element.textContent),
    links: [...drawn.querySelectorAll("a")].map(link => link.getAttribute("href"))
        .filter(href => !/^(https?:[/][/]|mailto:|#)/.test(href)),
}))"""


class Attacker(ThreadingHTTPServer):
    """Remembers the path of every request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    server: Attacker

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def attacker() -> Iterator[Attacker]:
    with Attacker() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def hostile_server(servers: Servers, attacker: Attacker, tmp_path_factory: pytest.TempPathFactory) -> Server:
    listed = tmp_path_factory.mktemp("hostile") / "documents.json"
    listed.write_text(json.dumps(documents(COUNT, attacker.url, SEED)), encoding="utf-8")
    words = "-m streamlit run tests/browser/hostile_app.py --server.address 127.0.0.1 --server.headless true"
    command = [sys.executable, *words.split(), "--server.port"]
    return servers.start(command, ROOT, {"HOSTILE_DOCUMENTS": str(listed)}, health="/_stcore/health")


@pytest.fixture
def draw(page: Page, hostile_server: Server) -> Callable[..., list[str]]:
    """Draw a page of documents from `first` on; what should not be there, one line each."""

    def open_page(first: int, more: str = "") -> list[str]:
        page.goto(f"{hostile_server.url}/?first={first}&count={A_PAGE}{more}")
        page.get_by_text("all drawn", exact=True).wait_for(state="attached")
        page.wait_for_timeout(SETTLE_MS)
        documents = page.evaluate(FINDINGS)
        assert len(documents) == min(A_PAGE, COUNT - first)
        findings = [
            f"{document['document']}: {finding}"
            for document in documents
            for finding in document.items()
            if finding[0] != "document" and finding[1]
        ]
        return [*findings, *(["a script ran"] if page.evaluate("window.stolen") else [])]

    return open_page


@pytest.mark.timeout(1200)
def test_hostile_documents_load_and_run_nothing(draw: Callable[..., list[str]], attacker: Attacker, page: Page) -> None:
    attacker.asked.clear()
    findings: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        findings.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    for first in range(0, COUNT, A_PAGE):
        findings += draw(first)
    assert findings + attacker.asked == []


def test_the_same_documents_drawn_raw_call_the_attacker(
    draw: Callable[..., list[str]], attacker: Attacker, asked_elsewhere: list[str], page: Page
) -> None:
    attacker.asked.clear()
    findings = draw(0, "&raw=1")

    def callers() -> set[str]:
        return {path.split("/")[1] for path in attacker.asked.copy()}

    for _ in range(LATE_TRIES):  # on a busy machine the browser gets to its pictures late
        if len(callers()) > A_PAGE // 4:
            break
        page.wait_for_timeout(SETTLE_MS)
    assert len(callers()) > A_PAGE // 4
    assert any("loading" in finding for finding in findings)
    assert any("links" in finding for finding in findings)
    asked_elsewhere.clear()
