"""A blind comparison of all simulated models: until the vote nothing in the browser names one of them, then all do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, WebSocket, expect

from core.simulator.models import PROFILES
from tests.browser.screen import LONG_MS, ask, button, calm, no_fault, open_page
from tests.browser.servers import Server

NAMES = re.compile(rf"(?<![\w-])(?:sim/\w*|{'|'.join(PROFILES)}|Demo)(?![\w-])")
# Words and attribute values of the whole document, hidden ones too; Streamlit's own styles and scripts name no model.
SEEN = """() => [document.title, location.href, ...[...document.querySelectorAll('*')].flatMap(element => {
    const words = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data);
    const values = [...element.attributes].map(attribute => attribute.value);
    return [...values, element.value ?? '', ...(/STYLE|SCRIPT/.test(element.tagName) ? [] : words)];
})].join('\\n')"""
FORMS = ("markdown", "csv", "json", "html")


def test_a_blind_comparison_names_nobody_before_the_vote(page: Page, app_server: Callable[..., Server]) -> None:
    frames: list[bytes] = []
    page.on("websocket", lambda socket: listen(socket, frames))
    open_page(page, app_server(ROUNDTABLE_SIMULATOR_SPEED="20").url + "/compare")
    draw_lots(page)
    frames.clear()
    ask(page, "Explain recursion in a few words")
    expect(page.locator(".st-key-vote")).to_be_visible(timeout=LONG_MS)
    assert named(page) == set()  # while they answer
    expect(button(page, "vote-tie")).to_be_enabled(timeout=LONG_MS)
    assert named(page) == set()
    of_models = rb"sim/\w+|Demo(?! \xc2\xb7 listener)"  # that one writes down speech, and is no column
    assert {name.decode() for frame in frames for name in re.findall(of_models, frame)} == set()
    assert {form: NAMES.findall(text) for form, text in exports(page)} == {form: [] for form in FORMS}
    tab = page.context.new_page()
    open_page(tab, page.url)
    expect(button(tab, "vote-tie")).to_be_enabled(timeout=LONG_MS)
    assert named(tab) == set()
    button(page, "vote-bad").click()
    expect(page.locator(".st-key-lanes")).to_contain_text("Demo", timeout=LONG_MS)
    calm(page)
    assert named(page) >= {*PROFILES, "Demo"}
    files = dict(exports(page))
    assert '"text": "all bad"' in files["json"]
    assert "Vote: All bad" in files["html"]
    no_fault(page)


def draw_lots(page: Page) -> None:
    """Five columns, whose models are drawn: all that the simulator has."""
    for switch in ("blind-on-switch", "blind-lot-switch"):
        page.locator(f".st-key-{switch} label").click()
        calm(page)
    button(page, "add").click()
    expect(page.get_by_text("Random order", exact=True)).to_have_count(len(PROFILES), timeout=LONG_MS)
    calm(page)
    assert named(page) == set()


def named(page: Page) -> set[str]:
    return set(NAMES.findall(page.evaluate(SEEN)))


def listen(socket: WebSocket, frames: list[bytes]) -> None:
    socket.on("framereceived", lambda frame: frames.append(frame if isinstance(frame, bytes) else frame.encode()))


def exports(page: Page) -> Iterator[tuple[str, str]]:
    page.locator(".st-key-export button").first.click()
    for form in FORMS:
        with page.expect_download() as download:
            button(page, f"file-{form}").click()
        yield form, download.value.suggested_filename + Path(download.value.path()).read_text(encoding="utf-8")
    page.keyboard.press("Escape")
