"""Who was tried and when to try again, in a real browser on a phone: the line while it waits, the card that counts
down by itself, the ladder."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, ask, calm, no_fault, open_page
from tests.browser.servers import Server


def test_a_failure_counts_down_and_tells_who_was_tried(page: Page, own_server: Callable[..., Server]) -> None:
    server = own_server(
        ROUNDTABLE_DEFAULT_MODEL="sim/quick:429",
        ROUNDTABLE_ATTEMPTS="2",
        ROUNDTABLE_SIMULATOR_SPEED="20",
        ROUNDTABLE_LOCAL_SERVERS="false",
    )
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, server.url)
    ask(page, "Hello")
    line = page.locator('[class*="st-key-line-"], [data-testid="stCaptionContainer"]')
    expect(line.filter(has_text="attempt 2 of 2").first).to_be_visible(timeout=LONG_MS)
    card = page.locator(".st-key-card-0")
    expect(card).to_contain_text(re.compile(r"Try again at \d\d:\d\d \(in \d+ s\)"), timeout=LONG_MS)
    expect(card).to_contain_text("You can try again now.", timeout=LONG_MS)
    calm(page)
    ladder = page.locator(".st-key-ladder-0 button")
    expect(ladder).to_contain_text("2 attempts")
    ladder.click()
    shown = page.get_by_test_id("stPopoverBody")
    expect(shown.get_by_role("listitem")).to_have_count(2)
    expect(shown).to_contain_text("waiting")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    no_fault(page)
