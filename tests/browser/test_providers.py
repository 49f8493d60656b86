"""The providers' page in a real browser: search, open, paste a key, test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, button, calm, no_fault
from tests.browser.servers import Server

KEY = "gsk_not-a-real-key-0123456789"


@pytest.fixture
def quick(app_server: Callable[..., Server]) -> Server:
    return app_server(ROUNDTABLE_SIMULATOR_SPEED="20")


@pytest.fixture
def providers(page: Page, quick: Server) -> Page:
    page.goto(f"{quick.url}/providers")
    expect(page.locator(".st-key-provider-groq")).to_be_visible(timeout=LONG_MS)
    calm(page)
    return page


def test_the_search_finds_a_provider(providers: Page) -> None:
    providers.locator(".st-key-search input").fill("mistral")
    expect(providers.locator(".st-key-provider-groq")).to_have_count(0, timeout=LONG_MS)
    expect(providers.locator(".st-key-provider-mistral")).to_be_visible()
    no_fault(providers)


def test_a_pasted_key_survives_a_reload_in_all_tabs_tests_itself_and_is_shown_nowhere(
    page: Page, own_server: Callable[..., Server], simulate_server: Callable[..., Server]
) -> None:
    groq = simulate_server("--speed", "50")
    server = own_server(GROQ_BASE_URL=f"{groq.url}/v1")
    page.goto(f"{server.url}/providers")
    page.locator(".st-key-provider-groq summary").click(timeout=LONG_MS)
    field = page.locator(".st-key-paste-groq input")
    field.fill(KEY)
    field.press("Enter")
    expect(page.locator(".st-key-pasted")).to_contain_text("never on disk", timeout=LONG_MS)
    expect(page.get_by_text("The key works")).to_be_visible(timeout=LONG_MS)
    expect(field).to_have_value("")
    assert KEY not in page.content()
    assert KEY not in page.url
    assert KEY not in server.log
    page.reload()
    expect(page.locator(".st-key-pasted")).to_be_visible(timeout=LONG_MS)
    other = page.context.new_page()
    other.goto(f"{server.url}/providers")
    expect(other.locator(".st-key-pasted")).to_be_visible(timeout=LONG_MS)
    assert page.context.browser
    stranger = page.context.browser.new_context().new_page()
    stranger.goto(f"{server.url}/providers")
    expect(stranger.locator(".st-key-provider-groq")).to_be_visible(timeout=LONG_MS)
    calm(stranger)
    expect(stranger.locator(".st-key-pasted")).to_have_count(0)
    stranger.context.close()
    page.locator(".st-key-provider-groq summary").click()
    button(page, "forget-groq").click()
    expect(page.get_by_text("none yet")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("The key works")).to_have_count(0, timeout=LONG_MS)
    field.fill(KEY)
    field.press("Enter")
    button(page, "chat-groq").click(timeout=LONG_MS)
    expect(page.get_by_text("from Groq will answer")).to_be_visible(timeout=LONG_MS)
    other.reload()
    expect(other.locator(".st-key-pasted")).to_be_visible(timeout=LONG_MS)
    button(other, "forget-all").click()
    expect(other.locator(".st-key-pasted")).to_have_count(0, timeout=LONG_MS)


def test_the_test_says_what_came_back(providers: Page) -> None:
    providers.locator(".st-key-provider-sim summary").click()
    button(providers, "test-sim").click()
    expect(providers.locator(".st-key-provider-sim")).to_contain_text("quick answered in", timeout=LONG_MS)
    no_fault(providers)


def test_the_retired_tell_when_and_why(providers: Page) -> None:
    providers.locator(".st-key-provider-github-models summary").click()
    expect(providers.get_by_text("Retired on 2026-07-30")).to_be_visible(timeout=LONG_MS)
