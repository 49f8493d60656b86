"""A fault in a page, a callback and a fragment of the real app: a sentence with its id, and a line in the log."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS
from tests.browser.servers import Server, Servers

SECRET = "what the person wrote"
FAULTS = """

def broken() -> None:
    raise KeyError(" ".join(["what", "the", "person", "wrote"]))


@st.fragment
def part() -> None:
    if st.button("Break a fragment"):
        broken()


part()
st.button("Break a callback", on_click=broken)
if st.button("Break the page"):
    broken()
"""


@pytest.fixture
def broken_server(servers: Servers, app_folder: Path, tmp_path: Path) -> Iterator[Server]:
    """The app with three faults on its Quota page."""
    folder = tmp_path / "app"
    shutil.copytree(app_folder, folder)
    with (folder / "pages" / "quota.py").open("a") as page:
        page.write(FAULTS)
    words = "-m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.headless true --server.port"
    server = servers.start(
        [sys.executable, *words.split()], folder, {"ROUNDTABLE_LOG_FORMAT": "json"}, health="/_stcore/health"
    )
    yield server
    server.stop()


@pytest.mark.parametrize("button", ["Break the page", "Break a callback", "Break a fragment"])
def test_a_fault_is_a_sentence_with_an_id(page: Page, broken_server: Server, button: str) -> None:
    page.goto(f"{broken_server.url}/quota")
    page.get_by_role("button", name=button).click(timeout=LONG_MS)
    sentence = page.get_by_text("Something broke here")
    expect(sentence).to_be_visible(timeout=LONG_MS)
    match = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", sentence.inner_text())
    assert match
    assert page.get_by_text("Traceback").count() == page.get_by_text("KeyError").count() == 0
    lines = [json.loads(line) for line in broken_server.log.splitlines() if line.startswith("{")]
    [fault] = [line for line in lines if line.get("event") == "page_failed"]
    assert (fault["id"], fault["page"], fault["error"]) == (match[0], "quota", "KeyError")
    assert any("in broken" in line for line in fault["traceback"])
    assert SECRET not in broken_server.log
