"""A secret in the box: stopped, kept over a reload, sent with a placeholder, and back in the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import (
    LONG_MS,
    answers,
    ask,
    button,
    calm,
    composer,
    open_page,
    questions,
    wait_for_answer,
    wait_until_stored,
)
from tests.browser.servers import Server
from tests.test_outgoing import Echo

KEY = "gsk_" + "aB3dE6gH9jK2" * 4
QUESTION = f"why is {KEY} refused?"


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.received = []  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_secret_is_stopped_kept_masked_and_comes_back(
    page: Page, own_server: Callable[..., Server], echo: ThreadingHTTPServer
) -> None:
    address = f"http://127.0.0.1:{echo.server_address[1]}/v1"
    server = own_server(GROQ_BASE_URL=address, GROQ_API_KEY="groq-0123456789abcdef")
    open_page(page, server.url)
    ask(page, QUESTION)
    notice = page.locator(".st-key-outgoing")
    expect(notice).to_contain_text("Your text contains 1 key (Groq).", timeout=LONG_MS)
    expect(composer(page)).to_have_value(QUESTION, timeout=LONG_MS)
    expect(button(page, "outgoing-send")).to_have_count(0, timeout=LONG_MS)
    wait_until_stored(page, QUESTION)
    page.reload()
    expect(composer(page)).to_have_value(QUESTION, timeout=LONG_MS)
    calm(page)
    expect(questions(page)).to_have_count(0, timeout=LONG_MS)
    composer(page).press("Enter")
    button(page, "outgoing-mask").click(timeout=LONG_MS)
    wait_for_answer(page)
    expect(answers(page)).to_contain_text(QUESTION, timeout=LONG_MS)
    expect(questions(page)).to_contain_text(QUESTION, timeout=LONG_MS)
    expect(notice).to_have_count(0, timeout=LONG_MS)
    expect(composer(page)).to_have_value("", timeout=LONG_MS)
    assert [messages[-1] for messages in echo.received] == ["why is [key-1] refused?"]  # type: ignore[attr-defined]
