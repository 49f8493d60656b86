"""A question that waits for a limit, in a real browser: queued with two clicks, kept over a reload, sent while its page
is closed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, answers, ask, calm, no_fault, open_page, questions
from tests.browser.servers import Server

A_MINUTE_MS = 60_000 + LONG_MS
# Whatever second of the minute it is, there is time to see what waits, and to reload the page.
NOT_AT_ONCE = """
    CREATE TRIGGER not_at_once AFTER INSERT ON scheduled BEGIN
        UPDATE scheduled SET not_before_us = max(not_before_us, (unixepoch() + 25) * 1000000) WHERE seq = NEW.seq;
    END
"""


def refused(page: Page) -> int:
    """Ask until the limit of the minute refuses; returns how many questions that took."""
    for number in range(1, 8):
        ask(page, f"Question {number}")
        expect(questions(page)).to_have_count(number, timeout=LONG_MS)
        ended = page.locator(f".st-key-line-{number - 1}")
        expect(ended).to_be_visible(timeout=LONG_MS)
        calm(page)
        if page.locator(f".st-key-card-{number - 1}").count():
            return number
    raise AssertionError("two questions a minute were never too many")


@pytest.mark.timeout(240)  # a minute of them passes by itself
def test_it_is_queued_once_survives_a_reload_and_is_sent_by_itself(
    page: Page, own_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = own_server(
        ROUNDTABLE_DEFAULT_MODEL="sim/two-a-minute",
        ROUNDTABLE_LONGEST_WAIT_S="0",
        ROUNDTABLE_SIMULATOR_SPEED="20",
        ROUNDTABLE_LOCAL_SERVERS="false",
    )
    open_page(page, server.url)
    number = refused(page)
    with closing(sqlite3.connect(tmp_path / "roundtable.db", timeout=20)) as database:
        database.execute(NOT_AT_ONCE)
    later = page.get_by_role("button", name=re.compile(r"^Send at \d\d:\d\d")).filter(visible=True)
    later.dblclick()
    card = page.locator('[class*="st-key-scheduled-"]')
    expect(card).to_have_count(1, timeout=LONG_MS)
    sidebar = page.locator(".st-key-waiting")
    expect(sidebar).to_contain_text("Waiting (1)", timeout=LONG_MS)
    ask(page, "And after that?")
    expect(card).to_have_count(2, timeout=LONG_MS)
    expect(sidebar).to_contain_text("Waiting (2)", timeout=LONG_MS)
    page.reload()
    expect(card).to_have_count(2, timeout=LONG_MS)
    address = page.url
    page.goto(f"{server.url}/providers")
    expect(page.locator(".st-key-waiting")).to_have_count(1, timeout=LONG_MS)  # then the sidebar is drawn
    expect(page.locator(".st-key-waiting")).to_have_count(0, timeout=2 * A_MINUTE_MS)
    page.goto(address)
    expect(questions(page)).to_have_count(number + 1, timeout=LONG_MS)
    expect(answers(page)).to_have_count(number + 1, timeout=LONG_MS)
    expect(answers(page).last).to_contain_text("A simulated answer", timeout=2 * A_MINUTE_MS)
    expect(card).to_have_count(0)
    no_fault(page)
