"""The chat in a real browser: ask, stop, reload, go away and come back, ask too early, change the language."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import (
    LONG_MS,
    answers,
    ask,
    button,
    calm,
    click,
    composer,
    no_fault,
    open_page,
    questions,
    wait_for_answer,
)
from tests.browser.servers import Server

MAIN = "document.querySelector('[data-testid=stAppScrollToBottomContainer]')"
FRAMES = """() => new Promise(resolve => {
  const next = left => requestAnimationFrame(() => (left ? next(left - 1) : resolve()));
  next(3);
})"""
SLOWLY = "Write a friendly, detailed day-by-day plan for a week of learning to cook."


@pytest.fixture
def quick(app_server: Callable[..., Server]) -> Server:
    return app_server(ROUNDTABLE_SIMULATOR_SPEED="20")


@pytest.fixture
def slow(app_server: Callable[..., Server]) -> Server:
    """An answer takes a few seconds: long enough to do something meanwhile."""
    return app_server(ROUNDTABLE_DEFAULT_MODEL="sim/steady", ROUNDTABLE_SIMULATOR_SPEED="3")


def test_a_question_gets_an_answer_with_its_line(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    ask(page, "Show me a table, please")
    wait_for_answer(page)
    calm(page)
    expect(questions(page)).to_have_text("Show me a table, please")
    expect(answers(page)).to_contain_text("Demo")
    expect(answers(page).get_by_test_id("stCaptionContainer").last).to_contain_text("tok")
    assert "c=" in page.url
    no_fault(page)


def test_an_example_starts_a_chat_once(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    calm(page)
    example = button(page, "example-1")
    example.evaluate("element => { element.click(); element.click() }")
    wait_for_answer(page)
    calm(page)
    expect(questions(page)).to_have_count(1)
    expect(answers(page)).to_have_count(1)


def test_stop_keeps_the_part(page: Page, slow: Server) -> None:
    open_page(page, slow.url)
    ask(page, SLOWLY)
    expect(answers(page)).to_contain_text("simulated answer", timeout=LONG_MS)
    click(button(page, "stop-ask"))
    expect(answers(page)).to_contain_text("stopped", timeout=LONG_MS)
    expect(answers(page)).to_contain_text("simulated answer")
    expect(page.locator(".st-key-stop-ask")).to_have_count(0)
    no_fault(page)


def test_escape_stops_before_the_first_word(page: Page, app_server: Callable[..., Server]) -> None:
    open_page(page, app_server(ROUNDTABLE_DEFAULT_MODEL="sim/slow").url)
    ask(page, SLOWLY)
    expect(button(page, "stop-ask")).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("Escape")
    wait_for_answer(page)
    expect(answers(page)).to_contain_text(re.compile("stopped|Stopped"))


def test_a_reload_mid_answer_finds_it_whole(page: Page, slow: Server) -> None:
    open_page(page, slow.url)
    ask(page, SLOWLY)
    expect(answers(page)).to_contain_text("simulated answer", timeout=LONG_MS)
    page.wait_for_url(re.compile("c="))
    page.reload()
    expect(questions(page)).to_have_text(SLOWLY, timeout=LONG_MS)
    expect(answers(page)).to_contain_text("simulated answer")
    wait_for_answer(page)
    expect(answers(page)).to_contain_text("tok/s")
    expect(answers(page)).not_to_contain_text("stopped")


def test_another_page_and_back_shows_the_running_answer(page: Page, slow: Server) -> None:
    open_page(page, slow.url)
    ask(page, SLOWLY)
    expect(answers(page)).to_contain_text("simulated answer", timeout=LONG_MS)
    page.locator(".st-key-pages a").filter(has_text="Providers").click()
    expect(page.locator('tr[data-row="groq"]')).to_be_visible(timeout=LONG_MS)
    page.locator(".st-key-pages a").filter(has_text="Chat").click()
    expect(questions(page)).to_have_text(SLOWLY, timeout=LONG_MS)
    wait_for_answer(page)
    expect(answers(page)).to_contain_text("tok/s")
    assert "c=" in page.url


def test_back_leads_to_the_chat_before(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    ask(page, "the first chat")
    wait_for_answer(page)
    calm(page)
    page.locator(".st-key-new-chat a").click()
    expect(page.locator(".st-key-welcome")).to_be_visible(timeout=LONG_MS)
    page.go_back()
    expect(questions(page)).to_have_text("the first chat", timeout=LONG_MS)
    page.go_forward()
    expect(page.locator(".st-key-welcome")).to_be_visible(timeout=LONG_MS)
    page.locator(".st-key-recent a").click()
    expect(questions(page)).to_have_text("the first chat", timeout=LONG_MS)
    page.wait_for_url(re.compile("c="))


def test_back_from_another_page_leads_to_the_same_chat(page: Page, quick: Server) -> None:
    open_page(page, quick.url + "/?lang=zh")
    ask(page, "the only chat")
    wait_for_answer(page)
    calm(page)
    page.locator(".st-key-pages a").filter(has_text="历史").click()
    expect(page.locator(".st-key-listing")).to_be_visible(timeout=LONG_MS)
    page.go_back()
    expect(questions(page)).to_have_text("the only chat", timeout=LONG_MS)


def test_turns_that_are_gone_for_a_moment_take_no_reader_to_the_top(page: Page, quick: Server) -> None:
    """Streamlit drops what a slow run has not drawn again for a second, and the page is as long as the window."""
    page.set_viewport_size({"width": 1280, "height": 420})
    open_page(page, quick.url)
    ask(page, "Show me a table, please")
    wait_for_answer(page)
    calm(page)
    main = page.get_by_test_id("stAppScrollToBottomContainer")
    main.evaluate("main => main.scrollTo(0, 60)")  # a reader who scrolled up
    page.evaluate(FRAMES)
    page.add_style_tag(content=".gone [data-testid=stMainBlockContainer] > * { display: none }")
    page.evaluate("document.documentElement.classList.add('gone')")
    page.evaluate(FRAMES)
    assert main.evaluate("main => main.scrollTop") == 0
    page.evaluate("document.documentElement.classList.remove('gone')")
    page.wait_for_function(f"{MAIN}.scrollTop === 60")


def test_a_question_sent_too_early_waits_its_turn(page: Page, app_server: Callable[..., Server]) -> None:
    server = app_server(ROUNDTABLE_DEFAULT_MODEL="sim/steady", ROUNDTABLE_SIMULATOR_SPEED="1")
    open_page(page, server.url)
    ask(page, SLOWLY)  # the answer takes about ten seconds, also where the page needs several for the next question
    expect(answers(page)).to_contain_text("simulated answer", timeout=LONG_MS)
    ask(page, "And the second question?")
    expect(page.locator(".st-key-asked-next")).to_contain_text("second question", timeout=LONG_MS)
    expect(questions(page)).to_have_count(2)
    expect(page.locator(".st-key-asked-1")).to_contain_text("second question", timeout=LONG_MS)
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last).to_contain_text("simulated answer")
    click(button(page, "stop-ask"))
    wait_for_answer(page)
    expect(answers(page).last).to_contain_text("stopped")
    expect(answers(page).first).not_to_contain_text("stopped")


def test_a_half_typed_question_survives_the_running_answer(page: Page, slow: Server) -> None:
    open_page(page, slow.url)
    ask(page, SLOWLY)
    expect(answers(page)).to_contain_text("simulated answer", timeout=LONG_MS)
    composer(page).fill("half a thou")
    wait_for_answer(page)
    calm(page)
    expect(composer(page)).to_have_value("half a thou")


def test_editing_replaces_the_last_question(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    ask(page, "What is a tree?")
    expect(button(page, "edit")).to_be_visible(timeout=LONG_MS)
    calm(page)
    click(button(page, "edit"))
    expect(composer(page)).to_have_value("What is a tree?", timeout=LONG_MS)
    ask(page, "What is a forest?")
    expect(questions(page)).to_have_text("What is a forest?", timeout=LONG_MS)
    wait_for_answer(page)


def test_the_model_is_found_by_search_and_by_its_full_name(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    calm(page)
    button(page, "pick-chat").click()
    search = page.locator(".st-key-find-chat input")
    search.fill("think")
    page.locator('[class*="st-key-row-chat-sim"] button').filter(has_text="thinker").click()
    expect(page.locator(".st-key-pick-chat")).to_contain_text("thinker", timeout=LONG_MS)
    calm(page)
    button(page, "pick-chat").click()
    page.locator(".st-key-find-chat input").fill("groq/not-in-any-list")
    button(page, "typed-chat").click()
    expect(page.locator(".st-key-pick-chat")).to_contain_text("not-in-any-list", timeout=LONG_MS)
    ask(page, "hello")
    expect(answers(page)).to_contain_text("No Groq key in this session.", timeout=LONG_MS)
    no_fault(page)


def test_the_language_changes_and_stays(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    calm(page)
    page.get_by_test_id("stSidebar").get_by_text("简体中文").click()
    expect(page.get_by_text("想了解些什么？")).to_be_visible(timeout=LONG_MS)
    page.reload()
    expect(page.get_by_text("想了解些什么？")).to_be_visible(timeout=LONG_MS)
    page.locator(".st-key-pages a").filter(has_text="服务商").click()
    expect(page.locator("tr[data-row]").filter(has_text="免费额度").first).to_be_visible(timeout=LONG_MS)
