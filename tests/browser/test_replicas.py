"""Two real app processes on one real PostgreSQL: asked in one, read in the other, and one of them is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, answers, ask, calm, open_page, questions
from tests.browser.servers import Server
from tests.store import postgres

LEASE_S = "4"


@pytest.fixture(scope="module")
def replicas(app_server: Callable[..., Server]) -> Iterator[tuple[Server, Server]]:
    with postgres.running() as database:
        common = {"DATABASE_URL": database.new(), "ROUNDTABLE_LEASE_S": LEASE_S}
        first = app_server(**common, ROUNDTABLE_SIMULATOR_SPEED="0.5", REPLICA="1")
        second = app_server(**common, ROUNDTABLE_SIMULATOR_SPEED="0.5", REPLICA="2")
        yield first, second
        for server in (first, second):
            server.kill()


def test_asked_in_one_read_in_the_other_and_one_dies(page: Page, replicas: tuple[Server, Server]) -> None:
    first, second = replicas
    open_page(page, first.url)
    ask(page, "Explain tides in two sentences")
    expect(answers(page).last).to_contain_text("tok/s", timeout=LONG_MS)
    calm(page)
    whole = answers(page).last.inner_text()
    assert "imulated" in whole
    address = page.url.removeprefix(first.url)

    open_page(page, second.url + address)
    expect(questions(page)).to_have_text(["Explain tides in two sentences"], timeout=LONG_MS)
    calm(page)
    assert answers(page).last.inner_text().split()[:12] == whole.split()[:12]

    open_page(page, first.url + address)
    calm(page)
    ask(page, "Now a long story, 2000 words")
    expect(answers(page)).to_have_count(2, timeout=LONG_MS)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').innerText.length > 1800", timeout=LONG_MS
    )

    other = page.context.new_page()
    open_page(other, second.url + address)
    expect(questions(other)).to_have_count(2, timeout=LONG_MS)
    expect(answers(other).last).to_contain_text("imulated", timeout=LONG_MS)

    os.kill(first.pid, signal.SIGKILL)
    retry = other.get_by_role("button", name="Continue")
    expect(retry).to_be_visible(timeout=60_000)
    text = answers(other).last.inner_text()
    assert len(text) > 500

    other.reload()
    expect(other.get_by_role("button", name="Continue")).to_be_visible(timeout=LONG_MS)
    assert answers(other).last.inner_text()[:400] == text[:400]
    ask(other, "And the moon?")
    expect(questions(other)).to_have_count(3, timeout=LONG_MS)
    expect(answers(other).last).to_contain_text("imulated", timeout=LONG_MS)
