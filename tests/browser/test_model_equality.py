"""A check of one model at several hosts in a real browser: the price, Start pressed twice, a reload, Stop, answers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, button, calm, no_fault
from tests.browser.servers import Server


def begin(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/providers?open=sim")
    button(page, "equality-check-sim").click(timeout=LONG_MS)
    expect(page.get_by_role("dialog")).to_contain_text("45 to 87 calls", timeout=LONG_MS)
    calm(page)
    button(page, "equality-start").dblclick()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=LONG_MS)


def test_a_check_survives_a_reload_and_shows_what_each_host_answered(
    page: Page, app_server: Callable[..., Server]
) -> None:
    begin(page, app_server(ROUNDTABLE_SIMULATOR_SPEED="20"))
    page.reload()
    card = page.locator(".st-key-provider-sim")
    expect(card).to_contain_text("Demo South gives different answers (p ", timeout=LONG_MS)
    expect(card).to_contain_text("no difference found between Demo, Demo North")
    calm(page)
    card.get_by_role("button", name="Show answers").click()
    expect(page.get_by_role("dialog")).to_contain_text("of 15 stayed different", timeout=LONG_MS)
    no_fault(page)


def test_a_check_can_be_stopped(page: Page, own_server: Callable[..., Server]) -> None:
    begin(page, own_server(ROUNDTABLE_SIMULATOR_SPEED="0.05"))
    button(page, "equality-stop").click(timeout=LONG_MS)
    news = page.locator(".st-key-equality-news")
    expect(news).to_contain_text("Stopped before two hosts could be compared.", timeout=LONG_MS)
    expect(button(page, "equality-check-sim")).to_be_enabled(timeout=LONG_MS)
    button(page, "equality-close").click()
    expect(news).to_have_count(0, timeout=LONG_MS)
    no_fault(page)
