"""Pictures and documents in a real browser: picked, pasted, enlarged, kept, refused, and seen by nobody else."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from bench.document_files import pdf
from tests.browser.link import Link
from tests.browser.screen import (
    LONG_MS,
    above_box,
    ask,
    calm,
    composer,
    no_fault,
    open_page,
    questions,
    wait_for_answer,
)
from tests.browser.servers import Server

PASTE = """(box, data) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0))
    const transfer = new DataTransfer()
    transfer.items.add(new File([bytes], "pasted.png", {type: "image/png"}))
    box.dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true}))
}"""

# A microphone that hums, once the page may use it: Chromium without a sound card has none.
MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
    if (!window.mayRecord) throw new DOMException("Permission denied", "NotAllowedError")
    const context = new AudioContext(), hum = context.createOscillator(), end = context.createMediaStreamDestination()
    hum.connect(end)
    hum.start()
    window.hums = () => context.currentTime
    return end.stream
}"""


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(out, "PNG")
    return out.getvalue()


def file(name: str, data: bytes, media_type: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": media_type, "buffer": data}


def choose(page: Page, *files: FilePayload) -> None:
    page.locator('[data-testid="stChatInput"] input[type="file"]').first.set_input_files(list(files))


def attach(page: Page, *files: FilePayload) -> None:
    choose(page, *files)
    for each in files:
        above_box(page, each["name"])


def drawn(place: Locator, number: int) -> Locator:
    """The pictures there, when all have come."""
    pictures = place.locator('[class*="st-key-picture-"] img')
    expect(pictures).to_have_count(number, timeout=LONG_MS)
    for picture in pictures.all():
        expect(picture).to_have_js_property("complete", True)
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    return pictures


def within(picture: Locator) -> bool:
    """Whether all of the picture is in the bubble of its question."""
    bubble = picture.locator("xpath=ancestor::*[@data-testid='stChatMessage']")
    inner, outer = picture.bounding_box(), bubble.bounding_box()
    assert inner
    assert outer
    return inner["y"] + inner["height"] < outer["y"] + outer["height"]


@pytest.fixture
def server(app_server: Callable[..., Server]) -> Server:
    return app_server(ROUNDTABLE_SIMULATOR_SPEED="20")


def test_pictures_are_sent_enlarged_and_kept(page: Page, server: Server) -> None:
    open_page(page, server.url)
    calm(page)
    attach(page, file("navy.png", png("navy")), file("teal.png", png("teal")))
    ask(page, "Which is darker?")
    wait_for_answer(page)
    pictures = drawn(questions(page), 2)
    assert within(pictures.first)
    source = pictures.first.get_attribute("src") or ""
    where = f"{server.url}/files/{source.partition('/files/')[2]}"
    reply = page.request.get(where)
    assert (reply.status, reply.headers["x-content-type-options"]) == (200, "nosniff")
    assert "sandbox" in reply.headers["content-security-policy"]
    other = page.context.browser.new_context()  # type: ignore[union-attr]
    assert other.request.get(where).status == 404
    other.close()

    composer(page).evaluate(PASTE, base64.b64encode(png("olive")).decode())
    above_box(page, "pasted.png")
    ask(page, "And this one?")
    expect(questions(page)).to_have_count(2, timeout=LONG_MS)
    wait_for_answer(page)
    page.reload()
    drawn(questions(page), 3)

    enlarge = questions(page).get_by_role("button", name="Enlarge teal.png")
    enlarge.click()
    expect(page.locator(".st-key-picture-large img")).to_have_js_property("naturalWidth", 900, timeout=LONG_MS)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    questions(page).get_by_role("button", name="Enlarge pasted.png").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("pasted.png · 900 × 600 px")).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("Escape")
    no_fault(page)


def test_a_refused_file_leaves_the_question_and_a_pdf_is_shown_before_it_is_sent(page: Page, server: Server) -> None:
    open_page(page, server.url)
    calm(page)
    composer(page).fill("What is on it?")
    choose(page, file("notes.png", b"\x89PNG\r\n\x1a\nonly words"))
    expect(page.get_by_text("notes.png is broken or no picture.")).to_have_count(1, timeout=LONG_MS)
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)
    expect(composer(page)).to_have_value("What is on it?")
    expect(questions(page)).to_have_count(0)

    composer(page).fill("")
    attach(page, file("plan.pdf", pdf(2), "application/pdf"))
    waits = page.locator(".st-key-document-0")
    expect(waits).to_contain_text("2 pages", timeout=LONG_MS)
    waits.get_by_role("button").click()
    expect(page.get_by_text("Page 1, line 1").filter(visible=True)).to_be_visible()
    page.keyboard.press("Escape")
    composer(page).press("Enter")  # a document is looked at first
    expect(waits).to_have_count(1)
    ask(page, "What is the plan?")
    wait_for_answer(page)
    expect(questions(page)).to_contain_text("plan.pdf")
    expect(waits).to_have_count(0)
    no_fault(page)


def test_files_of_a_draft_come_back_after_a_reload_and_are_sent_once(page: Page, server: Server) -> None:
    open_page(page, server.url)
    calm(page)
    attach(page, file("navy.png", png("navy")), file("locked.pdf", pdf(3, password="secret"), "application/pdf"))
    attach(page, file("navy.png", png("olive")))  # another one of that name, as clipboards give
    expect(page.locator(".st-key-tray img")).to_have_count(2, timeout=LONG_MS)
    password = page.get_by_role("textbox", name="Password")
    password.fill("wrong")
    password.press("Enter")
    expect(page.get_by_text("This password does not open it.")).to_be_visible(timeout=LONG_MS)
    expect(password).to_have_count(1, timeout=LONG_MS)  # while the page is drawn again there may be two
    expect(password).to_have_value("", timeout=LONG_MS)
    page.reload()
    above_box(page, "locked.pdf")
    drawn(page.locator(".st-key-tray"), 2)
    calm(page)
    password.fill("secret")
    password.press("Enter")
    second = page.locator(".st-key-document-1")  # in the order in which the files were chosen
    expect(second).to_contain_text("3 pages", timeout=LONG_MS)
    page.wait_for_function("JSON.stringify({...sessionStorage}).includes('page_count\\\\\":3')")  # kept for a reload
    page.reload()
    expect(second).to_contain_text("3 pages", timeout=LONG_MS)
    second.get_by_role("button").click()
    expect(page.get_by_text("type it again to choose other pages")).to_be_visible()
    page.keyboard.press("Escape")
    assert "secret" not in page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    calm(page)
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_placeholder("Ask all models")).to_be_visible(timeout=LONG_MS)
    page.go_back()
    above_box(page, "locked.pdf")
    calm(page)
    composer(page).fill("What is the secret?")
    page.get_by_test_id("stChatInputSubmitButton").evaluate(
        "e => { e.click(); setTimeout(() => e.click(), 60); e.click() }"
    )
    wait_for_answer(page)
    expect(questions(page)).to_have_count(1)
    drawn(questions(page), 2)
    page.reload()
    drawn(questions(page), 2)
    calm(page)
    expect(page.locator(".st-key-tray")).to_have_count(0)
    no_fault(page)


def test_a_file_chosen_while_the_box_does_not_listen_still_comes(page: Page, server: Server) -> None:
    """The box is replaced behind an open dialog, then switched off while the connection is lost."""
    with Link(int(server.url.rpartition(":")[2])) as link:
        open_page(page, f"http://127.0.0.1:{link.port}")
        calm(page)
        with page.expect_file_chooser() as dialog:
            page.get_by_role("button", name="Upload files").click()
        composer(page).evaluate(PASTE, base64.b64encode(png("olive")).decode())
        above_box(page, "pasted.png")
        assert not dialog.value.element.evaluate("input => input.isConnected")
        dialog.value.set_files(file("behind.png", png("navy")))
        above_box(page, "behind.png")

        calm(page)
        link.cut()
        expect(composer(page)).to_be_disabled(timeout=LONG_MS)
        choose(page, file("cut.png", png("teal")))
        link.mend()
        above_box(page, "cut.png")
        expect(page.locator(".st-key-tray img")).to_have_count(3)
        ask(page, "Which is the darkest?")
        wait_for_answer(page)
        drawn(questions(page), 3)
    no_fault(page)


def test_a_comparison_shows_a_picture_once_and_asks_both_with_it(page: Page, server: Server) -> None:
    open_page(page, server.url + "/compare?m=sim%2Fquick&m=sim%2Fsteady")
    calm(page)
    attach(page, file("navy.png", png("navy")))
    ask(page, "What colour is this?")
    lanes = page.locator(".st-key-lanes")
    expect(lanes.get_by_text("Done")).to_have_count(2, timeout=LONG_MS)
    assert within(drawn(page.locator("body"), 1))
    expect(lanes).to_contain_text("900 × 600")
    no_fault(page)


def test_a_refused_microphone_is_explained_and_what_is_said_comes_into_the_box(page: Page, server: Server) -> None:
    page.add_init_script(MICROPHONE)
    open_page(page, server.url)
    calm(page)
    composer(page).fill("Before that:")
    microphone = page.get_by_test_id("stChatInputMicButton")
    microphone.click()
    why = page.get_by_text("Your browser does not allow the microphone here.")
    expect(why).to_be_visible(timeout=LONG_MS)
    page.evaluate("window.mayRecord = true")
    microphone.click()
    page.wait_for_function("() => window.hums && window.hums() > 1")  # or there is nothing in the recording
    page.get_by_test_id("stChatInputApproveButton").click(timeout=LONG_MS)
    written = re.compile(r"^Before that:\s+A simulated transcript: .* lasts [0-9.]+ seconds\.$", re.DOTALL)
    expect(composer(page)).to_have_value(written, timeout=LONG_MS)
    expect(why).to_have_count(0)
    expect(questions(page)).to_have_count(0)
    no_fault(page)
