"""A batch in a real browser: two clicks on Start, the server killed in the middle and started again, the file."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, button, calm, no_fault
from tests.browser.servers import Server


def test_a_batch_is_made_once_and_outlives_its_server(page: Page, own_server: Callable[..., Server]) -> None:
    server = own_server(ROUNDTABLE_SIMULATOR_SPEED="0.5")
    page.goto(server.url + "/batch")
    button(page, "example").click(timeout=LONG_MS)
    expect(button(page, "batch-start")).to_be_visible(timeout=LONG_MS)
    calm(page)
    button(page, "batch-start").dblclick()
    expect(page.get_by_text("in progress").first).to_be_visible(timeout=LONG_MS)
    address = page.url.removeprefix(server.url)
    os.kill(server.pid, signal.SIGKILL)
    server.process.wait()

    server = own_server(ROUNDTABLE_SIMULATOR_SPEED="30")
    page.goto(server.url + address)
    expect(page.locator(".st-key-batch-sure-delete")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("36 of 36")).to_be_visible()
    expect(page.get_by_text("retried after a restart").first).to_be_visible()
    with page.expect_download() as download:
        button(page, "batch-csv").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert all(row[f"sim/{name} state"] == "done" for row in rows for name in ("quick", "steady", "thinker"))

    button(page, "batch-leave").click()
    expect(page.locator('[class*="st-key-batch-entry-"]')).to_have_count(1, timeout=LONG_MS)
    page.go_back()
    expect(page.locator(".st-key-batch-sure-delete")).to_be_visible(timeout=LONG_MS)
    no_fault(page)
