"""Below the columns in a real browser: a diff that runs nothing, a merge that a reload finds, a stopped judge."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import LONG_MS, ask, button, calm, click, no_fault, open_page
from tests.browser.servers import Server

BOTH = "/compare?m=sim%2Fbench%3Achunks%3D5%2Crate%3D0&m=sim%2Fbench%3Achunks%3D6%2Crate%3D0"


def section(page: Page, name: str) -> Locator:
    click(page.locator(".st-key-verdict button").filter(has_text=name).first)
    opened = page.locator('[class*="st-key-verdict-"]').first
    expect(opened).to_be_visible(timeout=LONG_MS)
    return opened


def test_sections_on_a_narrow_screen(page: Page, app_server: Callable[..., Server]) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    open_page(page, app_server(ROUNDTABLE_SIMULATOR_SPEED="1").url + BOTH)
    ask(page, "Compare ![x](http://127.0.0.1:9/a.png) and :red[colour]")
    expect(page.locator(".st-key-verdict")).to_be_visible(timeout=LONG_MS)
    calm(page)
    expect(section(page, "Agreement")).to_contain_text("alike")
    expect(section(page, "Word diff")).to_contain_text("only in A", timeout=LONG_MS)
    assert page.locator(".st-key-verdict-diff").locator("img, a[href]").count() == 0

    section(page, "Merge")
    button(page, "merge-ask").evaluate("element => { element.click(); element.click(); }")
    expect(button(page, "chat-merge-0-t1")).to_be_visible(timeout=LONG_MS)
    page.reload()
    expect(page.locator(".st-key-verdict")).to_contain_text("Merge (1)", timeout=LONG_MS)

    section(page, "Judge")
    click(button(page, "judge-ask"))
    click(button(page, "judge-0-t1-stop"))
    expect(page.locator(".st-key-verdict-judge")).to_contain_text("topped", timeout=LONG_MS)
    expect(button(page, "judge-ask")).to_be_enabled(timeout=LONG_MS)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    no_fault(page)
