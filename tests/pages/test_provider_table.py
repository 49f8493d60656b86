"""The Providers page as a table, without a browser: what its cells tell, order, filters, and what the address keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.errors import Auth
from core.options import load
from core.providers.limits import key_hash
from core.providers.model_states import ModelState
from core.records import Attempt, Privacy
from core.ui import app_state
from core.ui.app_state import AppState
from core.ui.providers import filters
from core.ui.providers.table import COLUMNS
from tests.pages.conftest import ME, cell, in_address, open_rows, provider_table, with_keys
from tests.pages.test_latency import answered
from tests.pages.test_quota import KEY, MODEL, call

KEYS = {"groq": KEY}


@pytest.fixture
def with_groq(shared: AppState) -> AppState:
    assert shared.pasted_keys.keep(ME, "groq", KEY)
    return shared


def seen(shared: AppState, name: str, state: str, *, hours: int = 2, why: str = "") -> None:
    shared.open()
    at = datetime.now(UTC) - timedelta(hours=hours)
    states = shared.engine.directory.model_life.states
    states.note("groq", key_hash("groq", KEY), name, ModelState(state, at, "call", why))  # type: ignore[arg-type]


def test_what_is_left_is_counted_and_what_is_unknown_is_no_0(
    open_page: Callable[..., AppTest], with_groq: AppState
) -> None:
    with_groq.open()
    call(with_groq, MODEL)
    at = open_page("providers")
    assert not at.exception
    assert cell(at, "groq", "requests") == "2,999 of 3,000"
    assert cell(at, "gemini", "requests") == "1,130+"
    assert cell(at, "llm7", "requests") == "60 of 60 per hour"
    assert cell(at, "anthropic", "requests") == ""
    assert cell(at, "mistral", "tokens") == "10 USD per month"  # half a million a minute says nothing of a day
    assert not any(
        re.fullmatch("0( of .*)?", row[name]["text"]) for row in provider_table(at).values() for name in COLUMNS[1:]
    )


def test_money_that_is_left_has_its_unit_once(open_page: Callable[..., AppTest], shared: AppState) -> None:
    assert shared.pasted_keys.keep(ME, "mistral", KEY)
    assert cell(open_page("providers"), "mistral", "tokens") == "10 of 10 USD per month"


def test_two_models_of_one_pool_take_from_the_same(open_page: Callable[..., AppTest], shared: AppState) -> None:
    assert shared.pasted_keys.keep(ME, "openrouter", KEY)
    shared.open()
    first, second = [model.id for model in shared.engine.catalog.providers["openrouter"].models if ":free" in model.id][
        :2
    ]
    call(shared, first)
    call(shared, second)
    assert cell(open_page("providers"), "openrouter", "requests").startswith("48 of 50")


@pytest.mark.parametrize(
    ("state", "why", "expected"),
    [
        ("live", "", "live 2 hours ago"),
        ("limited", "rate_limited", "limited 2 hours ago"),
        ("limited", "needs_card", "limited asks for a card"),
        ("degraded", "server", "degraded 2 hours ago"),
    ],
)
def test_the_state_is_that_of_the_last_call(
    open_page: Callable[..., AppTest], with_groq: AppState, state: str, why: str, expected: str
) -> None:
    seen(with_groq, "openai/gpt-oss-20b", "live", hours=5)
    seen(with_groq, "openai/gpt-oss-120b", state, why=why)
    assert cell(open_page("providers"), "groq", "state") == expected


def test_a_provider_is_gone_only_with_all_its_models(open_page: Callable[..., AppTest], with_groq: AppState) -> None:
    names = [model.name for model in with_groq.engine.catalog.providers["groq"].models]
    seen(with_groq, names[0], "live", hours=3)
    seen(with_groq, names[1], "gone", hours=2, why="not_found")
    assert cell(open_page("providers"), "groq", "state") == "live 3 hours ago"
    for name in names:
        seen(with_groq, name, "gone", why="not_found")
    assert cell(open_page("providers"), "groq", "state") == "gone 2 hours ago"


def test_a_key_that_was_never_used_is_unknown_and_a_refused_one_says_so(
    open_page: Callable[..., AppTest], with_groq: AppState
) -> None:
    assert cell(open_page("providers"), "groq", "state") == "unknown not tested yet"
    assert cell(open_page("providers"), "mistral", "state") == "no key"
    with_groq.engine.directory.last_calls.note("groq", key_hash("groq", KEY), Auth("no"))
    assert cell(open_page("providers"), "groq", "state").startswith("key rejected")


def test_the_first_token_is_measured_here_and_never_simulated(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    shared.open()
    for number in range(3):
        answered(shared, number, MODEL)
    made_up = (Attempt("mistral", "mistral/x", 1, "ok", 300.0, cold=False, simulated=True),)
    answered(shared, 0, "mistral/x", attempts=made_up)
    answered(shared, 24 * 40, "cohere/x")
    at = open_page("providers")
    assert cell(at, "groq", "first-token") == "0.21 s"
    assert cell(at, "mistral", "first-token") == ""
    assert cell(at, "cohere", "first-token") == ""


def test_the_model_that_ends_first_is_named(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.engine.directory.model_life, "_now", lambda: datetime(2026, 11, 29, 12, tzinfo=UTC))
    at = open_page("providers")
    assert cell(at, "gemini", "ends").startswith("2026-12-01 gemini-2.5-")
    assert provider_table(at)["gemini"]["ends"]["tone"] == "warning"
    monkeypatch.setattr(shared.engine.directory.model_life, "_now", lambda: datetime(2026, 12, 2, 12, tzinfo=UTC))
    assert "2.5" not in cell(open_page("providers"), "gemini", "ends")


def test_ready_ones_come_first_then_by_what_they_give(open_page: Callable[..., AppTest], with_groq: AppState) -> None:
    order = list(provider_table(open_page("providers")))
    assert order.index("groq") < order.index("nvidia") < order.index("requesty") < order.index("cerebras")
    assert order.index("cerebras") < order.index("openai") < order.index("ollama") < order.index("github-models")


@pytest.mark.parametrize(
    ("column", "first", "last"),
    [("provider", "ai21", "zhipu"), ("-provider", "zhipu", "ai21"), ("requests", "nvidia", None), ("ends", None, None)],
)
def test_every_column_sorts_and_unknown_comes_last(
    open_page: Callable[..., AppTest], column: str, first: str | None, last: str | None
) -> None:
    at = open_page("providers", sort=column)
    order = list(provider_table(at))
    assert len(order) == len(set(order)) == len(provider_table(open_page("providers")))
    assert first is None or order.index(first) < 3
    assert last is None or order.index(last) > len(order) - 4
    texts = [row[column.strip("-")].get("text", "") for row in provider_table(at).values()]
    assert column.endswith("provider") or sorted(texts, key=lambda text: text == "") == texts


def test_a_click_on_a_head_sorts_and_a_second_one_turns_it_round(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    at.selectbox(key="sort").set_value("provider").run()
    upwards = list(provider_table(at))
    assert in_address(at, "sort") == "provider"
    at.session_state["providers-reversed"] = True
    at.run()
    assert list(provider_table(at)) == upwards[::-1]
    assert in_address(at, "sort") == "-provider"


@pytest.mark.parametrize("name", [*filters.FILTERS])
def test_a_filter_keeps_what_it_says(open_page: Callable[..., AppTest], with_groq: AppState, name: str) -> None:
    at = open_page("providers", filter=name)
    providers = with_groq.engine.catalog.providers
    passing = [providers[provider_id] for provider_id in provider_table(at)]
    by_filter: dict[str, bool] = {
        "ready": "groq" in provider_table(at) and "mistral" not in provider_table(at),
        "free": all(provider.free and provider.state == "live" for provider in passing),
        "no-card": all(provider.privacy.card is False for provider in passing),
        "no-phone": all(provider.privacy.phone is False for provider in passing),
        "private": all(provider.privacy.trains is False for provider in passing),
        "trial": all(provider.state == "trial" for provider in passing),
        "local": all(provider.local for provider in passing),
        "retired": all(provider.state == "retired" for provider in passing),
    }
    assert passing
    assert by_filter[name]


def test_filters_and_a_region_hold_together_and_stay_in_the_address(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers")
    at.button_group(key="filter").set_value(["free", "no-card"]).run()
    at.selectbox(key="region").set_value("China").run()
    assert {"zhipu", "siliconflow"} <= set(provider_table(at)) <= {"zhipu", "siliconflow", "modelscope", "spark"}
    assert at.query_params["filter"] == ["free", "no-card"]
    again = open_page("providers", filter=at.query_params["filter"], region=in_address(at, "region"))
    assert list(provider_table(again)) == list(provider_table(at))


def test_nonsense_in_the_address_is_left_out(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers", filter="nothing", region="Atlantis", sort="-use", open="nobody")
    assert not at.exception
    assert list(provider_table(at)) == list(provider_table(open_page("providers")))


def test_what_is_drawn_leaves_the_order_of_the_rows_alone_until_the_reader_sorts(
    open_page: Callable[..., AppTest], with_groq: AppState
) -> None:
    at = with_keys(open_page("providers", filter="ready", open="groq"), KEYS)
    before = list(provider_table(at))
    assert "groq" in before
    at.button(key="forget-groq").click().run()
    assert list(provider_table(at)) == before
    assert provider_table(at)["groq"]["provider"]["open"]
    at.selectbox(key="sort").set_value("provider").run()
    assert "groq" not in provider_table(at)


def test_a_link_opens_a_card_and_the_link_to_the_page_keeps_it(open_page: Callable[..., AppTest]) -> None:
    at = open_page("providers", open="groq")
    assert at.text_input(key="paste-groq")
    assert at.session_state["providers-link"] == {"open": ["groq"]}
    open_rows(at, "groq", "mistral")
    assert at.text_input(key="paste-mistral")
    assert at.query_params["open"] == ["groq", "mistral"]


def test_what_an_operator_says_of_a_provider_is_in_its_row(open_page: Callable[..., AppTest], shared: AppState) -> None:
    providers = shared.engine.catalog.providers
    providers["together"] = replace(providers["together"], privacy=Privacy(True, True, False, region="Atlantis"))
    at = open_page("providers")
    row = [cell(at, "together", name) for name in ("trains", "card", "phone", "region")]
    assert row == ["yes", "yes", "no", "Atlantis"]


def test_after_a_restart_a_newcomer_is_told_what_calls_with_the_installations_key_told(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared.open()
    seen(shared, "openai/gpt-oss-20b", "live")
    shared.close()
    settings = load(environ={"GROQ_API_KEY": KEY, "ROUNDTABLE_LOCAL_SERVERS": "false"}, secrets={}, folder=tmp_path)
    again = AppState(build(settings, folder=tmp_path))
    monkeypatch.setattr(app_state, "_app_state", again)
    try:
        assert cell(open_page("providers"), "groq", "state") == "live 2 hours ago"
    finally:
        again.close()
