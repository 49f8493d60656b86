"""What a newcomer sees without scrolling on a laptop of 1280 × 720, and one column a screen on a phone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import LONG_MS, ask, button, calm, composer, no_fault, open_page
from tests.browser.servers import Server

WIDTH, HEIGHT = 1280, 720
MODELS = ("sim/quick", "sim/steady", "sim/thinker", "sim/slow")
FOUR = "/compare?" + "&".join(f"m={quote(model, safe='')}" for model in MODELS)
ONE_LINE_PX = 60


@pytest.fixture
def laptop(page: Page) -> Page:
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    return page


def in_view(element: Locator, *, height: int = HEIGHT, width: int = WIDTH) -> bool:
    box = element.bounding_box()
    assert box
    return box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height


def test_four_columns_the_vote_and_the_box_fit_a_laptop(laptop: Page, app_server: Callable[..., Server]) -> None:
    server = app_server(ROUNDTABLE_SIMULATOR_SPEED="20")
    open_page(laptop, server.url + FOUR)
    ask(laptop, "Compare solar, wind and nuclear power in a table: cost, land, reliability.")
    expect(laptop.locator(".st-key-lanes").get_by_text("Done")).to_have_count(4, timeout=LONG_MS)
    calm(laptop)
    heads = laptop.locator('.st-key-lanes [class*="st-key-lane-head-"]')
    assert [in_view(head) for head in heads.all()] == [True] * 4
    expect(heads.first).to_contain_text("Demo")
    expect(laptop.locator(".st-key-pager .pager")).to_be_hidden()
    head = laptop.locator(".st-key-head").bounding_box()
    assert head
    assert head["height"] < ONE_LINE_PX
    column = laptop.locator(".st-key-lanes").get_by_test_id("stGridCell").first
    cell, inside = column.bounding_box(), column.locator("table").first.bounding_box()
    assert cell
    assert inside
    assert inside["x"] + inside["width"] <= cell["x"] + cell["width"]
    votes = laptop.locator(".st-key-vote").get_by_test_id("stButton")
    assert [in_view(vote) for vote in votes.all()] == [True] * 6
    assert in_view(composer(laptop))
    button(laptop, "vote-1").click()
    expect(laptop.locator(".st-key-thanks")).to_contain_text("Thank you", timeout=LONG_MS)
    assert in_view(laptop.locator(".st-key-thanks"))
    laptop.set_viewport_size({"width": 390, "height": 844})
    pager = laptop.locator(".st-key-pager .pager")
    expect(pager).to_contain_text("1 of 4 columns")
    pager.get_by_role("button", name="Columns to the right").click()
    expect(pager).to_contain_text("2 of 4 columns")
    assert laptop.locator(".st-key-lanes").evaluate("lanes => getComputedStyle(lanes).scrollSnapType") == "x mandatory"
    no_fault(laptop)


def test_what_is_left_is_one_click_away(
    laptop: Page, app_server: Callable[..., Server], simulate_server: Callable[..., Server]
) -> None:
    groq = simulate_server("--speed", "50")
    server = app_server(GROQ_API_KEY="gsk_0123456789abcdef0123", GROQ_BASE_URL=f"{groq.url}/v1")
    open_page(laptop, server.url)
    laptop.locator(".st-key-pages a", has_text="Quota").click()
    picture = laptop.locator(".st-key-free-today")
    expect(picture).to_contain_text("requests left today", timeout=LONG_MS)
    calm(laptop)
    assert in_view(picture)
    assert laptop.locator("[data-testid=stMain]").evaluate("main => main.scrollTop") == 0
    row = laptop.locator(".st-key-quota-table tr[data-row]", has_text="Groq")
    assert in_view(row)
    row.click()
    expect(laptop.locator(".st-key-quota-groq .gauge").first).to_be_visible(timeout=LONG_MS)
    no_fault(laptop)
