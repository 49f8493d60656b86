"""What is left, in a real browser: the price before the click, the call that moves it, the page, a phone, Chinese."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, ask, no_fault, open_page
from tests.browser.servers import Server

MODEL = "groq/openai/gpt-oss-20b"


def test_the_price_stands_before_the_click_and_the_page_tells_the_rest(
    page: Page, own_server: Callable[..., Server], simulate_server: Callable[..., Server]
) -> None:
    groq = simulate_server("--speed", "50")
    server = own_server(
        GROQ_API_KEY="gsk_0123456789abcdef0123",
        GROQ_BASE_URL=f"{groq.url}/v1",
        ROUNDTABLE_DEFAULT_MODEL=MODEL,
        ROUNDTABLE_LOCAL_SERVERS="false",
    )
    open_page(page, server.url)
    price = page.locator(".st-key-price")
    expect(price).to_contain_text("of your 1,000 remaining requests today", timeout=LONG_MS)
    expect(price).to_contain_text("free")
    box = price.bounding_box()
    assert box
    assert box["height"] < 30
    ask(page, "Explain recursion in a few words")
    expect(price).to_contain_text("uses 1 of your 999 remaining requests today", timeout=LONG_MS)
    page.goto(f"{server.url}/quota")
    expect(page.locator(".st-key-free-today")).to_contain_text("999 requests left today", timeout=LONG_MS)
    page.locator("tr[data-row]", has_text="1,000 requests per day").get_by_role("button").click()
    card = page.locator(".st-key-quota-groq")
    expect(card).to_contain_text("999 of 1,000 left", timeout=LONG_MS)
    expect(card.locator(".gauge").first).to_be_visible()
    minute = card.locator('[class*="st-key-pool-"]').filter(has_text="Requests per minute")
    counting = [line for line in minute.inner_text().splitlines() if "resets in" in line]
    for line in counting:  # it goes on, or is over and the row whole again, with nobody touching the page
        expect(minute).not_to_contain_text(line, timeout=LONG_MS)
    page.locator(".st-key-calendar summary").click()
    expect(page.locator(".st-key-calendar .js-plotly-plot")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".st-key-calendar")).to_contain_text("Requests: 1 on 1 of ")
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    no_fault(page)


def test_simulated_models_are_said_to_cost_nothing(page: Page, app_server: Callable[..., Server]) -> None:
    server = app_server(ROUNDTABLE_SIMULATOR_SPEED="20")
    open_page(page, server.url)
    expect(page.locator(".st-key-price")).to_have_text("simulated · uses no quota")
    ask(page, "Explain recursion in a few words")
    expect(page.locator(".st-key-price")).to_have_text("simulated · uses no quota")
    page.goto(f"{server.url}/quota?lang=zh")
    expect(page.locator(".st-key-what-if")).to_contain_text("次数不限", timeout=LONG_MS)
    no_fault(page)
