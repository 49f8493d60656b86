"""What a page begins with: a demo while nobody is set up, and nothing made up from then on."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.errors import Auth
from core.providers.limits import key_hash
from core.ui.app_state import AppState
from tests.pages.conftest import ME, cell, open_rows, provider_table, texts, with_keys

KEY = {"together": "0123456789abcdef0123456789abcdef"}
NAMES = ["text-embedding-v3", "qwen-plus", "qwen3-8b"]


def with_key(at: AppTest) -> AppTest:
    return with_keys(at, KEY)


def test_a_first_visit_is_a_demo_that_says_so(open_page: Callable[..., AppTest]) -> None:
    assert "Demo" in texts(open_page())


def test_a_key_without_known_models_is_never_simulated(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = with_key(open_page())
    assert not at.exception
    assert "Demo" not in texts(at)
    assert "right size" in texts(at)


def test_the_models_that_a_provider_listed_are_the_default(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.engine.directory.listings.keep("together", KEY["together"], NAMES, lasting=False)
    assert "from Together will answer" in texts(with_key(open_page()))


def test_a_comparison_begins_with_real_models_alone(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.engine.directory.listings.keep("together", KEY["together"], NAMES, lasting=False)
    at = open_page("compare")
    with_key(at)
    del at.session_state["line-up"]
    at.query_params.clear()
    at.run()
    assert list(at.session_state["line-up"]["m"]) == ["together/qwen3-8b", "together/qwen-plus"]


def test_why_a_list_is_missing_stands_in_the_picker(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.engine.directory.listings.failed("together", KEY["together"], Auth("no"))
    at = with_key(open_page())
    at.session_state["pick-chat"] = True
    assert "Could not list the models" in texts(at.run())
    at = with_key(open_page("providers"))
    assert "Could not list the models" in texts(open_rows(at, "together"))


def keyed(shared: AppState, keys: dict[str, str]) -> None:
    for provider_id, key in keys.items():
        shared.pasted_keys.keep(ME, provider_id, key)


def refuse(shared: AppState) -> None:
    shared.engine.directory.last_calls.note("together", key_hash("together", KEY["together"]), Auth("no"))


def test_a_refused_key_is_not_ready_anywhere(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.engine.directory.listings.keep("together", KEY["together"], NAMES, lasting=False)
    keys = {**KEY, "groq": "gsk_0123456789abcdef"}
    at = open_page()
    with_keys(at, keys)
    refuse(shared)
    assert "from Together will answer" not in texts(at.run())
    at.session_state["model"] = "together/qwen-plus"
    assert "Together rejected the key" in texts(at.run())
    at = open_page("compare")
    with_keys(at, keys)
    del at.session_state["line-up"]
    at.query_params.clear()
    at.run()
    assert {name.partition("/")[0] for name in at.session_state["line-up"]["m"]} == {"groq"}


def test_the_row_and_the_card_of_a_refused_key_say_so(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.open()
    refuse(shared)
    at = with_key(open_page("providers"))
    assert "key rejected" in cell(at, "together", "state")
    assert "rejected this key" in texts(open_rows(at, "together"))


def test_a_row_stays_open_and_in_its_place_when_its_state_changes(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_rows(with_key(open_page("providers")), "together")
    before = list(provider_table(at))
    refuse(shared)
    texts_now = texts(at.run())
    assert "key rejected" in cell(at, "together", "state")
    assert "rejected this key" in texts_now
    assert list(provider_table(at)) == before
