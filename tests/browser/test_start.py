"""The app starts for a stranger: no key, no network, no settings."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.servers import Server

READY = "[data-testid=stApp][data-test-script-state=notRunning]"


def test_the_chat_opens_without_an_error(page: Page, app_server: Callable[..., Server]) -> None:
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(app_server().url)
    page.wait_for_selector(READY)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    assert broken == []
    assert "Traceback" not in app_server().log


def test_no_page_asks_for_what_is_not_there(page: Page, app_server: Callable[..., Server]) -> None:
    refused: list[str] = []
    page.on("response", lambda reply: refused.append(f"{reply.status} {reply.url}") if reply.status >= 400 else None)
    page.goto(f"{app_server().url}/compare")
    page.wait_for_selector(READY)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()
    assert refused == []


def test_the_server_is_stopped_by_its_process_id(app_server: Callable[..., Server]) -> None:
    server = app_server(OTHER="1")
    assert server.url != app_server().url
    server.stop()
    assert not server.answers("/_stcore/health")


def test_asking_another_computer_is_noticed(page: Page, asked_elsewhere: list[str]) -> None:
    page.set_content('<img src="http://192.0.2.1/pixel.png"><img src="http://127.0.0.1:9/pixel.png">')
    page.wait_for_load_state()
    assert asked_elsewhere == ["http://192.0.2.1/pixel.png"]
    asked_elsewhere.clear()


def test_the_simulator_answers_over_http(simulate_server: Callable[..., Server]) -> None:
    server = simulate_server("--speed", "0")
    assert simulate_server("--speed", "0") is server
    assert server.answers("/_simulator/calls")
