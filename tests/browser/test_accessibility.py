"""Every page and many of its states by axe-core, light and dark; and what the keyboard does."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from bench.process import free_port
from tests.browser.screen import LONG_MS, ask, button, calm, click, composer, wait_for_answer
from tests.browser.servers import Server, Servers

ADMIN = "ana@example.org"
AXE = Axe()
SHOWN = "dialog.roundtable-dialog[open]"
OPTION = f"{SHOWN} [role=option]"
MARKED = f"{OPTION}[aria-selected=true]"
PAGES = ("batch", "history", "latency", "quota", "insights", "providers", "faq", "audit", "people")
COLUMNS = "m=sim/quick&m=sim/steady&m=mistral/mistral-small-latest"
MAIN = "document.querySelector('[data-testid=stAppScrollToBottomContainer]')"
PRESS = """more => {
  const keys = { key: "k", code: "KeyK", ctrlKey: true, bubbles: true, cancelable: true, ...more };
  return !document.activeElement.dispatchEvent(new KeyboardEvent("keydown", keys));
}"""
# No colour is on its way to another, and no notice waits for its name.
STILL = """!document.getAnimations().some(each => each instanceof CSSTransition && each.playState === "running")
  && !document.querySelector("[data-testid=stToast]:not([aria-label])")"""
SCHEME = "name => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === name"


@pytest.fixture(scope="module")
def site(servers: Servers, app_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with accounts, so that it has a page to sign in and pages of administrators."""
    root = tmp_path_factory.mktemp("access")
    folder = root / "app"
    shutil.copytree(app_folder, folder)
    person = json.dumps({"sub": ADMIN, "email": ADMIN, "name": "Ana", "email_verified": True})
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--user-claims", person, "-p"]
    provider = servers.open([*command, str(free_port())], root, {})
    provider.wait("/.well-known/openid-configuration")
    port = free_port()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{os.urandom(16).hex()}"\n'
        'client_id = "roundtable"\nclient_secret = "secret"\nlabel = "Acme"\n'
        f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
    )
    words = "-m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.headless true --server.port"
    environment = {
        "ROUNDTABLE_DATA_FOLDER": str(root / "data"),
        "ROUNDTABLE_ADMINS": ADMIN,
        "ROUNDTABLE_LOCAL_SERVERS": "false",
        "ROUNDTABLE_DEFAULT_MODEL": "sim/quick",
        "ROUNDTABLE_SIMULATOR_SPEED": "4",
        "GROQ_API_KEY": "gsk_0123456789abcdef0123",
        "GROQ_BASE_URL": "http://127.0.0.1:9/v1",
    }
    server = servers.open([sys.executable, *words.split(), str(port)], folder, environment)
    server.wait("/_stcore/health")
    yield server
    server.kill()
    provider.kill()


@pytest.fixture(scope="module")
def visit(browser: Browser, site: Server) -> Iterator[Page]:
    """One page, signed in by the first test, for all tests of this file."""
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.url)
    expect(page.get_by_role("button", name="Sign in with Acme")).to_be_visible(timeout=LONG_MS)
    calm(page)
    signing_in = faults(page)
    page.get_by_role("button", name="Sign in with Acme").click()
    page.locator("input[name=sub]").fill(ADMIN)
    page.locator("input[name=sub]").press("Enter")
    arrive(page)
    assert not signing_in
    yield page
    context.close()


@pytest.fixture
def chat(visit: Page, site: Server) -> Page:
    """The page with a new chat."""
    visit.goto(site.url)
    arrive(visit)
    return visit


def arrive(page: Page) -> None:
    """Until the box is there, and what is drawn after it."""
    expect(composer(page)).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".roundtable-open")).to_be_visible(timeout=LONG_MS)
    calm(page)


def faults(page: Page, *, contrast_only: bool = False) -> list[str]:
    """What axe calls serious or critical, a line for each element."""
    page.wait_for_function("!window.roundtableKeyboard?.page.timer")  # what is new has been looked at
    page.wait_for_function(STILL)
    options = {"resultTypes": ["violations"], **({"runOnly": ["color-contrast"]} if contrast_only else {})}
    violations = AXE.run(page, options=options).response["violations"]
    return [
        f"{page.url} {fault['id']} {node['target']} {node['html'][:160]} "
        f"{(node['any'] + node['all'] + node['none'])[0]['message']}"
        for fault in violations
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def in_both_themes(page: Page) -> list[str]:
    """All rules in the light theme, the one about colours in the dark one."""
    light = faults(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(SCHEME, arg="dark")
    dark = faults(page, contrast_only=True)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(SCHEME, arg="light")
    return [f"light {line}" for line in light] + [f"dark {line}" for line in dark]


def act(page: Page, words: str) -> None:
    """Do the first thing that the palette finds for these words."""
    page.keyboard.press("Control+k")
    page.locator(f"{SHOWN} input").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(SHOWN)).to_have_count(0)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.dataset.testid ?? document.activeElement.className"))


def announced(page: Page) -> Locator:
    return page.locator(".roundtable-said")


def test_a_chat_in_all_its_states_can_be_used_by_everybody(chat: Page, site: Server) -> None:
    page = chat
    violations = in_both_themes(page)
    ask(page, "Write a Python function that merges overlapping intervals, and a table.")
    expect(page.locator(".st-key-stop-slot button").first).to_be_attached(timeout=LONG_MS)
    violations += faults(page)
    wait_for_answer(page)
    expect(announced(page)).to_have_text("Answer finished", timeout=LONG_MS)
    calm(page)
    violations += in_both_themes(page)
    assert page.get_by_role("heading", level=1).count() == 1
    page.locator(".st-key-pick-chat button").first.click()
    expect(page.locator(".st-key-find-chat input")).to_be_focused(timeout=LONG_MS)
    calm(page)
    violations += in_both_themes(page)
    page.keyboard.press("Escape")
    act(page, "settings")
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible(timeout=LONG_MS)
    violations += in_both_themes(page)
    page.keyboard.press("Escape")
    button(page, "inspect-0").click()
    expect(page.get_by_test_id("stDialog")).to_be_visible(timeout=LONG_MS)
    calm(page)
    violations += in_both_themes(page)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(SCHEME, arg=scheme)
        page.keyboard.press("Control+k")
        page.locator(f"{SHOWN} input").fill("s")
        expect(page.locator(OPTION).filter(has_text="Simulated").first).to_be_visible(timeout=LONG_MS)
        violations += faults(page)
        page.keyboard.press("Control+/")
        expect(page.locator(".roundtable-shortcuts")).to_be_visible()
        violations += faults(page)
        page.keyboard.press("Escape")
    page.emulate_media(color_scheme="light")
    assert not violations, "\n".join(violations)


def test_a_comparison_and_a_shared_page_can_be_used_by_everybody(visit: Page, site: Server) -> None:
    page = visit
    page.goto(f"{site.url}/compare?{COLUMNS}")
    arrive(page)
    violations = in_both_themes(page)
    ask(page, "Why is the sky blue? One sentence.")
    expect(page.locator(".st-key-vote button").first).to_be_enabled(timeout=LONG_MS)
    calm(page)
    expect(announced(page)).to_have_text("2 answers finished · 1 failed", timeout=LONG_MS)
    violations += in_both_themes(page)
    page.get_by_role("button", name="Tie").first.click()
    calm(page)
    violations += in_both_themes(page)
    button(page, "share").click()
    button(page, "share-make").click()
    link = page.locator("[data-testid=stPopoverBody] code")
    expect(link).to_contain_text("/shared#", timeout=LONG_MS)
    violations += in_both_themes(page)
    page.goto(link.inner_text().strip())
    expect(page.locator(".st-key-head h1")).to_be_visible(timeout=LONG_MS)
    calm(page)
    violations += in_both_themes(page)
    assert not violations, "\n".join(violations)


def test_every_other_page_is_reached_by_the_palette_and_can_be_used_by_everybody(chat: Page) -> None:
    page, violations = chat, list[str]()
    for name in PAGES:
        act(page, name)
        page.wait_for_url(re.compile(f"/{name}(\\?|$)"))
        expect(page.locator(".st-key-head h1")).to_have_count(1, timeout=LONG_MS)
        calm(page)
        violations += in_both_themes(page)
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("h1").count() == 1
        assert page.locator("main").count() == 1
    assert not violations, "\n".join(violations)


def test_the_palette_works_by_keys_alone_and_asks_nobody_to_open(chat: Page) -> None:
    page = chat
    expect(composer(page)).to_be_focused()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    swallowed, options_shown = page.evaluate(f"() => [({PRESS})({{}}), document.querySelectorAll('{OPTION}').length]")
    assert swallowed is True
    assert options_shown > len(PAGES)  # within the event: nothing was waited for
    assert [url for url in sent if "/palette/" not in url] == []
    options = page.locator(OPTION)
    last = options.count() - 1
    for keys, at in (("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", last), ("ArrowDown", 0), ("End", last), ("Home", 0)):
        page.keyboard.press(keys)
        expect(options.nth(at)).to_have_attribute("aria-selected", "true")
        assert page.locator(f"{SHOWN} input").get_attribute("aria-activedescendant") == options.nth(at).get_attribute(
            "id"
        )
    page.keyboard.press("Escape")
    expect(page.locator(SHOWN)).to_have_count(0)
    page.keyboard.type("k/K is typed")  # the box has the keyboard again, and keeps every letter
    expect(composer(page)).to_have_value("k/K is typed")
    assert page.evaluate(PRESS, {"isComposing": True}) is False
    expect(page.locator(SHOWN)).to_have_count(0)
    composer(page).fill("")


def test_the_palette_finds_a_chat_by_its_words_and_a_model_for_it(chat: Page) -> None:
    page = chat
    ask(page, "What is a zeppelin?")
    wait_for_answer(page)
    calm(page)
    address = page.url
    act(page, "history")
    page.wait_for_url(re.compile("/history"))
    calm(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("zeppelin")
    expect(page.locator(OPTION).filter(has_text="zeppelin").first).to_be_visible(timeout=LONG_MS)
    page.locator(OPTION).filter(has_text="What is a zeppelin?").first.click()
    page.wait_for_url(re.compile(re.escape(address) + "&at="))
    expect(page.locator(".st-key-marked")).to_be_visible(timeout=LONG_MS)
    act(page, "history")
    page.wait_for_url(re.compile("/history"))
    page.keyboard.press("Control+k")
    page.locator(f"{SHOWN} input").fill("steady")
    expect(page.locator(OPTION).filter(has_text="steady").first).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-pick-chat")).to_contain_text("steady", timeout=LONG_MS)
    page.wait_for_url(re.compile(re.escape(address)))  # a moment after the model has changed
    page.keyboard.press("Control+k")
    page.locator(f"{SHOWN} input").fill("no such thing")
    expect(page.locator(f"{SHOWN} [role=status]")).to_have_text("Nothing found.", timeout=LONG_MS)
    page.keyboard.press("Escape")


def test_an_answer_is_copied_or_the_refusal_said_and_its_question_edited(chat: Page) -> None:
    page = chat
    ask(page, "What is a kite?")
    wait_for_answer(page)
    calm(page)
    page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text }")
    copy = page.locator(".roundtable-copy")
    copy.click()
    expect(copy).to_have_text("checkCopied")
    whole = page.evaluate("window.copied")
    assert len(whole) > 20
    page.evaluate(
        "navigator.clipboard.writeText = async () => { throw new Error() }, document.execCommand = () => false"
    )
    page.keyboard.press("Control+k")
    page.locator(f"{SHOWN} input").fill("copy the last")
    page.keyboard.press("Enter")
    expect(page.locator(f"{SHOWN} p")).to_contain_text("The browser did not allow copying")
    field = page.locator(f"{SHOWN} textarea")
    expect(field).to_be_focused()
    assert field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)") == whole
    expect(copy).not_to_contain_text("Copied")
    page.keyboard.press("Escape")
    composer(page).fill("x")
    composer(page).press("ArrowUp")
    expect(composer(page)).to_have_value("x")
    composer(page).fill("")
    composer(page).press("ArrowUp")
    expect(composer(page)).to_have_value("What is a kite?", timeout=LONG_MS)
    expect(composer(page)).to_be_focused()
    button(page, "keep").click()
    expect(composer(page)).to_have_value("", timeout=LONG_MS)
    button(page, "inspect-0").click()
    expect(page.get_by_test_id("stDialog")).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("Control+k")  # nothing, while a dialog is open
    expect(page.locator(SHOWN)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stDialog")).to_have_count(0)


def test_who_scrolls_up_while_an_answer_grows_stays_and_finds_back(chat: Page) -> None:
    page = chat
    page.set_viewport_size({"width": 1280, "height": 420})
    ask(page, "Explain the tides in 1,500 words.")
    page.wait_for_function(f"{MAIN}.scrollTop > 400", timeout=LONG_MS)  # it follows
    page.mouse.move(700, 150)
    page.mouse.wheel(0, -4)  # as slowly as a hand can
    before = page.evaluate(f"[{MAIN}.scrollTop, {MAIN}.scrollHeight]")
    page.wait_for_function(f"{MAIN}.scrollHeight > {before[1]} + 300", timeout=LONG_MS)
    assert page.evaluate(f"{MAIN}.scrollTop") <= before[0]
    latest = page.locator(".roundtable-latest")
    expect(latest).to_be_visible(timeout=LONG_MS)
    click(latest)
    page.wait_for_function(f"{MAIN}.scrollHeight - {MAIN}.clientHeight - {MAIN}.scrollTop < 60", timeout=LONG_MS)
    expect(latest).to_be_hidden()
    wait_for_answer(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_phone_opens_the_palette_from_the_sidebar(chat: Page) -> None:
    page = chat
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[data-testid=stExpandSidebarButton]").click()
    page.locator(".roundtable-open").click()
    page.locator(f"{SHOWN} input").fill("quota")
    page.locator(OPTION).first.click()
    page.wait_for_url(re.compile("/quota"))
    calm(page)
    page.set_viewport_size({"width": 1280, "height": 900})
