"""The providers' page in a real browser: search, open, paste a key, test."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import LONG_MS, button, calm, no_fault
from tests.browser.servers import Server

KEY = "gsk_not-a-real-key-0123456789"


@pytest.fixture
def quick(app_server: Callable[..., Server]) -> Server:
    return app_server(ROUNDTABLE_SIMULATOR_SPEED="20")


def row(page: Page, provider_id: str) -> Locator:
    return page.locator(f'tr[data-row="{provider_id}"]')


@pytest.fixture
def providers(page: Page, quick: Server) -> Page:
    page.goto(f"{quick.url}/providers")
    expect(row(page, "groq")).to_be_visible(timeout=LONG_MS)
    calm(page)
    return page


def test_the_search_finds_a_provider(providers: Page) -> None:
    providers.locator(".st-key-search input").fill("mistral")
    expect(row(providers, "groq")).to_have_count(0, timeout=LONG_MS)
    expect(row(providers, "mistral")).to_be_visible()
    no_fault(providers)


def test_a_pasted_key_survives_a_reload_in_all_tabs_tests_itself_and_is_shown_nowhere(
    page: Page, own_server: Callable[..., Server], simulate_server: Callable[..., Server]
) -> None:
    groq = simulate_server("--speed", "50")
    server = own_server(GROQ_BASE_URL=f"{groq.url}/v1")
    page.goto(f"{server.url}/providers")
    row(page, "groq").get_by_role("button").click(timeout=LONG_MS)
    field = page.locator(".st-key-paste-groq input")
    field.fill(KEY)
    field.press("Enter")
    expect(page.locator(".st-key-forget-all")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".st-key-providers-paste")).to_contain_text("never on disk")
    expect(page.get_by_text("The key works")).to_be_visible(timeout=LONG_MS)
    expect(field).to_have_value("")
    assert KEY not in page.content()
    assert KEY not in page.url
    assert KEY not in server.log
    page.reload()
    expect(page.locator(".st-key-forget-all")).to_be_visible(timeout=LONG_MS)
    expect(field).to_be_visible(timeout=LONG_MS)
    other = page.context.new_page()
    other.goto(f"{server.url}/providers")
    expect(other.locator(".st-key-forget-all")).to_be_visible(timeout=LONG_MS)
    assert page.context.browser
    stranger = page.context.browser.new_context().new_page()
    stranger.goto(f"{server.url}/providers")
    expect(row(stranger, "groq")).to_be_visible(timeout=LONG_MS)
    calm(stranger)
    expect(stranger.locator(".st-key-forget-all")).to_have_count(0)
    stranger.context.close()
    button(page, "forget-groq").click()
    expect(page.get_by_text("none yet")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("The key works")).to_have_count(0, timeout=LONG_MS)
    field.fill(KEY)
    field.press("Enter")
    button(page, "chat-groq").click(timeout=LONG_MS)
    expect(page.get_by_text("from Groq will answer")).to_be_visible(timeout=LONG_MS)
    other.reload()
    expect(other.locator(".st-key-forget-all")).to_be_visible(timeout=LONG_MS)
    button(other, "forget-all").click()
    expect(other.locator(".st-key-forget-all")).to_have_count(0, timeout=LONG_MS)


def test_the_test_says_what_came_back(providers: Page) -> None:
    row(providers, "sim").get_by_role("button").click()
    button(providers, "test-sim").click()
    expect(providers.locator(".st-key-provider-sim")).to_contain_text("quick answered in", timeout=LONG_MS)
    no_fault(providers)


def test_the_retired_tell_when_and_why(providers: Page) -> None:
    row(providers, "github-models").get_by_role("button").click()
    expect(providers.get_by_text("Retired on 2026-07-30")).to_be_visible(timeout=LONG_MS)


def test_the_keyboard_opens_a_row_keeps_its_place_and_sorts(providers: Page) -> None:
    opener = row(providers, "mistral").get_by_role("button")
    opener.focus()
    providers.keyboard.press("Enter")
    expect(providers.locator(".st-key-paste-mistral")).to_be_visible(timeout=LONG_MS)
    expect(opener).to_be_focused(timeout=LONG_MS)
    expect(opener).to_have_attribute("aria-expanded", "true", timeout=LONG_MS)
    expect(providers).to_have_url(re.compile("open=mistral"), timeout=LONG_MS)
    providers.keyboard.press("Space")
    expect(providers.locator(".st-key-paste-mistral")).to_have_count(0, timeout=LONG_MS)
    expect(opener).to_be_focused(timeout=LONG_MS)
    head = providers.get_by_role("columnheader", name="Provider")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending", timeout=LONG_MS)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending", timeout=LONG_MS)
    no_fault(providers)


def test_a_link_leads_to_its_row_and_back_brings_it_again(page: Page, quick: Server) -> None:
    page.goto(f"{quick.url}/providers?open=moonshot&filter=no-phone&filter=free&sort=provider")
    expect(row(page, "ollama")).to_be_attached(timeout=LONG_MS)
    expect(row(page, "openai")).to_have_count(0, timeout=LONG_MS)
    page.goto(f"{quick.url}/providers?open=openai")
    expect(row(page, "openai")).to_be_in_viewport(timeout=LONG_MS)
    expect(page.locator(".st-key-paste-openai")).to_be_visible(timeout=LONG_MS)
    calm(page)
    page.get_by_role("link", name="Latency").click()
    page.wait_for_url("**/latency*", timeout=LONG_MS)  # before that, Back leads to the address before this one
    expect(row(page, "openai")).to_have_count(0, timeout=LONG_MS)
    page.go_back()
    expect(page.locator(".st-key-paste-openai")).to_be_visible(timeout=LONG_MS)
    no_fault(page)


def test_a_telephone_shows_two_lines_a_row_and_nothing_beside_the_screen(page: Page, quick: Server) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{quick.url}/providers?lang=zh")
    expect(row(page, "groq")).to_be_visible(timeout=LONG_MS)
    calm(page)
    box = row(page, "groq").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(row(page, "groq").get_by_role("cell").filter(visible=True).first).to_be_visible()
