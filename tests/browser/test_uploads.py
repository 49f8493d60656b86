"""Files handed in through a real browser: as large as the page says, refused in a sentence, given back with the tab."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.screen import LONG_MS, button, calm, open_page
from tests.browser.servers import Server

ROW = b"Say in one sentence what a tide is," + b"x" * 1400 + b"\n"


def table(size: int) -> FilePayload:
    return {"name": "prompts.csv", "mimeType": "text/csv", "buffer": b"prompt,notes\n" + ROW * (size // len(ROW))}


def test_a_table_as_large_as_the_page_says_is_taken(page: Page, app_server: Callable[..., Server]) -> None:
    page.goto(app_server().url + "/batch")
    expect(page.get_by_text("up to 10,000 rows and 20 MB")).to_be_visible(timeout=LONG_MS)
    page.locator('[data-testid="stFileUploader"] input[type="file"]').set_input_files(table(13_600_000))
    expect(button(page, "batch-start")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("AxiosError")).to_have_count(0)


def test_what_was_read_is_given_back_so_that_more_has_room(page: Page, app_server: Callable[..., Server]) -> None:
    server = app_server(ROUNDTABLE_UPLOAD_MB="2")
    open_page(page, server.url)
    calm(page)
    attach = page.locator('[data-testid="stChatInput"] input[type="file"]').first
    for name in ("one.txt", "two.txt"):
        attach.set_input_files({"name": name, "mimeType": "text/plain", "buffer": bytes(1_900_000)})
        expect(page.get_by_text(f"{name} is no text and no document that can be read")).to_be_visible(timeout=LONG_MS)
        expect(page.get_by_test_id("stFileChip")).to_have_count(0, timeout=LONG_MS)
    expect(page.get_by_text("AxiosError")).to_have_count(0)

    page.get_by_role("link", name="Batch").click()
    page.locator('[data-testid="stFileUploader"] input[type="file"]').set_input_files(table(1_900_000))
    expect(button(page, "batch-start")).to_be_visible(timeout=LONG_MS)  # what the chat has read was given back
