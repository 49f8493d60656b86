"""The probe and the page in a real browser: clicked twice, reloaded in the middle, charts filled, a phone, Chinese."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, button, calm, click, no_fault
from tests.browser.servers import Server


def test_a_probe_outlives_a_reload_and_fills_the_charts(page: Page, app_server: Callable[..., Server]) -> None:
    server = app_server(ROUNDTABLE_SIMULATOR_SPEED="20")
    page.goto(f"{server.url}/latency")
    expect(page.locator(".st-key-empty")).to_contain_text("No measurements yet", timeout=LONG_MS)
    page.locator(".st-key-probe summary").click()
    expect(page.locator(".st-key-price")).to_contain_text("20 calls · simulated · uses no quota", timeout=LONG_MS)
    start = button(page, "probe-start")
    start.evaluate("element => { element.click(); element.click(); }")
    expect(page.locator(".st-key-probe-running, .st-key-probe-told")).to_be_visible(timeout=LONG_MS)
    page.reload()
    expect(page.locator(".st-key-probe-told")).to_contain_text("Measured", timeout=LONG_MS)
    expect(page.locator(".st-key-latency-table tbody tr").first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_test_id("stPlotlyChart")).to_be_visible(timeout=LONG_MS)
    click(button(page, "probe-close"))
    expect(page.locator(".st-key-probe-told")).to_have_count(0, timeout=LONG_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    for chart in ("Cumulative", "Trend", "Errors"):
        page.locator(".st-key-latency-chart button", has_text=chart).click()
        calm(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    no_fault(page)
    page.goto(f"{server.url}/latency?lang=zh")
    expect(page.locator(".st-key-latency-table")).to_contain_text("首 token", timeout=LONG_MS)
    no_fault(page)
