"""Nothing is lost, in a real browser: restarts, kills, versions, search, names, deletion, files in and out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.screen import (
    LONG_MS,
    above_box,
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

SLOWLY = "Write a friendly, detailed day-by-day plan for a week of learning to cook."
Start = Callable[..., Server]


@pytest.fixture
def quick(app_server: Start) -> Server:
    return app_server(ROUNDTABLE_SIMULATOR_SPEED="20")


def ask_and_wait(page: Page, prompt: str, count: int) -> None:
    """Ask, and wait for the answer that ends the turn of this number."""
    ask(page, prompt)
    expect(questions(page)).to_have_count(count, timeout=LONG_MS)
    expect(questions(page).last).to_contain_text(prompt, timeout=LONG_MS)
    wait_for_answer(page)
    calm(page)


def history(page: Page, server: Server) -> None:
    page.goto(server.url + "/history")
    expect(page.locator(".st-key-search")).to_be_visible(timeout=LONG_MS)
    calm(page)


def search(page: Page, words: str) -> Locator:
    page.locator(".st-key-search input").fill(words)
    return page.locator('[class*="st-key-hit-"]')


def test_everything_is_there_after_a_restart(page: Page, own_server: Start) -> None:
    server = own_server(ROUNDTABLE_SIMULATOR_SPEED="20", ROUNDTABLE_INSPECT_KB="0")
    open_page(page, server.url)
    ask_and_wait(page, "What is a tree?", 1)
    ask_and_wait(page, "And a forest?", 2)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=LONG_MS)
    calm(page)
    texts = answers(page).all_inner_texts()
    server.stop()
    own_server(ROUNDTABLE_SIMULATOR_SPEED="20", ROUNDTABLE_INSPECT_KB="0")  # what is in memory alone is gone
    page.reload()
    expect(questions(page)).to_have_text(["What is a tree?", "And a forest?"], timeout=LONG_MS)
    calm(page)
    expect(answers(page)).to_have_text(texts, use_inner_text=True, timeout=LONG_MS)
    expect(page.locator(".st-key-recent")).to_contain_text("What is a tree?")
    no_fault(page)


def test_a_killed_server_leaves_the_part_and_it_can_be_continued(page: Page, own_server: Start) -> None:
    server = own_server(ROUNDTABLE_DEFAULT_MODEL="sim/steady", ROUNDTABLE_SIMULATOR_SPEED="0.5")
    open_page(page, server.url)
    ask(page, SLOWLY)
    page.wait_for_url(re.compile("c="), timeout=LONG_MS)
    expect(answers(page)).to_contain_text("simulated answer", timeout=LONG_MS)
    expect(answers(page)).to_have_text(re.compile(r".{500,}", re.DOTALL), timeout=LONG_MS)  # its part was kept by now
    server.process.kill()
    server.process.wait()
    own_server(ROUNDTABLE_DEFAULT_MODEL="sim/steady", ROUNDTABLE_SIMULATOR_SPEED="20")
    page.reload()
    expect(answers(page)).to_contain_text("interrupted", timeout=LONG_MS)
    expect(questions(page)).to_have_text(SLOWLY)
    expect(answers(page)).to_contain_text("simulated answer")
    calm(page)
    click(button(page, "go-on-0"))
    expect(page.get_by_text("Continued")).to_be_visible(timeout=LONG_MS)
    wait_for_answer(page)
    expect(answers(page)).to_have_count(2)
    no_fault(page)


def test_versions_of_question_and_answer(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    ask_and_wait(page, "What is a tree?", 1)
    click(button(page, "again"))
    expect(answers(page)).to_contain_text("2/2", timeout=LONG_MS)
    calm(page)
    click(button(page, "version-1-a0"))
    expect(answers(page)).to_contain_text("1/2", timeout=LONG_MS)
    calm(page)
    click(button(page, "edit"))
    expect(composer(page)).to_have_value("What is a tree?", timeout=LONG_MS)
    ask_and_wait(page, "What is a forest?", 1)
    expect(page.locator(".st-key-versions-q0")).to_contain_text("2/2")
    click(button(page, "version-1-q0"))
    expect(questions(page)).to_have_text("What is a tree?", timeout=LONG_MS)
    no_fault(page)


def test_two_tabs_overwrite_nothing(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    ask_and_wait(page, "first", 1)
    page.wait_for_url(re.compile("c="))
    other = page.context.new_page()
    open_page(other, page.url)
    calm(other)
    ask_and_wait(page, "from one", 2)
    ask_and_wait(other, "from two", 2)
    page.bring_to_front()
    ask_and_wait(page, "one again", 3)
    expect(questions(page)).to_have_text(["first", "from one", "one again"])
    page.reload()
    expect(questions(page)).to_have_text(["first", "from one", "one again"], timeout=LONG_MS)
    expect(page.locator(".st-key-versions-q1")).to_contain_text("1/2")


def test_chinese_is_found_and_the_link_lands_on_the_message(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    ask_and_wait(page, "机器学习是什么？", 1)
    for number in range(2, 5):
        ask_and_wait(page, f"Write a long table, number {number}", number)
    history(page, quick)
    hits = search(page, "学习")
    expect(hits.first).to_contain_text("机器学习是什么", timeout=LONG_MS)
    expect(hits.first).to_contain_text("You")
    hits.first.locator("a").click()
    expect(page.locator(".st-key-marked")).to_contain_text("机器学习是什么", timeout=LONG_MS)
    calm(page)
    expect(page.locator(".st-key-marked")).to_be_in_viewport()
    assert "at=" in page.url
    no_fault(page)


def test_rename_pin_delete_and_undo(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    ask_and_wait(page, "What is a tree?", 1)
    page.locator(".st-key-new-chat a").click()
    expect(page.locator(".st-key-welcome")).to_be_visible(timeout=LONG_MS)
    calm(page)
    ask_and_wait(page, "What is a forest?", 1)
    history(page, quick)
    rows = page.locator('[class*="st-key-entry-"]')
    expect(rows).to_have_count(2)
    open_menu(page, rows.nth(1))
    title = page.locator('[class*="st-key-rename-"] input')
    title.fill("All about **trees**")
    title.press("Enter")
    expect(rows.nth(1)).to_contain_text("All about **trees**", timeout=LONG_MS)
    calm(page)
    open_menu(page, rows.nth(1))
    click(page.locator('[class*="st-key-pin-"] button').filter(visible=True))
    expect(rows.nth(0)).to_contain_text("All about **trees**", timeout=LONG_MS)
    calm(page)
    open_menu(page, rows.nth(0))
    click(page.locator('[class*="st-key-delete-"] button').filter(visible=True))
    expect(rows).to_have_count(1, timeout=LONG_MS)
    expect(page.locator(".st-key-undo-bar")).to_contain_text("Deleted")
    calm(page)
    click(button(page, "undo"))
    expect(rows).to_have_count(2, timeout=LONG_MS)
    no_fault(page)


def open_menu(page: Page, row: Locator) -> None:
    row.get_by_test_id("stPopoverButton").filter(visible=True).click()
    expect(page.locator('[class*="st-key-rename-"]')).to_be_visible(timeout=LONG_MS)
    calm(page)


def test_export_and_import(page: Page, quick: Server, tmp_path: Path) -> None:
    open_page(page, quick.url)
    ask_and_wait(page, "What is a tree?", 1)
    history(page, quick)
    button(page, "menu-export").click()
    with page.expect_download(timeout=LONG_MS) as waiting:
        page.locator(".st-key-json-all a").click()
    saved = tmp_path / "saved.json"
    waiting.value.save_as(saved)
    assert "What is a tree?" in saved.read_text(encoding="utf-8")
    assert json.loads(saved.read_text(encoding="utf-8"))["format"]
    assert page.context.browser
    other = page.context.browser.new_context(locale="en-US").new_page()
    history(other, quick)
    expect(other.get_by_text("No conversations yet")).to_be_visible()
    button(other, "menu-import").click()
    choose = other.locator(".st-key-menu-import, [data-testid=stPopoverBody]").locator("input[type=file]")
    choose.set_input_files({"name": "bad.json", "mimeType": "application/json", "buffer": b'{"a": [1,'})
    expect(other.get_by_text("Nothing was imported. The file is not JSON")).to_be_visible(timeout=LONG_MS)
    choose.set_input_files(saved)
    expect(other.get_by_text("Roundtable: 1 conversation, 2 messages.")).to_be_visible(timeout=LONG_MS)
    button(other, "import").click()
    expect(other.get_by_text("Imported: 1 conversation; already here: 0.")).to_be_visible(timeout=LONG_MS)
    expect(other.locator('[class*="st-key-entry-"]')).to_contain_text("What is a tree?", timeout=LONG_MS)
    no_fault(other)
    other.context.close()


def test_a_double_click_on_an_example_is_one_question(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    calm(page)
    button(page, "example-1").evaluate("e => { e.click(); setTimeout(() => e.click(), 60); e.click() }")
    wait_for_answer(page)
    calm(page)
    expect(questions(page)).to_have_count(1)
    history(page, quick)
    expect(page.locator('[class*="st-key-entry-"]')).to_have_count(1)


def test_a_file_is_attached(page: Page, quick: Server) -> None:
    open_page(page, quick.url)
    calm(page)
    files = page.get_by_test_id("stChatInput").locator("input[type=file]").first
    files.set_input_files({"name": "notes.md", "mimeType": "text/markdown", "buffer": b"blue whale"})
    above_box(page, "notes.md")
    ask_and_wait(page, "What is in it?", 1)
    expect(questions(page)).to_contain_text("notes.md · 10 B")
    no_fault(page)


@pytest.mark.parametrize("arrives", [True, False])
def test_enter_during_an_upload_sends_when_the_file_is_there(page: Page, quick: Server, arrives: bool) -> None:
    open_page(page, quick.url)
    calm(page)
    routes: list[Route] = []

    def hold(route: Route) -> None:
        routes.append(route)

    page.route("**/_stcore/upload_file/**", hold)
    files = page.get_by_test_id("stChatInput").locator("input[type=file]").first
    files.set_input_files({"name": "notes.md", "mimeType": "text/markdown", "buffer": b"blue whale"})
    expect(page.get_by_test_id("stFileChipIconSpinner")).to_be_visible(timeout=LONG_MS)
    ask(page, "What is in it?")
    expect(composer(page)).to_have_value("What is in it?")
    for route in routes:
        route.continue_() if arrives else route.abort()
    if arrives:
        expect(questions(page)).to_contain_text("notes.md · 10 B", timeout=LONG_MS)
    else:
        expect(page.get_by_role("alert").filter(has_text="Error")).to_be_visible(timeout=LONG_MS)
        expect(questions(page)).to_have_count(0)
        expect(composer(page)).to_have_value("What is in it?")
    no_fault(page)


def test_back_and_a_reload_lead_to_the_same_place_of_a_search(page: Page, quick: Server) -> None:
    talks = [
        {"id": f"t{n}", "title": f"Tree {n}", "messages": [{"id": f"m{n}", "role": "user", "text": f"A tree, {n}"}]}
        for n in range(40)
    ]
    history(page, quick)
    button(page, "menu-import").click()
    choose = page.locator(".st-key-menu-import, [data-testid=stPopoverBody]").locator("input[type=file]")
    choose.set_input_files({"name": "t.json", "mimeType": "application/json", "buffer": json.dumps(talks).encode()})
    button(page, "import").click()
    expect(page.get_by_text("Imported: 40 conversations")).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("Escape")
    hits = search(page, "tree")
    expect(hits).to_have_count(40, timeout=LONG_MS)
    page.wait_for_url(re.compile(r"search=tree$"))
    calm(page)
    hits.nth(35).scroll_into_view_if_needed()
    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    page.wait_for_function(f"Object.keys(sessionStorage).some(key => key.endsWith('search=tree')) && {top} > 500")
    place = page.evaluate(top)
    hits.nth(35).locator("a").click()
    expect(composer(page)).to_be_visible(timeout=LONG_MS)
    calm(page)
    for act in (page.go_back, page.reload):
        act()
        expect(page.locator(".st-key-search input")).to_have_value("tree", timeout=LONG_MS)
        expect(hits).to_have_count(40, timeout=LONG_MS)
        page.wait_for_function(f"Math.abs({top} - {place}) < 3", timeout=LONG_MS)
    no_fault(page)
