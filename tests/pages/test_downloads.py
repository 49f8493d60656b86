"""Files that are made on click, when no page runs: on another thread, without the session."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.options import load
from core.store import runs
from core.ui.app_state import AppState
from tests.pages.conftest import ME, a_chat
from tests.pages.test_faq import PASSWORD, knock

Made = Callable[[str], str | bytes]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """The content of the file behind the button with this key, of the page that ran last."""
    makers: dict[str, Callable[[], str | bytes]] = {}

    def button(_label: str, data: Callable[[], str | bytes], *_: Any, key: str, **__: Any) -> None:
        makers[key] = data

    monkeypatch.setattr(st, "download_button", button)

    def content(key: str) -> str | bytes:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(makers[key]).result()

    return content


def test_votes_are_those_of_whoever_clicked(
    shared: AppState,
    open_page: Callable[..., AppTest],
    made: Made,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id, lanes = runs.create(shared.workspace.database, ME, "r1", ["sim/quick", "sim/steady"], prompt="p")
    shown = [(lane.conversation_id, lane.model_id) for lane in lanes]
    shared.workspace.of(ME).votes.cast(run_id, 0, 0, shown, "facts")
    assert not open_page("insights").exception
    monkeypatch.setattr("core.ui.owner.current", lambda: "nobody that a thread could know")
    assert "sim/quick" in str(made("votes-csv"))


def test_the_log_of_calls_is_there_for_an_administrator(
    shared: AppState, open_page: Callable[..., AppTest], made: Made, tmp_path: Path
) -> None:
    environ = {"ROUNDTABLE_SIMULATOR_SPEED": "1000", "ROUNDTABLE_ADMIN_PASSWORD": PASSWORD}
    shared.engine = build(load(environ=environ, secrets={}, folder=tmp_path), folder=tmp_path)
    a_chat(shared.workspace, "Explain tides")
    assert not knock(open_page("audit"), PASSWORD).exception
    assert "sim/quick" in str(made("audit-csv"))
