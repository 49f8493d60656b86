"""Accounts of a real OpenID provider on this computer, and the shared passcode: in, out, expired, withdrawn."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench.process import free_port
from tests.browser.servers import Server, Servers

ANA, BEN, EVE = ("ana@example.org", "ben@example.org", "eve@example.org")
PASSCODE = "a shared passcode"
LONG_MS = 60_000
BOX = "[data-testid=stChatInput] textarea"


class Site(NamedTuple):
    server: Server
    provider: Server
    folder: Path


@pytest.fixture
def open_site(servers: Servers, app_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """The app with an [auth] section, and the provider that it names; `max_age`: seconds until a token expires."""
    started: list[Server] = []

    def start(max_age: int = 3600, **environment: str) -> Site:
        folder = tmp_path / "app"
        shutil.copytree(app_folder, folder)
        people = [
            {"sub": mail, "email": mail, "name": mail.partition("@")[0].title(), "email_verified": mail != EVE}
            for mail in (ANA, BEN, EVE)
        ]
        claims = [word for person in people for word in ("--user-claims", json.dumps(person))]
        command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-e", str(max_age), *claims, "-p"]
        provider = servers.open([*command, str(free_port())], tmp_path, {})
        started.append(provider)
        provider.wait("/.well-known/openid-configuration")
        port = free_port()
        (folder / ".streamlit" / "secrets.toml").write_text(
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            f'cookie_secret = "{os.urandom(16).hex()}"\nclient_id = "roundtable"\n'
            'client_secret = "secret"\nlabel = "Acme"\n'
            f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
        )
        words = "-m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.headless true --server.port"
        environment = {"ROUNDTABLE_DATA_FOLDER": str(tmp_path / "data"), "ROUNDTABLE_ADMINS": ANA, **environment}
        server = servers.open([sys.executable, *words.split(), str(port)], folder, environment)
        started.append(server)
        server.wait("/_stcore/health")
        return Site(server, provider, folder)

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def new_browser(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    contexts: list[BrowserContext] = []

    def new() -> BrowserContext:
        contexts.append(browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900}))
        return contexts[-1]

    yield new
    for context in contexts:
        context.close()


def sign_in(page: Page, site: Site, subject: str) -> None:
    page.goto(site.server.url)
    page.get_by_role("button", name="Sign in with Acme").click()
    page.wait_for_url(f"{site.provider.url}/**")
    page.locator("input[name=sub]").fill(subject)
    page.locator("input[name=sub]").press("Enter")
    page.wait_for_url(f"{site.server.url}/**")
    expect(page.locator(BOX)).to_be_visible(timeout=60_000)


def ask(page: Page, question: str) -> None:
    page.locator(BOX).fill(question)
    page.locator(BOX).press("Enter")


def test_people_sign_in_see_their_own_and_sign_out_everywhere(
    open_site: Callable[..., Site], new_browser: Callable[[], BrowserContext]
) -> None:
    site = open_site()
    ana = new_browser()
    page = ana.new_page()
    page.goto(site.server.url)
    expect(page.get_by_role("button", name="Sign in with Acme")).to_be_visible(timeout=60_000)
    expect(page.locator(BOX)).to_have_count(0, timeout=LONG_MS)
    sign_in(page, site, ANA)
    expect(page.locator(".st-key-account")).to_contain_text("Ana", timeout=LONG_MS)
    ask(page, "What is a tide?")
    expect(page.locator(".st-key-recent, [data-testid=stSidebar]").first).to_contain_text(
        "What is a tide?", timeout=LONG_MS
    )

    elsewhere = new_browser().new_page()  # the same person on another computer finds the same
    sign_in(elsewhere, site, ANA)
    expect(elsewhere.locator("[data-testid=stSidebar]")).to_contain_text("What is a tide?", timeout=LONG_MS)
    ben = new_browser().new_page()
    sign_in(ben, site, BEN)
    expect(ben.locator(".st-key-account")).to_contain_text("Ben", timeout=LONG_MS)
    expect(ben.locator("[data-testid=stSidebar]")).not_to_contain_text("What is a tide?", timeout=LONG_MS)

    second = ana.new_page()
    second.goto(site.server.url)
    expect(second.locator(BOX)).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # the provider's own page
    expect(page.get_by_role("button", name="Sign in with Acme")).to_be_visible(timeout=60_000)
    ask(second, "Asked in a tab that was left open")  # its websocket still knows Ana
    expect(second.get_by_role("button", name="Sign in with Acme")).to_be_visible(timeout=60_000)
    assert ana.request.get(f"{site.server.url}/export/json").status == 404
    ask(elsewhere, "And a wave?")  # another sign-in of hers holds
    expect(elsewhere.locator("[data-testid=stSidebar]")).to_contain_text("And a wave?", timeout=LONG_MS)
    expect(elsewhere.locator("[data-testid=stSidebar]")).not_to_contain_text("Asked in a tab", timeout=LONG_MS)


def test_an_expired_sign_in_does_nothing_more_and_keeps_what_was_typed(
    open_site: Callable[..., Site], new_browser: Callable[[], BrowserContext]
) -> None:
    site = open_site(max_age=12)
    context = new_browser()
    page = context.new_page()
    sign_in(page, site, BEN)
    page.wait_for_function("() => Date.now() > performance.timeOrigin + 13_000", timeout=LONG_MS)
    ask(page, "Too late by a second")
    expect(page.get_by_text("Your sign-in has expired")).to_be_visible(timeout=60_000)
    assert context.request.get(f"{site.server.url}/export/json").status == 404
    sign_in(page, site, BEN)
    expect(page.locator("[data-testid=stSidebar]")).not_to_contain_text("Too late", timeout=LONG_MS)
    expect(page.locator(BOX)).to_have_value("Too late by a second", timeout=LONG_MS)


def test_a_role_and_access_are_withdrawn_while_the_tab_is_open(
    open_site: Callable[..., Site], new_browser: Callable[[], BrowserContext]
) -> None:
    site = open_site()
    ana, ben, eve = (new_browser().new_page() for _ in range(3))
    for page, subject in ((ana, ANA), (ben, BEN), (eve, EVE)):
        sign_in(page, site, subject)
    expect(ben.get_by_role("link", name="People")).to_have_count(0, timeout=LONG_MS)
    ana.get_by_role("link", name="People").click()
    choose(ana, "Ben", "Administrator")
    ben.goto(f"{site.server.url}/people")
    expect(ben.locator(".st-key-head")).to_contain_text("People", timeout=LONG_MS)
    expect(ben.get_by_text("3 of 3 people")).to_be_visible(timeout=60_000)

    choose(ana, "Ben", "Member")
    choose(ben, "Eve", "Blocked", accepted=False)
    expect(ben.get_by_text("Only administrators can open this page.")).to_be_visible(timeout=60_000)
    choose(ana, "Ben", "Blocked")
    ben.goto(site.server.url)
    expect(ben.get_by_text("Your access was withdrawn")).to_be_visible(timeout=60_000)
    ask(eve, "I am still here")
    expect(eve.locator("[data-testid=stSidebar]")).to_contain_text("I am still here", timeout=LONG_MS)


def choose(page: Page, name: str, role: str, *, accepted: bool = True) -> None:
    """Give somebody a role on the People page."""
    row = page.locator("[class*=st-key-person-]").filter(has_text=name)
    row.get_by_role("combobox").click()
    page.get_by_role("option", name=role).click()
    if accepted:
        badge = {"Administrator": "administrator", "Blocked": "blocked"}.get(role)
        if badge:
            expect(row).to_contain_text(badge, timeout=LONG_MS)
        else:
            expect(row).not_to_contain_text("administrator", timeout=LONG_MS)


def test_a_shared_passcode_opens_the_server_for_a_browser(
    own_server: Callable[..., Server], new_browser: Callable[[], BrowserContext]
) -> None:
    server = own_server(ROUNDTABLE_PASSCODE=PASSCODE)
    context = new_browser()
    page = context.new_page()
    page.goto(server.url)
    field = page.get_by_label("Passcode of this server")
    expect(field).to_be_visible(timeout=60_000)
    assert context.request.get(f"{server.url}/export/json").status == 404
    field.fill("a wrong passcode")
    field.press("Enter")
    expect(page.get_by_text("Wrong passcode.")).to_be_visible(timeout=60_000)
    field.fill(PASSCODE)
    field.press("Enter")
    expect(page.locator(BOX)).to_be_visible(timeout=60_000)
    assert context.request.get(f"{server.url}/export/json").status == 200
    page.reload()
    expect(page.locator(BOX)).to_be_visible(timeout=60_000)
    stranger = new_browser().new_page()
    stranger.goto(server.url)
    expect(stranger.get_by_label("Passcode of this server")).to_be_visible(timeout=60_000)
    assert PASSCODE not in server.log
