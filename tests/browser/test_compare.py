"""The comparison in a real browser: four columns, one failing alone, stops, links."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, ask, button, calm, click, no_fault, open_page
from tests.browser.servers import Server

FOUR = "/compare?m=sim%2Fquick&m=sim%2Fsteady&m=sim%2Fthinker&m=groq%2Fnobody-knows-it"


@pytest.fixture
def quick(app_server: Callable[..., Server]) -> Server:
    return app_server(ROUNDTABLE_SIMULATOR_SPEED="20")


def test_four_columns_answer_and_one_fails_alone(page: Page, quick: Server) -> None:
    open_page(page, quick.url + FOUR)
    ask(page, "Explain recursion in a few words")
    lanes = page.locator(".st-key-lanes")
    expect(lanes.get_by_text("Done")).to_have_count(3, timeout=LONG_MS)
    expect(lanes.get_by_text("No Groq key in this session.")).to_be_visible()
    expect(lanes.get_by_text("Failed")).to_have_count(1)
    calm(page)
    expect(lanes.get_by_text("fastest")).to_have_count(1)
    expect(page.locator(".st-key-prompt")).to_contain_text("Explain recursion")
    no_fault(page)


def test_a_link_opens_the_run_here_and_only_the_line_up_for_others(page: Page, quick: Server) -> None:
    open_page(page, quick.url + FOUR)
    ask(page, "Explain recursion in a few words")
    expect(page.locator(".st-key-lanes").get_by_text("Done")).to_have_count(3, timeout=LONG_MS)
    assert page.context.browser
    tab = page.context.new_page()
    open_page(tab, page.url)
    expect(tab.locator(".st-key-prompt")).to_contain_text("Explain recursion", timeout=LONG_MS)
    expect(tab.locator(".st-key-lanes").get_by_text("Done")).to_have_count(3)
    other = page.context.browser.new_context(locale="en-US").new_page()
    open_page(other, page.url)
    expect(other.get_by_text("That comparison was deleted")).to_be_visible(timeout=LONG_MS)
    expect(other.locator('[class*="st-key-lane-head-"]')).to_have_count(4)
    expect(other.locator(".st-key-prompt")).to_have_count(0)
    other.context.close()


def test_a_deep_link_is_the_first_visit_of_a_fresh_server(page: Page, app_server: Callable[..., Server]) -> None:
    server = app_server(ROUNDTABLE_SIMULATOR_SPEED="20", FRESH="deep-link")
    open_page(page, server.url + "/compare?m=sim%2Fslow&m=sim%2Fquick")
    calm(page)
    expect(page.locator(".st-key-lanes")).to_contain_text("slow")
    expect(page.locator(".st-key-brand")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    no_fault(page)


def test_stopping_one_column_leaves_the_others(page: Page, app_server: Callable[..., Server]) -> None:
    server = app_server(ROUNDTABLE_DEFAULT_MODEL="sim/steady", ROUNDTABLE_SIMULATOR_SPEED="3")
    open_page(page, server.url + "/compare?m=sim%2Fslow&m=sim%2Fsteady")
    ask(page, "Write a long story about a lighthouse")
    stop = button(page, "stop-0")
    expect(stop).to_be_visible(timeout=LONG_MS)
    click(stop)
    expect(page.locator(".st-key-lane-state-0")).to_contain_text("Stopped", timeout=LONG_MS)
    expect(page.locator(".st-key-lane-state-1")).to_contain_text("Done", timeout=LONG_MS)
    no_fault(page)


def test_columns_come_and_go_and_the_address_follows(page: Page, quick: Server) -> None:
    open_page(page, quick.url + "/compare?m=sim%2Fquick&m=sim%2Fsteady")
    calm(page)
    button(page, "add").click()
    expect(page.locator('[class*="st-key-lane-head-"]')).to_have_count(3, timeout=LONG_MS)
    calm(page)
    button(page, "remove-0").click()
    expect(page.locator('[class*="st-key-lane-head-"]')).to_have_count(2, timeout=LONG_MS)
    calm(page)
    assert "m=sim%2Fquick" not in page.url
    assert page.url.count("m=") == 2


def test_a_comparison_goes_on_from_one_answer_and_folds_what_was_before(page: Page, quick: Server) -> None:
    open_page(page, quick.url + "/compare?m=sim%2Fquick&m=sim%2Fsteady")
    ask(page, "Explain recursion in a few words")
    lanes = page.locator(".st-key-lanes")
    expect(lanes.get_by_text("Done")).to_have_count(2, timeout=LONG_MS)
    calm(page)
    button(page, "follow-1").click()
    expect(page.locator(".st-key-context")).to_contain_text(
        "In the next turn all models continue from", timeout=LONG_MS
    )
    ask(page, "And with an example?")
    expect(page.locator(".st-key-prompt")).to_contain_text("In this turn all models continued from", timeout=LONG_MS)
    expect(lanes.get_by_text("Done")).to_have_count(2, timeout=LONG_MS)
    calm(page)
    expect(page.locator(".st-key-context")).to_contain_text("Each model sees only its own answers.")
    page.locator(".st-key-turn-1 summary").click()
    expect(page.locator(".st-key-lanes-1").get_by_text("Done")).to_have_count(2, timeout=LONG_MS)
    page.reload()
    expect(lanes.get_by_text("Done")).to_have_count(2, timeout=LONG_MS)
    expect(page.locator(".st-key-prompt")).to_contain_text("And with an example?")
    no_fault(page)


def test_eight_columns_leave_the_page_its_width(page: Page, quick: Server) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    open_page(page, quick.url + "/compare?" + "&".join(["m=sim%2Fquick"] * 8))
    ask(page, "Explain recursion in a few words")
    lanes = page.locator(".st-key-lanes")
    expect(lanes.get_by_text("Done")).to_have_count(8, timeout=LONG_MS)
    calm(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == 390  # nor sideways in it
    cards = lanes.locator("> *")
    first = cards.first.bounding_box()
    assert first
    assert 330 < first["width"] < 390
    no_fault(page)


def test_a_wide_table_breaks_between_words_and_scrolls(page: Page, quick: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, quick.url + "/compare?m=sim%2Fquick&m=sim%2Fsteady&m=sim%2Fthinker&m=sim%2Fslow")
    ask(page, "Compare solar, wind and nuclear power in a table: cost, land, reliability.")
    cell = page.locator(".st-key-lanes td").first
    expect(cell).to_be_visible(timeout=LONG_MS)
    expect(cell).to_have_css("overflow-wrap", "normal")
    expect(cell).to_have_css("word-break", "normal")
    expect(page.locator(".st-key-lanes table").first).to_have_css("overflow-x", "auto")
