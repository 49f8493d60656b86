"""The strip above the providers: what ends, what is gone and why, what is new; and a chat whose model has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.options import load
from core.providers.limits import key_hash
from core.providers.model_states import ModelState
from core.ui import app_state, owner, visitor
from core.ui.app_state import AppState
from tests.net.faulty_server import FaultyServer
from tests.pages.conftest import ME, in_address, texts
from tests.pages.test_last_day import popovers

KEY = "gsk_0123456789abcdef0123"
LAST_DAY = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
AFTER = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
OLD, NEW = "gemini/gemini-2.5-flash", "gemini/gemini-3.5-flash-lite"
BIG, SMALL, QWEN = "openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3.8-27b"


@pytest.fixture
def clock() -> list[datetime]:
    """The instant at which everything happens, as its only item."""
    return [LAST_DAY]


@pytest.fixture
def shared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: FaultyServer, clock: list[datetime]
) -> Iterator[AppState]:
    """The app with a clock that stands still, and with Gemini at a server on this computer."""
    (tmp_path / ".streamlit").mkdir()
    table = f'[gemini]\nwire = "openai"\nauth = "bearer"\nbase_url = "{server.url("good")}"\nown = false\n'
    (tmp_path / ".streamlit" / "providers.toml").write_text(table, encoding="utf-8")
    settings = load(environ={"ROUNDTABLE_LOCAL_SERVERS": "false"}, secrets={}, folder=tmp_path)
    state = AppState(build(settings, folder=tmp_path, now=lambda: clock[0]))
    monkeypatch.setattr(app_state, "_app_state", state)
    monkeypatch.setattr(owner, "current", lambda: ME)
    monkeypatch.setattr(visitor, "is_new", lambda: True)
    monkeypatch.setattr(visitor, "settle", lambda: None)
    yield state
    state.close()
    app_state.reset()


@pytest.fixture
def page(open_page: Callable[..., AppTest], shared: AppState) -> Callable[..., str]:
    """The words of the strip for somebody with keys for these providers."""

    def strip(*keyed: str) -> str:
        for provider_id in keyed:
            assert shared.pasted_keys.keep(ME, provider_id, KEY)
        at = open_page("providers")
        assert not at.exception
        return texts(at).replace("\\", "")

    return strip


def test_who_has_no_key_is_told_what_ends_soon_anywhere(page: Callable[..., str]) -> None:
    strip = page()
    assert "**Ends soon**" in strip
    assert "gemini-2.5-flash :gray[Google Gemini] :orange[ends tomorrow]; replaced by gemini-3.5-flash-lite" in strip


def test_who_has_a_key_is_told_of_their_own_provider_first(page: Callable[..., str], clock: list[datetime]) -> None:
    clock[0] = datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert page().index("claude-sonnet-4-5 :gray") < page().index("gemini-2.5-flash :gray")
    own = page("gemini")
    assert own.index("gemini-2.5-flash :gray") < own.index("claude-sonnet-4-5 :gray")


def test_what_ends_at_others_is_counted_for_who_has_a_key_and_opens_on_a_click(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    assert shared.pasted_keys.keep(ME, "groq", KEY)
    at = open_page("providers")
    assert "**Ends soon**" in texts(at)
    assert "without a key" in popovers(at)


def test_where_nothing_happens_nothing_stands(page: Callable[..., str], clock: list[datetime]) -> None:
    clock[0] = datetime(2027, 12, 1, tzinfo=UTC)
    strip = page()
    assert not any(title in strip for title in ("Ends soon", "Just gone", "New this week"))


def test_a_model_that_ended_is_just_gone_for_a_week(page: Callable[..., str], clock: list[datetime]) -> None:
    clock[0] = AFTER
    strip = page("gemini")
    assert "**Just gone**" in strip
    assert "gemini-2.5-flash :gray[Google Gemini] ended on 2026-12-01; replaced by gemini-3.5-flash-lite" in strip
    assert "gemini-2.5-flash :gray[Google Gemini] :orange[ends" not in strip
    clock[0] = AFTER + timedelta(days=7)
    assert "**Just gone**" not in page("gemini")


def test_a_refusal_and_a_list_tell_that_a_model_is_gone_and_why(
    page: Callable[..., str], shared: AppState, clock: list[datetime]
) -> None:
    shared.open()
    directory = shared.engine.directory
    directory.listings.keep("groq", KEY, [BIG, SMALL, QWEN], lasting=False)
    clock[0] += timedelta(days=1)
    directory.listings.keep("groq", KEY, [BIG, SMALL], lasting=False)
    clock[0] += timedelta(hours=3)
    refused = ModelState("gone", clock[0] - timedelta(hours=2), "refusal", "not_found")
    directory.model_life.states.note("groq", key_hash("groq", KEY), SMALL, refused)
    strip = page("groq")
    assert f"{QWEN} :gray[Groq] missing in the provider's list, seen 3 hours ago" in strip
    assert f"{SMALL} :gray[Groq] the provider refused it as unknown 2 hours ago" in strip
    assert BIG not in strip
    clock[0] += timedelta(days=8)
    directory.listings.keep("groq", KEY, [BIG, SMALL], lasting=False)  # listed again every day, and missing for long
    assert "Just gone" not in page("groq")


def test_new_models_of_a_list_are_told_for_a_week_and_the_rest_open(
    page: Callable[..., str], shared: AppState, clock: list[datetime], open_page: Callable[..., AppTest]
) -> None:
    names = [BIG, SMALL, QWEN]
    shared.engine.directory.listings.keep("groq", KEY, names, lasting=False)
    clock[0] += timedelta(days=1)
    shared.engine.directory.listings.keep("groq", KEY, [*names, "a/chat", "b/chat", "c/chat"], lasting=False)
    strip = page("groq")
    assert "**New this week**" in strip
    assert all(f"{name}/chat :gray[Groq]" in strip for name in "abc")
    assert any("+ 1 more" in str(block.proto) for block in open_page("providers").get("popover"))
    clock[0] += timedelta(days=8)
    assert "New this week" not in page("groq")


def test_an_ended_model_leaves_a_button_that_goes_on_with_its_successor(
    open_page: Callable[..., AppTest], shared: AppState, clock: list[datetime], server: FaultyServer
) -> None:
    assert shared.pasted_keys.keep(ME, "gemini", KEY)
    at = open_page()
    at.session_state["model"] = OLD
    at.run()
    next(toggle for toggle in at.toggle if str(toggle.key).endswith("never_substitute")).set_value(True).run()
    clock[0] = AFTER
    calls = server.calls["good"]
    at.chat_input(key="ask").set_value("Who are you?").run()
    assert not at.exception
    assert server.calls["good"] == calls
    assert "ended on 2026-12-01" in texts(at).replace("\\", "")
    go_on = next(button for button in at.button if str(button.key).startswith("instead-"))
    assert go_on.label.replace("\\", "") == "Go on with gemini-3.5-flash-lite (Google Gemini)"
    go_on.click().run()
    assert not at.exception
    view = shared.workspace.of(ME).chats.get(in_address(at, "c"))
    [turn] = view.turns
    assert turn.completion
    assert (turn.prompt, turn.completion.model_id, turn.completion.error) == ("Who are you?", NEW, None)
    assert server.calls["good"] == calls + 1
    at.chat_input(key="ask").set_value("And now?").run()
    view = shared.workspace.of(ME).chats.get(in_address(at, "c"))
    assert [entry.model_id for entry in view.turns] == [NEW, NEW]
