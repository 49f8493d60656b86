"""What is typed and not sent stays with its chat, over a reload, another page and Back, until it is asked."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import (
    LONG_MS,
    answers,
    ask,
    button,
    calm,
    composer,
    no_fault,
    open_page,
    questions,
    wait_for_answer,
    wait_until_stored,
)
from tests.browser.servers import Server

Start = Callable[..., Server]


@pytest.fixture
def quick(app_server: Start) -> Server:
    return app_server(ROUNDTABLE_SIMULATOR_SPEED="20")


def typed(page: Page, text: str) -> None:
    composer(page).press_sequentially(text)
    wait_until_stored(page, text)


def holds(page: Page, text: str) -> None:
    expect(composer(page)).to_have_value(text, timeout=LONG_MS)


def ask_and_wait(page: Page, prompt: str, count: int) -> None:
    ask(page, prompt)
    expect(questions(page)).to_have_count(count, timeout=LONG_MS)
    wait_for_answer(page)
    calm(page)


def go(page: Page, name: str) -> None:
    page.locator(".st-key-pages a", has_text=name).click()
    page.wait_for_url(re.compile(name.lower()), timeout=LONG_MS)
    expect(page.get_by_test_id("stChatInputTextArea")).to_have_count(0, timeout=LONG_MS)
    calm(page)


def test_what_is_typed_before_the_page_is_whole_is_kept(page: Page, quick: Server) -> None:
    page.add_init_script("""(() => {
        const look = () => {
            const box = document.querySelector('.st-key-ask textarea');
            if (!box) return requestAnimationFrame(look);
            Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box, 'In a hurry');
            box.dispatchEvent(new Event('input', { bubbles: true }));
        };
        requestAnimationFrame(look);
    })()""")
    page.goto(quick.url)
    wait_until_stored(page, "In a hurry")
    holds(page, "In a hurry")


def test_a_draft_survives_a_reload_and_another_page(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    typed(page, "Half a question")
    page.reload()
    holds(page, "Half a question")
    go(page, "Latency")
    page.go_back()
    holds(page, "Half a question")
    composer(page).press("End")
    typed_more = " and the rest"
    composer(page).press_sequentially(typed_more)
    wait_until_stored(page, "Half a question and the rest")
    composer(page).press("Enter")
    expect(questions(page)).to_have_text("Half a question and the rest", timeout=LONG_MS)
    wait_for_answer(page)
    calm(page)
    holds(page, "")
    page.reload()
    expect(questions(page)).to_have_count(1, timeout=LONG_MS)
    calm(page)
    holds(page, "")
    page.locator(".st-key-new-chat a").click()
    expect(page.locator(".st-key-welcome")).to_be_visible(timeout=LONG_MS)
    calm(page)
    holds(page, "")
    typed(page, "Before the prompt.")
    button(page, "prompts-chat").click()
    page.get_by_role("button", name=re.compile("^Correct and explain")).click()
    page.get_by_label("text", exact=True).fill("Its raining.")
    page.get_by_role("button", name="Insert").click()
    expect(composer(page)).to_have_value(
        re.compile(r"^Before the prompt\.\n\nCorrect .*\n\nIts raining\.$"), timeout=LONG_MS
    )
    no_fault(page)


def test_a_draft_belongs_to_its_chat(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    ask_and_wait(page, "Chat A", 1)
    page.locator(".st-key-new-chat a").click()
    expect(page.locator(".st-key-welcome")).to_be_visible(timeout=LONG_MS)
    calm(page)
    ask_and_wait(page, "Chat B", 1)
    typed(page, "for B")
    page.locator(".st-key-recent a", has_text="Chat A").click()
    expect(questions(page)).to_have_text("Chat A", timeout=LONG_MS)
    holds(page, "")
    typed(page, "for A")
    page.locator(".st-key-recent a", has_text="Chat B").click()
    holds(page, "for B")
    page.go_back()
    holds(page, "for A")
    other = page.context.new_page()
    open_page(other, page.url)  # the same chat in another tab: its draft is there, and then they are apart
    holds(other, "for A")
    composer(other).press("End")
    composer(other).press_sequentially(", two")
    wait_until_stored(other, "for A, two")
    page.reload()
    holds(page, "for A")
    page.locator(".st-key-new-chat a").click()
    holds(page, "")
    no_fault(page)


def test_what_is_typed_while_a_question_is_sent_is_the_next_draft(page: Page, app_server: Start) -> None:
    server = app_server(ROUNDTABLE_DEFAULT_MODEL="sim/steady", ROUNDTABLE_SIMULATOR_SPEED="1")
    open_page(page, server.url)
    ask(page, "Write a friendly, detailed day-by-day plan for a week of learning to cook.")
    composer(page).press_sequentially("And the next")
    page.wait_for_url(re.compile("c="), timeout=LONG_MS)
    expect(answers(page)).to_contain_text("simulated answer", timeout=LONG_MS)
    holds(page, "And the next")
    page.reload()
    expect(questions(page)).to_have_count(1, timeout=LONG_MS)
    holds(page, "And the next")
    no_fault(page)


def test_a_refused_question_stays_in_the_box(page: Page, own_server: Start) -> None:
    server = own_server(ROUNDTABLE_MAX_PROMPT_CHARS="1000")
    open_page(page, server.url)
    ask(page, "x" * 1200)
    expect(page.get_by_test_id("stAlert")).to_be_visible(timeout=LONG_MS)
    calm(page)
    holds(page, "x" * 1200)
    page.reload()
    holds(page, "x" * 1200)


def test_a_draft_of_a_comparison(page: Page, quick: Server) -> None:
    open_page(page, quick.url + "/compare")
    typed(page, "To all of them")
    page.reload()
    holds(page, "To all of them")
    calm(page)
    composer(page).press("Enter")
    page.wait_for_url(re.compile("run="), timeout=LONG_MS)
    calm(page)
    holds(page, "")
    typed(page, "And next")
    go(page, "Quota")
    page.go_back()
    page.wait_for_url(re.compile("run="), timeout=LONG_MS)
    holds(page, "And next")
    no_fault(page)


def test_composing_is_not_disturbed(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    calm(page)
    client = page.context.new_cdp_session(page)
    composer(page).focus()
    client.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    holds(page, "にほ")
    client.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process"})
    client.send("Input.imeSetComposition", {"text": "日本", "selectionStart": 2, "selectionEnd": 2})
    client.send("Input.insertText", {"text": "日本"})
    holds(page, "日本")
    wait_until_stored(page, "日本")
    expect(questions(page)).to_have_count(0)
    page.reload()
    holds(page, "日本")


def test_a_deleted_chat_leaves_no_draft(page: Page, own_server: Start, tmp_path: Path) -> None:
    open_page(page, own_server(ROUNDTABLE_SIMULATOR_SPEED="20").url)
    ask_and_wait(page, "Chat A", 1)
    typed(page, "never sent")
    page.locator(".st-key-menu-chat button").first.click()
    page.locator(".st-key-delete-chat button").filter(visible=True).click()
    expect(page.locator(".st-key-undo-bar")).to_be_visible(timeout=LONG_MS)
    page.wait_for_function("![sessionStorage, localStorage].some(s => Object.values(s).some(v => v.includes('never')))")
    with closing(sqlite3.connect(tmp_path / "roundtable.db")) as database:
        assert "never sent" not in "\n".join(database.iterdump())
