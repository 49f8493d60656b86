"""Chromium, and the real app and simulator as processes of their own, for the tests of this folder.

    def test_hello(page, app_server):
        page.goto(app_server().url)

`app_server(NAME="value")` starts the app with these environment variables, or hands out the one that already runs
with them; `simulate_server("--seed", "1")` does the same for scripts/simulate. Both give a `Server`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, WebSocket, expect, sync_playwright

from bench.process import free_port
from scripts.setup import browser as chromium
from tests.browser.screen import LONG_MS
from tests.browser.servers import ROOT, Server, Servers, copy_app
from tests.guard.outside import is_here

SHOTS = Path(__file__).parent / "shots"
SIZE: ViewportSize = {"width": 1280, "height": 900}
STORED = "local_storage,indexeddb,service_workers,cache_storage,file_systems"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="package")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A profile that `page` empties after each test but for the cache: Chromium compiles Streamlit's scripts once.

    Of this package only: while it lives, no other test of this process can run an event loop.
    """
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.ADVICE)
    expect.set_options(timeout=LONG_MS)  # playwright's own five seconds are too few on a busy computer
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=path, args=FLAGS, locale="en-US", viewport=SIZE
        )
        yield context
        context.close()


@pytest.fixture(scope="package")
def browser(profile: BrowserContext) -> Browser:
    """For further people: each `new_context()` has a profile of its own."""
    assert profile.browser
    return profile.browser


@pytest.fixture
def asked_elsewhere() -> Iterator[list[str]]:
    """What the page asked of other computers; must be empty, or emptied, when the test ends."""
    urls: list[str] = []
    yield urls
    assert not urls, f"the page asked another computer: {urls}"


@pytest.fixture
def page(profile: BrowserContext, asked_elsewhere: list[str], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of an empty profile, in English; where the test fails, its picture is kept in `shots/`."""
    seen: list[str] = []

    def on_request(request: Request) -> None:
        seen.append(request.url)
        note(request, asked_elsewhere)

    opened = profile.new_page()
    profile.on("request", on_request)
    opened.on("websocket", lambda socket: note(socket, asked_elsewhere))
    failures = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failures:
        SHOTS.mkdir(exist_ok=True)
        opened.screenshot(path=SHOTS / f"{request.node.name}.png")
    profile.remove_listener("request", on_request)
    empty(profile, {urlsplit(url)._replace(path="", query="", fragment="").geturl() for url in seen})


def empty(profile: BrowserContext, origins: set[str]) -> None:
    """Close its pages but for the first, which keeps Chromium running, and delete all that these origins stored."""
    first, *others = profile.pages
    for page in others:
        page.close()
    profile.clear_cookies()
    client = profile.new_cdp_session(first)
    for origin in origins:
        client.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    client.detach()


def note(request: Request | WebSocket, urls: list[str]) -> None:
    address = urlsplit(request.url)
    if address.scheme in {"http", "https", "ws", "wss"} and not is_here(address.hostname):
        urls.append(request.url)


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("servers")) as started:
        yield started


@pytest.fixture(scope="package")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_app(tmp_path_factory.mktemp("app"))


@pytest.fixture(scope="package")
def app_server(servers: Servers, app_folder: Path) -> Callable[..., Server]:
    def start(**environment: str) -> Server:
        words = "-m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.headless true --server.port"
        return servers.start([sys.executable, *words.split()], app_folder, environment, health="/_stcore/health")

    return start


@pytest.fixture
def own_server(servers: Servers, app_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """As `app_server`, with a database of this test's own, always a new process; stopped when the test ends."""
    started: list[Server] = []

    def start(**environment: str) -> Server:
        words = "-m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.headless true --server.port"
        port = started[0].url.rpartition(":")[2] if started else str(free_port())
        environment = {"ROUNDTABLE_DATA_FOLDER": str(tmp_path), **environment}
        server = servers.open([sys.executable, *words.split(), port], app_folder, environment)
        started.append(server)
        server.wait("/_stcore/health")
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="package")
def simulate_server(servers: Servers) -> Callable[..., Server]:
    def start(*arguments: str) -> Server:
        command = [sys.executable, "-m", "core.simulator", *arguments, "--port"]
        return servers.start(command, ROOT, {}, health=None)

    return start


@pytest.fixture(autouse=True)
def servers_stay_inside(servers: Servers, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which a server tried to reach another computer; show the logs of a test that failed."""
    failures = request.session.testsfailed
    yield
    if request.session.testsfailed > failures:
        for server in servers.started.values():
            print(f"--- {server.url}\n{server.log[-4000:]}")
    assert servers.reported() == ""
