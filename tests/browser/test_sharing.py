"""A link in a real browser: a stranger reads it without a login, can change nothing, and loses it with the next act."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, expect

from tests.browser.screen import LONG_MS, READY, answers, ask, button, calm, composer, no_fault, wait_for_answer
from tests.browser.servers import Server

PASSCODE = "a shared passcode"


def test_a_stranger_reads_a_link_until_it_is_revoked(browser: Browser, own_server: Callable[..., Server]) -> None:
    server = own_server(ROUNDTABLE_SIMULATOR_SPEED="20", ROUNDTABLE_SHARING="anyone", ROUNDTABLE_PASSCODE=PASSCODE)
    ana = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    page = ana.new_page()
    page.goto(server.url)
    page.get_by_label("Passcode of this server").fill(PASSCODE)
    page.get_by_label("Passcode of this server").press("Enter")
    expect(composer(page)).to_be_visible(timeout=LONG_MS)
    ask(page, "What is a tide?")
    wait_for_answer(page)
    calm(page)
    button(page, "share").click()
    button(page, "share-make").click()
    link = page.locator("[data-testid=stPopoverBody] code")
    expect(link).to_contain_text(f"{server.url}/shared#", timeout=LONG_MS)
    address = link.inner_text().strip()

    stranger = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    requested: list[str] = []
    stranger.on("request", lambda request: requested.append(request.url))
    tab = stranger.new_page()
    tab.goto(address)
    expect(answers(tab)).to_have_count(1, timeout=LONG_MS)
    tab.wait_for_selector(READY, timeout=LONG_MS)
    expect(tab.get_by_text("What is a tide?").first).to_be_visible()
    expect(tab.get_by_test_id("stChatInput")).to_have_count(0)
    expect(tab.get_by_test_id("stSidebar")).to_have_count(0)
    expect(tab.locator("[class*=st-key-continue]")).to_have_count(0)
    token = address.partition("#")[2]
    assert [url for url in requested if token in url.partition("#")[0]] == []
    assert token not in server.log
    no_fault(tab)
    other = stranger.new_page()  # the same browser, without the link, is a stranger still
    other.goto(server.url)
    expect(other.get_by_label("Passcode of this server")).to_be_visible(timeout=LONG_MS)

    page.locator("[class*=st-key-revoke-] button").filter(visible=True).first.click()
    expect(page.get_by_text("The link no longer opens.")).to_be_visible(timeout=LONG_MS)
    tab.reload()
    expect(tab.get_by_text("This link does not work")).to_be_visible(timeout=LONG_MS)
    expect(tab.get_by_text("What is a tide?")).to_have_count(0, timeout=LONG_MS)
    for context in (ana, stranger):
        context.close()
