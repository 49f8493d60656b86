"""What stands at the top right of a page lies beside Streamlit's menu, never under it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, calm
from tests.browser.servers import Server

COVERED = """() => {
  const menu = document.querySelector('[data-testid="stMainMenu"]').getBoundingClientRect();
  const controls = document.querySelectorAll('[data-testid="stMainBlockContainer"] :is(button, a, input)');
  return [...controls].filter((control) => {
    const box = control.getBoundingClientRect();
    const beside = box.left >= menu.right || box.right <= menu.left || box.top >= menu.bottom || box.bottom <= menu.top;
    return box.width && !beside;
  }).map((control) => control.innerText);
}"""


@pytest.mark.parametrize("name", ["compare", "batch", "latency", "quota", "providers"])
def test_no_control_lies_under_the_menu(page: Page, app_server: Callable[..., Server], name: str) -> None:
    page.goto(f"{app_server().url}/{name}")
    expect(page.locator(".st-key-head")).to_be_visible(timeout=LONG_MS)
    calm(page)
    for width in (390, 1152, 1280, 1366, 1440, 1600):
        page.set_viewport_size({"width": width, "height": 720})
        expect(page.get_by_test_id("stMainMenu")).to_be_visible()
        expect(page.locator(".st-key-head")).to_be_visible()
        page.wait_for_function(f"({COVERED})().length === 0", timeout=LONG_MS)  # the sidebar may still slide
