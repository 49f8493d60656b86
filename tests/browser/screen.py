"""What the tests of the screen do over and over: open a page, ask, wait until it is calm."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
LONG_MS = 40_000


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    expect(composer(page)).to_be_visible(timeout=LONG_MS)


def calm(page: Page) -> None:
    """Until the script has nothing left to draw."""
    page.wait_for_selector(READY, timeout=LONG_MS)


def composer(page: Page) -> Locator:
    return page.get_by_test_id("stChatInputTextArea")


def ask(page: Page, prompt: str) -> None:
    composer(page).fill(prompt)
    composer(page).press("Enter")


def wait_for_answer(page: Page) -> None:
    """Until the last answer has ended and has its buttons; one of an earlier run may still be there for a moment."""
    expect(page.locator(".st-key-again:not([data-stale=true])")).to_be_visible(timeout=LONG_MS)


def above_box(page: Page, name: str) -> None:
    """Until the file has left the box for the tray above it."""
    remove = page.locator(".st-key-tray").get_by_role("button", name=f"Remove {name}")
    expect(remove.filter(visible=True).first).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_test_id("stFileChip")).to_have_count(0, timeout=LONG_MS)


def wait_until_stored(page: Page, text: str) -> None:
    """Until this tab's storage holds the text as a draft."""
    page.wait_for_function(
        "text => Object.values(sessionStorage).some(value => value.includes(JSON.stringify(text)))", arg=text
    )


def answers(page: Page) -> Locator:
    """The answers of a chat: every second message."""
    return page.locator('[data-testid="stChatMessageContent"]:not([class*="st-key-asked-"] *)')


def questions(page: Page) -> Locator:
    return page.locator('[class*="st-key-asked-"] [data-testid="stChatMessageContent"]')


def click(locator: Locator) -> None:
    """Click without waiting for the layout to rest, which it does not while an answer grows."""
    locator.evaluate("element => element.click()")


def no_fault(page: Page) -> None:
    assert page.get_by_test_id("stException").count() == 0


def button(page: Page, key: str) -> Locator:
    """The button of this key. Streamlit draws one with a tooltip twice, for touch and for a mouse; one is visible."""
    return page.locator(f".st-key-{key} button").filter(visible=True)
