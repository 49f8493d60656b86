"""Every page and many of its states by axe-core, light and dark; and what the keyboard does."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.screen import LONG_MS, ask, button, calm, click, composer, wait_for_answer
from tests.browser.servers import Server, Servers, free_port

ADMIN = "ana@example.org"
AXE = Axe()
MOD = "Control"
SHOWN = "dialog.roundtable-dialog[open]"


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
        "GROQ_API_KEY": "gsk_" + "a" * 52,
    }
    server = servers.open([sys.executable, *words.split(), str(port)], folder, environment)
    server.wait("/_stcore/health")
    yield server
    server.kill()
    provider.kill()


@pytest.fixture(scope="module")
def visit(browser: Browser, site: Server) -> Iterator[Page]:
    """One signed-in page for all tests of this file."""
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.url)
    expect(page.get_by_role("button", name="Sign in with Acme")).to_be_visible(timeout=LONG_MS)
    yield page
    context.close()


def faults(page: Page, state: str) -> list[str]:
    """What axe calls serious or critical, a line for each element."""
    result = AXE.run(page, options={"resultTypes": ["violations"]})
    return [
        f"{state}: {fault['id']} {node['target']} {node['html'][:120]} {(node['any'] + node['all'] + node['none'])[0]['message']}"
        for fault in result.response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def theme(page: Page, name: str) -> None:
    """By the palette, so that nothing is loaded again."""
    act(page, f"theme: {name}")
    page.wait_for_function(
        "name => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === name", arg=name
    )


def act(page: Page, words: str) -> None:
    """Do the first thing that the palette finds for these words."""
    page.keyboard.press(f"{MOD}+k")
    page.locator(f"{SHOWN} input").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(SHOWN)).to_have_count(0)


def both(page: Page, state: str) -> list[str]:
    return faults(page, state)


def test_probe(visit: Page, site: Server) -> None:
    page = visit
    seen = both(page, "sign in")
    page.get_by_role("button", name="Sign in with Acme").click()
    page.locator("input[name=sub]").fill(ADMIN)
    page.locator("input[name=sub]").press("Enter")
    expect(composer(page)).to_be_visible(timeout=LONG_MS)
    calm(page)
    import time
    def t(name):
        a=time.time(); r=both(page,name); print(name, round(time.time()-a,2)); return r
    seen += t("empty")
    for th in ("light","dark"):
        theme(page, th)
        for name in ("chat", "compare", "batch", "history", "latency", "quota", "insights", "providers", "faq", "audit", "people"):
            a=time.time()
            act(page, name)
            page.wait_for_url(re.compile(f"/{'' if name == 'chat' else name}(\\?|$)"))
            calm(page)
            time.sleep(.3)
            print('went', name, round(time.time()-a,2))
            seen += [f"{th} {x}" for x in t(name)]
    print("\n".join(x[:330] for x in seen))
    assert not seen
