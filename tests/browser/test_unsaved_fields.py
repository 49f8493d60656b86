"""What is pasted for a batch, and a new chat's system prompt, outlive a reload and another page until they are used."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import LONG_MS, ask, button, calm, no_fault, open_page, questions, wait_for_answer
from tests.browser.servers import Server

Start = Callable[..., Server]
CSV = "question,answer\nWhat is two plus two?,four\nWhat is the capital of France?,Paris\n"


@pytest.fixture
def quick(app_server: Start) -> Server:
    return app_server(ROUNDTABLE_SIMULATOR_SPEED="20")


def wait_until_stored(page: Page, text: str) -> None:
    """Until this tab's storage holds the text."""
    page.wait_for_function(
        "text => Object.values(sessionStorage).some(value => value.includes(JSON.stringify(text)))", arg=text
    )


def area(page: Page, box: str) -> Locator:
    return page.locator(f".st-key-{box} textarea")


def system(page: Page, name: str = "draft") -> Locator:
    """The box of the system prompt, its popover opened."""
    if not area(page, f"set-{name}-system").is_visible():
        page.locator(".st-key-settings button").first.click(timeout=LONG_MS)
    expect(area(page, f"set-{name}-system")).to_be_visible(timeout=LONG_MS)
    return area(page, f"set-{name}-system")


def systems(folder: Path) -> list[str]:
    with closing(sqlite3.connect(next(folder.rglob("roundtable.db")))) as database:
        query = "SELECT system FROM conversations ORDER BY created_at"
        return [row[0] or "" for row in database.execute(query)]


def go(page: Page, name: str) -> None:
    page.locator(".st-key-pages a", has_text=name).click()
    page.wait_for_url(f"**/{name.lower()}*", timeout=LONG_MS)
    calm(page)


def test_a_new_chats_system_prompt_outlives_a_reload_until_it_is_sent(
    page: Page, own_server: Start, tmp_path: Path
) -> None:
    open_page(page, own_server(ROUNDTABLE_SIMULATOR_SPEED="20").url)
    calm(page)
    system(page).press_sequentially("Answer in verse.")
    wait_until_stored(page, "Answer in verse.")
    page.reload()
    expect(page.locator(".st-key-settings button").first).to_contain_text("●", timeout=LONG_MS)
    calm(page)
    expect(system(page)).to_have_value("Answer in verse.")
    page.keyboard.press("Escape")
    go(page, "Latency")
    page.go_back()
    expect(page.locator(".st-key-settings button").first).to_contain_text("●", timeout=LONG_MS)
    calm(page)
    ask(page, "Explain tides")
    expect(questions(page)).to_have_count(1, timeout=LONG_MS)
    wait_for_answer(page)
    calm(page)
    assert systems(tmp_path) == ["Answer in verse."]
    page.reload()
    expect(questions(page)).to_have_count(1, timeout=LONG_MS)
    page.locator(".st-key-new-chat a").click()
    expect(page.locator(".st-key-welcome")).to_be_visible(timeout=LONG_MS)
    calm(page)
    expect(system(page)).to_have_value("")
    no_fault(page)


def test_a_comparisons_system_prompt_outlives_a_reload(page: Page, quick: Server) -> None:
    open_page(page, f"{quick.url}/compare")
    calm(page)
    system(page, "compare").press_sequentially("Be brief.")
    wait_until_stored(page, "Be brief.")
    page.reload()
    expect(page.locator(".st-key-settings button").first).to_contain_text("●", timeout=LONG_MS)
    calm(page)
    expect(system(page, "compare")).to_have_value("Be brief.")
    system(page, "compare").fill("")
    system(page, "compare").blur()
    expect(page.locator(".st-key-settings button").first).not_to_contain_text("●", timeout=LONG_MS)
    page.reload()
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible(timeout=LONG_MS)
    calm(page)
    expect(system(page, "compare")).to_have_value("")


def test_what_is_pasted_for_a_batch_outlives_a_reload_and_another_page_until_it_starts(
    page: Page, quick: Server
) -> None:
    page.goto(f"{quick.url}/batch")
    page.get_by_text("Pasted", exact=True).click(timeout=LONG_MS)
    expect(area(page, "batch-pasted")).to_be_visible(timeout=LONG_MS)
    area(page, "batch-pasted").fill(CSV)
    page.get_by_text("CSV", exact=True).click()
    expect(page.locator(".st-key-batch-preview")).to_contain_text("capital of France", timeout=LONG_MS)
    calm(page)
    page.reload()
    for _ in range(2):
        expect(area(page, "batch-pasted")).to_have_value(CSV, timeout=LONG_MS)
        expect(page.locator(".st-key-batch-preview")).to_contain_text("Paris", timeout=LONG_MS)  # as a table, as before
        calm(page)
        go(page, "Latency")
        page.go_back()
    expect(area(page, "batch-pasted")).to_have_value(CSV, timeout=LONG_MS)
    calm(page)
    button(page, "batch-start").click(timeout=LONG_MS)
    expect(button(page, "batch-leave")).to_be_visible(timeout=LONG_MS)
    calm(page)
    page.reload()
    button(page, "batch-leave").click(timeout=LONG_MS)
    expect(button(page, "example")).to_be_visible(timeout=LONG_MS)
    calm(page)
    assert area(page, "batch-pasted").count() == 0
    assert not page.evaluate("Object.values(sessionStorage).some(value => value.includes('capital of France'))")
    no_fault(page)
