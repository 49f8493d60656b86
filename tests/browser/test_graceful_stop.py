"""SIGTERM to a real server: the answer that is watched ends, new questions are refused, nothing is left running."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, answers, ask, open_page
from tests.browser.servers import Server

Start = Callable[..., Server]
WAIT_S = 60.0


def get(server: Server, path: str, host: str | None = "lb.example.net") -> tuple[int, str]:
    """Status and body, as a load balancer asks: under a name that is not the server's; None: under its own."""
    request = urllib.request.Request(server.url + path, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < give_up, "it never came"
        time.sleep(0.05)


def states(folder: Path) -> list[tuple[str, str, str]]:
    """(state of the job, state of the answer, its text), oldest first."""
    with closing(sqlite3.connect(folder / "roundtable.db")) as connection:
        query = (
            "SELECT jobs.state, messages.state, messages.text FROM jobs JOIN messages ON messages.id = jobs.message_id"
        )
        return connection.execute(f"{query} ORDER BY jobs.created_at").fetchall()


def test_the_checks_answer_to_any_name_and_tell_nothing_secret(own_server: Start) -> None:
    server = own_server(ROUNDTABLE_ADMIN_PASSWORD="open sesame 1")
    assert get(server, "/healthz") == (200, "ok\n")
    until(lambda: get(server, "/readyz")[0] == 200)
    parts = json.loads(get(server, "/readyz")[1])
    assert parts == {
        "ready": True, "state": "running", "database": "ok", "spool": "ok", "waiting": 0, "loop": True
    }  # fmt: skip
    assert get(server, "/")[0] == 403
    assert get(server, "/_stcore/metrics", host=None)[0] == 404  # Streamlit's own figures, for everybody


def test_a_running_answer_ends_and_new_questions_are_refused(page: Page, own_server: Start, tmp_path: Path) -> None:
    server = own_server(ROUNDTABLE_SIMULATOR_SPEED="1", ROUNDTABLE_STOP_GRACE_S="120")
    until(lambda: get(server, "/readyz")[0] == 200)
    open_page(page, server.url)
    other = page.context.new_page()
    open_page(other, server.url)
    ask(page, "A long story, 1000 words")
    until(lambda: bool(states(tmp_path)))
    os.kill(server.pid, signal.SIGTERM)
    until(lambda: get(server, "/readyz")[0] == 503)
    assert json.loads(get(server, "/readyz")[1])["state"] == "stopping"
    assert get(server, "/healthz")[0] == 200
    ask(other, "Too late")
    expect(other.get_by_text("Roundtable is being restarted.")).to_be_visible(timeout=LONG_MS)
    expect(answers(page).last).to_contain_text("tok/s", timeout=LONG_MS)
    assert server.process.wait(WAIT_S) == 0
    [(job, answer, text)] = states(tmp_path)
    assert (job, answer) == ("done", "done")
    assert len(text) > 100


def test_what_takes_too_long_is_kept_as_interrupted(page: Page, own_server: Start, tmp_path: Path) -> None:
    server = own_server(ROUNDTABLE_SIMULATOR_SPEED="0.3", ROUNDTABLE_STOP_GRACE_S="0")
    open_page(page, server.url)
    ask(page, "A long story, 2000 words")
    expect(answers(page)).to_have_count(1, timeout=LONG_MS)
    until(lambda: len(answers(page).last.inner_text()) > 500)
    os.kill(server.pid, signal.SIGTERM)
    assert server.process.wait(WAIT_S) == 0
    [(job, answer, text)] = states(tmp_path)
    assert (job, answer) == ("interrupted", "interrupted")
    assert len(text) > 300
    assert "Traceback" not in server.log
