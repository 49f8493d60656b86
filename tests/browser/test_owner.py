"""A host that brings no cookies of ours: the browser's own storage keeps a visitor's name."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS, answers, ask, calm, open_page, questions
from tests.browser.servers import Server, Servers


@pytest.fixture
def plain_server(servers: Servers, app_folder: Path, tmp_path: Path) -> Server:
    """The app as a plain script, without the launcher that sets the cookie."""
    folder = tmp_path / "plain"
    shutil.copytree(app_folder, folder)
    script = folder / "streamlit_app.py"
    text = script.read_text(encoding="utf-8")
    script.write_text(re.sub(r'if __name__ != "__main__":\n(?: .*\n)+else:', "if True:", text), encoding="utf-8")
    assert "st.App" not in script.read_text(encoding="utf-8")
    words = "-m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.headless true --server.port"
    return servers.start([sys.executable, *words.split()], folder, {}, health="/_stcore/health")


def test_a_reload_finds_the_answer_without_cookies(page: Page, plain_server: Server) -> None:
    open_page(page, plain_server.url)
    calm(page)
    ask(page, "Explain tides in two sentences")
    expect(questions(page)).to_have_count(1, timeout=LONG_MS)
    expect(answers(page).last).to_contain_text("tok/s", timeout=LONG_MS)
    calm(page)
    assert not [cookie for cookie in page.context.cookies() if cookie.get("name") == "roundtable"]
    whole = answers(page).last.inner_text()
    page.reload()
    expect(questions(page)).to_have_text(["Explain tides in two sentences"], timeout=LONG_MS)
    calm(page)
    assert answers(page).last.inner_text()[:80] == whole[:80]

    stranger = page.context.browser.new_context(locale="en-US")  # type: ignore[union-attr]
    other = stranger.new_page()
    open_page(other, page.url)
    calm(other)
    expect(questions(other)).to_have_count(0)
    stranger.close()


def test_a_name_planted_in_the_storage_is_replaced(page: Page, plain_server: Server) -> None:
    """Its planter would otherwise read whatever the visitor writes."""
    page.add_init_script("localStorage.getItem('roundtable') ?? localStorage.setItem('roundtable', 'a1'.repeat(16))")
    open_page(page, plain_server.url)
    page.wait_for_function("localStorage.getItem('roundtable') !== 'a1'.repeat(16)", timeout=LONG_MS)
    calm(page)
    name = page.evaluate("localStorage.getItem('roundtable')")
    ask(page, "Explain tides in two sentences")
    expect(answers(page).last).to_contain_text("tok/s", timeout=LONG_MS)
    calm(page)
    page.reload()
    expect(questions(page)).to_have_count(1, timeout=LONG_MS)
    assert page.evaluate("localStorage.getItem('roundtable')") == name
