"""Queueing a question until its limit resets, on the pages: the switch, the card, the sidebar, the cap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core.providers import limits
from core.providers.limits import PlannedCall, Price
from core.records import Window
from core.ui import text
from core.ui.app_state import AppState
from core.ui.failures import failure
from core.ui.quota import ledger
from core.ui.scheduled import card, offer
from core.views.conversation import ConversationView
from tests.pages.conftest import ME, in_address, texts, with_keys

GROQ = "groq/openai/gpt-oss-20b"
KEYS = {"groq": "gsk_0123456789abcdef0123456789"}
RESET = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)


def price_of(shared: AppState, **changes: object) -> Price:
    """What a call costs whose limit of the day is as these fields of its window say."""
    provider, model = shared.engine.catalog.find(GROQ)
    ask = PlannedCall(provider, model)
    meters = [meter for meter in limits.meters_of(provider, model.name) if meter.per == "day"]
    windows: list[Window] = [limits.window_of(meter, datetime.now(UTC)) for meter in meters]
    return limits.price([ask], [[replace(window, **changes) for window in windows]])[0]  # type: ignore[arg-type]


@pytest.fixture
def used_up(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day's requests to Groq are used up until RESET."""
    price = price_of(shared, remaining=Decimal(0), resets_at=RESET)

    def prices(model_ids: Sequence[str], history: object = (), efforts: object = ()) -> list[Price]:
        return [price] if GROQ in model_ids else []

    monkeypatch.setattr(ledger, "prices", prices)


@pytest.fixture
def chat(open_page: Callable[..., AppTest], shared: AppState, used_up: None) -> AppTest:
    shared.open()
    at = open_page()
    at.session_state["model"] = GROQ
    return with_keys(at, KEYS)


def view_of(at: AppTest, shared: AppState) -> ConversationView:
    return shared.workspace.of(ME).chats.get(in_address(at, "c"))


def switch(at: AppTest) -> str:
    return next(toggle.key for toggle in at.toggle if toggle.key and toggle.key.startswith("later-"))


def queued(at: AppTest) -> AppTest:
    at.toggle(key=switch(at)).set_value(True).run()
    return at.chat_input(key="ask").set_value("Explain tides").run()


def test_a_used_up_limit_offers_to_send_it_at_the_reset(chat: AppTest, shared: AppState) -> None:
    assert "(in 2 h " in chat.toggle(key=switch(chat)).label
    at = queued(chat)
    assert not at.exception
    turn = view_of(at, shared).turns[0]
    assert (turn.prompt, turn.state) == ("Explain tides", "scheduled")
    (entry,) = shared.workspace.of(ME, KEYS).scheduled.waiting()
    assert (entry.not_before, entry.own_key) == (RESET, True)
    assert "Waits until" in texts(at)
    assert "Waiting (1)" in texts(at)


def test_a_second_question_waits_behind_it_and_cancel_keeps_both_places(chat: AppTest, shared: AppState) -> None:
    at = queued(chat)
    at.chat_input(key="ask").set_value("And the moon?").run()
    assert [turn.state for turn in view_of(at, shared).turns] == ["scheduled", "scheduled"]
    assert "Waits for the answer above" in texts(at)
    assert "Waiting (2)" in texts(at)
    at.button(key="cancel-0").click().run()
    assert not at.exception
    assert [turn.state for turn in view_of(at, shared).turns] == ["stopped", "scheduled"]
    assert "Cancelled before it was sent." in texts(at)
    assert "Waiting (1)" in texts(at)


def test_the_sidebar_cancels_from_any_page(chat: AppTest, shared: AppState, open_page: Callable[..., AppTest]) -> None:
    queued(chat)
    at = open_page("providers")
    assert "Waiting (1)" in texts(at)
    at.button(key="waiting-cancel-0").click().run()
    assert not at.exception
    assert shared.workspace.of(ME).scheduled.waiting() == []


def test_at_the_cap_a_sentence_says_so_and_the_question_is_kept(chat: AppTest, shared: AppState) -> None:
    shared.engine.settings.__dict__["scheduled_questions"] = 1
    at = queued(chat)
    at.chat_input(key="ask").set_value("And the moon?").run()
    assert not at.exception
    assert "the most questions that can wait (1)" in at.warning[0].value
    assert [turn.prompt for turn in view_of(at, shared).turns] == ["Explain tides"]


def test_without_its_key_it_says_so_and_takes_a_new_one(chat: AppTest, shared: AppState) -> None:
    at = queued(chat)
    shared.pasted_keys.forget(ME)
    at.run()
    assert "Waits for your Groq key, which is no longer in memory" in texts(at)
    at.text_input(key="paste-scheduled-0").set_value(KEYS["groq"]).run()
    assert not at.exception
    assert "Waits until" in texts(at)


def test_a_refused_send_now_is_not_told_as_a_limit_that_did_not_reset(chat: AppTest, shared: AppState) -> None:
    queued(chat)
    (entry,) = shared.workspace.of(ME, KEYS).scheduled.waiting()
    now = datetime.now(UTC)
    assert "“Send now” was refused" in card.line(replace(entry, early=True, tries=1), now)
    assert "had not reset when it was due" in card.line(replace(entry, tries=1), now)


def test_a_refusal_that_names_its_reset_offers_it_too(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failure, "again_at", lambda completion: RESET if completion.error else None)
    at = open_page()
    at.session_state["model"] = "sim/quick:429"
    at.run()
    at.chat_input(key="ask").set_value("Explain tides").run()
    at.button(key="later-0").click().run()
    assert not at.exception
    turn = view_of(at, shared).turns[0]
    assert (turn.state, len(turn.answer_siblings)) == ("scheduled", 2)


def test_it_is_read_in_chinese(chat: AppTest) -> None:
    at = queued(chat)
    at.session_state["language"] = "zh"
    at.run()
    assert "等待中（1）" in texts(at)
    assert "自动发送" in texts(at)
    text.use("en")


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"remaining": Decimal(0), "resets_at": RESET}, True),
        ({"remaining": Decimal(5), "resets_at": RESET}, False),
        ({"remaining": Decimal(0), "resets_at": None}, False),
        ({"remaining": Decimal(0), "resets_at": RESET + timedelta(days=2)}, False),
        ({"remaining": Decimal(0), "resets_at": datetime.now(UTC) + timedelta(seconds=2)}, False),
        ({"remaining": Decimal(0), "limit": Decimal("0.5"), "resets_at": RESET}, False),
    ],
)
def test_it_is_offered_only_where_waiting_helps_within_a_day(
    shared: AppState, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], offered: bool
) -> None:
    shared.open()
    price = price_of(shared, **changes)
    monkeypatch.setattr(ledger, "prices", lambda model_ids, history=(), efforts=(): [price])
    assert offer.used_up([GROQ, "auto"], (), datetime.now(UTC)) == ({GROQ: RESET} if offered else {})
