"""Files handed in through a real browser: as large as the page says, refused in a sentence, given back with the tab."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, Route, WebSocketRoute, expect

from tests.browser.screen import (
    LONG_MS,
    above_box,
    ask,
    button,
    calm,
    composer,
    open_page,
    questions,
    wait_for_answer,
)
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


def test_a_question_waits_for_its_slow_file_and_none_is_lost_in_silence(
    page: Page, app_server: Callable[..., Server]
) -> None:
    open_page(page, app_server().url)
    calm(page)
    on_its_way: list[Route] = []
    uploads, line = "**/_stcore/upload_file/**", page.locator(".roundtable-uploading")
    choose = page.locator('[data-testid="stChatInput"] input[type="file"]').first
    page.route(uploads, lambda route: on_its_way.append(route))
    composer(page).fill("What is in it?")
    choose.set_input_files({"name": "slow.txt", "mimeType": "text/plain", "buffer": b"Spring tides."})
    expect(line).to_contain_text("slow.txt", timeout=LONG_MS)
    send = page.get_by_test_id("stChatInputSubmitButton")
    expect(send).to_be_disabled()
    box = send.bounding_box()
    assert box
    page.mouse.click(box["x"] + 8, box["y"] + 8)
    expect(line).to_contain_text("your question is sent when this ends")
    for route in on_its_way:
        route.continue_()
    page.unroute(uploads)
    wait_for_answer(page)
    expect(questions(page)).to_contain_text("slow.txt")
    expect(line).to_have_count(0)

    page.route(uploads, lambda route: route.abort())
    choose.set_input_files({"name": "cut.txt", "mimeType": "text/plain", "buffer": b"Neap tides."})
    expect(line).to_contain_text("was not uploaded. Check the connection", timeout=LONG_MS)
    ask(page, "And in this?")
    expect(line).to_contain_text("Not sent yet.")
    expect(questions(page)).to_have_count(1)
    page.unroute(uploads)
    page.get_by_test_id("stFileChip").click()  # tries again
    above_box(page, "cut.txt")
    composer(page).press("Enter")
    expect(questions(page)).to_have_count(2, timeout=LONG_MS)
    expect(questions(page).last).to_contain_text("cut.txt")
    wait_for_answer(page)

    page.route(uploads, lambda route: on_its_way.append(route))
    left: FilePayload = {"name": "left.txt", "mimeType": "text/plain", "buffer": b"Slack water."}
    refused: FilePayload = {"name": "left.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
    choose.set_input_files([left, refused])
    expect(line).to_contain_text("was not attached: files of this kind", timeout=LONG_MS)
    expect(line).to_contain_text("Uploading")
    page.reload()
    expect(line).to_contain_text("was not uploaded: the page was left", timeout=LONG_MS)


def test_a_question_waits_for_a_file_whose_upload_has_not_begun(page: Page, app_server: Callable[..., Server]) -> None:
    """The server's reply that begins it is late."""
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    late = False

    def connect(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda message: held.append((route, message)) if late else route.send(message))

    page.route_web_socket("**/_stcore/stream", connect)
    open_page(page, app_server().url)
    calm(page)
    late = True
    choose = page.locator('[data-testid="stChatInput"] input[type="file"]').first
    choose.set_input_files({"name": "late.txt", "mimeType": "text/plain", "buffer": b"Spring tides."})
    ask(page, "What is in it?")
    line = page.locator(".roundtable-uploading")
    expect(line).to_contain_text("late.txt")
    expect(line).to_contain_text("your question is sent when this ends")
    expect(composer(page)).to_have_value("What is in it?")
    late = False
    for route, message in held:
        route.send(message)
    wait_for_answer(page)
    expect(questions(page)).to_have_count(1)
    expect(questions(page)).to_contain_text("late.txt")
