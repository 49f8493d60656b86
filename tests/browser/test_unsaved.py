"""While the database cannot be written: what is asked is on the page, in its place, in every tab, and saved later."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, answers, ask, calm, no_fault, open_page, questions, wait_for_answer
from tests.browser.servers import Server

Start = Callable[..., Server]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another program writes into the database, and does not end."""
    with closing(sqlite3.connect(folder / "roundtable.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def ask_and_wait(page: Page, prompt: str, count: int) -> None:
    ask(page, prompt)
    expect(questions(page)).to_have_count(count, timeout=LONG_MS)
    expect(questions(page).last).to_contain_text(prompt)
    wait_for_answer(page)
    calm(page)


def test_what_cannot_be_saved_is_in_its_place_everywhere_and_saved_once(
    page: Page, own_server: Start, tmp_path: Path
) -> None:
    server = own_server(ROUNDTABLE_SIMULATOR_SPEED="20", ROUNDTABLE_INSPECT_KB="0")
    open_page(page, server.url)
    ask_and_wait(page, "One?", 1)
    page.wait_for_url(re.compile("c="))
    chat = page.url
    with locked(tmp_path):
        ask_and_wait(page, "Two?", 2)
        ask_and_wait(page, "Three?", 3)
        expect(page.locator(".st-key-banner")).to_contain_text("Another program is using the database")
        expect(page.locator(".st-key-banner")).to_contain_text("Not saved yet")
        texts = answers(page).all_inner_texts()
        page.reload()
        expect(questions(page)).to_have_text(["One?", "Two?", "Three?"], timeout=LONG_MS)
        other = page.context.new_page()
        open_page(other, chat)
        expect(questions(other)).to_have_text(["One?", "Two?", "Three?"], timeout=LONG_MS)
        other.locator(".st-key-new-chat a").click()
        expect(other.locator(".st-key-welcome")).to_be_visible(timeout=LONG_MS)
        calm(other)
        ask_and_wait(other, "Fresh?", 1)
        expect(other.locator(".st-key-recent a").first).to_contain_text("Fresh?")
        server.process.kill()
        server.process.wait()
        own_server(ROUNDTABLE_SIMULATOR_SPEED="20", ROUNDTABLE_INSPECT_KB="0")
        page.goto(chat)
        expect(questions(page)).to_have_text(["One?", "Two?", "Three?"], timeout=LONG_MS)
        calm(page)
        assert answers(page).all_inner_texts() == texts
        expect(page.locator(".st-key-recent a").first).to_contain_text("Fresh?")
    ask_and_wait(page, "Four?", 4)
    expect(page.locator(".st-key-banner")).to_have_count(0)
    page.reload()
    expect(questions(page)).to_have_text(["One?", "Two?", "Three?", "Four?"], timeout=LONG_MS)
    no_fault(page)


def test_a_data_folder_that_is_gone_is_told_and_its_return_is_noticed(
    page: Page, own_server: Start, tmp_path: Path
) -> None:
    data, away = tmp_path / "data", tmp_path / "elsewhere"
    server = own_server(ROUNDTABLE_SIMULATOR_SPEED="20", ROUNDTABLE_DATA_FOLDER=str(data))
    open_page(page, server.url)
    ask_and_wait(page, "One?", 1)
    data.rename(away)
    ask_and_wait(page, "Two?", 2)
    expect(page.locator(".st-key-banner")).to_contain_text("The data folder was moved or deleted")
    expect(page.locator(".st-key-banner")).to_contain_text("in memory only")
    assert not data.exists()
    away.rename(data)
    ask_and_wait(page, "Three?", 3)
    expect(page.locator(".st-key-banner")).to_have_count(0)
    page.reload()
    expect(questions(page)).to_have_text(["One?", "Two?", "Three?"], timeout=LONG_MS)
    no_fault(page)
