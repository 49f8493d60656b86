"""A model without a key: the question waits in the chat until the person said who answers it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.providers import catalog
from core.ui.app_state import AppState
from tests.net.faulty_server import FaultyServer
from tests.pages.conftest import ME, in_address, texts
from tests.workspace.acme import KEYS, per, table

DAY = per("requests", "day", 1000)


@pytest.fixture
def failed_page(
    open_page: Callable[..., AppTest], shared: AppState, server: FaultyServer, tmp_path: Path
) -> Callable[[], AppTest]:
    """A question to Acme, which has no key, by somebody with a key for Bolt."""
    (tmp_path / ".streamlit").mkdir()
    tables = [table(name, server.url("good"), DAY) for name in ("acme", "bolt")]
    (tmp_path / ".streamlit" / "providers.toml").write_text("\n".join(tables), encoding="utf-8")
    shipped = catalog.load({}, tmp_path).providers
    providers = shared.engine.catalog.providers
    providers.update({name: shipped[name] for name in ("acme", "bolt")})

    def ask() -> AppTest:
        at = open_page()
        shared.pasted_keys.keep(ME, "bolt", KEYS["bolt"])
        at.session_state["model"] = "acme/small"
        at.run()
        return at.chat_input(key="ask").set_value("Who are you?").run()

    return ask


def button(at: AppTest, name: str) -> AppTest:
    return next(candidate for candidate in at.button if str(candidate.key).startswith(name)).click().run()


def answered(shared: AppState, at: AppTest) -> list[str]:
    view = shared.workspace.of(ME).chats.get(in_address(at, "c"))
    return [turn.completion.model_id if turn.completion else "" for turn in view.turns]


def test_nothing_is_sent_and_the_question_is_kept(
    failed_page: Callable[[], AppTest], server: FaultyServer, shared: AppState
) -> None:
    before = server.calls["good"]
    at = failed_page()
    assert not at.exception
    assert server.calls["good"] == before
    assert "Nothing was sent. Your question is kept here." in texts(at)
    assert "Who are you?" in texts(at)


def test_another_answers_once(failed_page: Callable[[], AppTest], shared: AppState) -> None:
    at = button(failed_page(), "this-time-")
    assert not at.exception
    assert answered(shared, at) == ["bolt/small"]
    at.chat_input(key="ask").set_value("And now?").run()
    assert answered(shared, at) == ["bolt/small", "acme/small"]
    assert "Nothing was sent. Your question is kept here." in texts(at)


def test_another_answers_always_until_that_is_taken_back(failed_page: Callable[[], AppTest], shared: AppState) -> None:
    at = button(failed_page(), "always-")
    assert not at.exception
    at.chat_input(key="ask").set_value("And now?").run()
    assert answered(shared, at) == ["bolt/small", "bolt/small"]


def test_a_key_is_pasted_in_place(failed_page: Callable[[], AppTest], shared: AppState) -> None:
    at = failed_page()
    field = next(field_ for field_ in at.text_input if str(field_.key).startswith("paste-here-"))
    field.set_value(KEYS["acme"]).run()
    assert not at.exception
    assert shared.pasted_keys.of(ME)["acme"] == KEYS["acme"]
    assert answered(shared, at) == ["acme/small"]
