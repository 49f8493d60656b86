"""What an answer and a chat cost, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from core.providers.catalog import load
from core.records import Completion, Timing, Usage
from core.store import costs
from core.store.tables import calls, messages, runs
from core.ui import money
from core.ui.answer import cost
from core.ui.app_state import AppState
from core.ui.models.marks import speaker_of
from core.ui.quota import total
from core.views.costs import AnswerCost
from tests.pages.conftest import ME, in_address, texts
from tests.workspace.acme import until

PROVIDERS = load().providers
DONE = Completion(
    "openai/gpt-5.4-mini", "Hi", "", Usage(1000, 500, 400), None, Timing(datetime(2026, 11, 30, tzinfo=UTC)),
    cost_usd=Decimal("0.003"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("usd", "text"), [("0", "0"), ("0.01234", "0.0123"), ("12.5", "12.5"), ("0.00000345", "0.0000034"), ("3", "3")]
)
def test_an_amount_is_written_one_way(usd: str, text: str) -> None:
    assert money.amount(Decimal(usd)) == text


def test_a_paid_answer_says_its_cost_and_how_it_was_computed() -> None:
    speaker = speaker_of(DONE.model_id, PROVIDERS)
    assert cost.price(DONE, speaker) == r"\$0.003"
    table = cost.explained(DONE, speaker)
    assert r"| input | 1,000 | \$0.75 | \$0.0008 |" in table
    assert "400 of the output tokens were reasoning." in table


def test_a_free_answer_says_what_it_would_have_cost() -> None:
    free = replace(DONE, model_id="groq/openai/gpt-oss-20b", cost_usd=None)
    speaker = speaker_of(free.model_id, PROVIDERS)
    assert cost.price(free, speaker).startswith(r"free; would have cost \$0.000")
    assert "paid tier" in cost.explained(free, speaker)
    assert cost.price(replace(free, cached=True), speaker) == "free"
    simulated = replace(free, model_id="sim/quick", cost_usd=Decimal(0))
    assert cost.price(simulated, speaker_of("sim/quick", PROVIDERS)) == "free"
    assert cost.explained(simulated, speaker_of("sim/quick", PROVIDERS)) == ""


def test_an_unknown_price_stays_unknown() -> None:
    unknown = replace(DONE, model_id="openai/new-thing", cost_usd=None)
    assert cost.price(unknown, speaker_of(unknown.model_id, PROVIDERS)) == "price unknown"


def test_a_sum_tells_its_unknown_parts(shared: AppState) -> None:
    paid = AnswerCost("c", "openai/gpt-5.4-mini", Decimal("0.0123"), Usage(10, 20), cached=False)
    unknown = replace(paid, model_id="openai/new-thing", cost_usd=None)
    free = replace(paid, model_id="groq/openai/gpt-oss-20b", cost_usd=None, usage=Usage(100_000, 20_000))
    simulated = replace(paid, model_id="sim/quick", cost_usd=Decimal(0))
    text = total.words(total.total([paid, unknown, unknown, free, simulated]))
    assert text.startswith(r"\$0.0123 + 2 unknown so far · free answers would have cost \$0.0")
    assert total.words(total.total([simulated, replace(free, cached=True)])) == ""


def test_the_store_tells_every_answer_of_a_chat(shared: AppState) -> None:
    person = shared.workspace.of("me")
    started = person.chats.ask("r1", "Hi", "sim/quick")
    until(lambda: person.chats.progress("r1").completion is not None)
    database = shared.workspace.database
    (answer,) = costs.of_conversations(database, "me", [started.conversation_id])
    assert (answer.model_id, answer.cost_usd, answer.cached) == ("sim/quick", Decimal(0), False)
    assert answer.usage
    assert costs.of_conversations(database, "another", [started.conversation_id]) == []


def paid(shared: AppState) -> None:
    """As if real models of a known and of an unknown price had answered: "sim/steady" and all others."""
    of_price = messages.c.model_id == "sim/steady"
    with shared.workspace.database.write() as connection:
        rows = connection.execute(select(messages.c.id, messages.c.completion, of_price).where(messages.c.text != ""))
        for name, completion, priced in rows.all():
            if completion:
                answer = {**completion, "cost_usd": "0.0123" if priced else None}
                model_id = "openai/gpt-5.4-mini" if priced else "openai/new-thing"
                answer |= {"model_id": model_id, "served_model_id": model_id}
                values = {"completion": answer, "model_id": model_id}
                connection.execute(update(messages).where(messages.c.id == name).values(values))


def asked_twice(open_page: Callable[..., AppTest]) -> str:
    at = open_page("compare", m=["sim/quick", "sim/steady"])
    for question in ("Tea?", "Or coffee?"):
        at.chat_input(key="ask-all").set_value(question).run()
    return in_address(at, "run")


def test_a_comparison_tells_the_total_of_each_column(open_page: Callable[..., AppTest], shared: AppState) -> None:
    run = asked_twice(open_page)
    paid(shared)
    shown = texts(open_page("compare", run=run))
    assert [line for line in shown.splitlines() if line.endswith(" so far")] == [
        "2 unknown so far", r"\$0.0246 so far", r"\$0.0246 + 2 unknown so far",
    ]  # fmt: skip
    with shared.workspace.database.write() as connection:
        connection.execute(update(runs).values(options={"blind": True}))
    hidden = open_page("compare", run=run)
    assert not hidden.exception
    assert "so far" not in texts(hidden)


def test_the_menu_of_an_entry_tells_its_cost(open_page: Callable[..., AppTest], shared: AppState) -> None:
    run = asked_twice(open_page)
    paid(shared)
    at = open_page("history")
    assert "so far" not in texts(at)
    at.session_state[f"menu-{run}"] = True
    at.run()
    assert not at.exception
    assert r"\$0.0246 + 2 unknown so far" in texts(at)
    assert shared.workspace.of("another").quota.costs_of_entry(run) == []


def test_the_calendar_tells_the_cost_of_a_day(open_page: Callable[..., AppTest], shared: AppState) -> None:
    asked_twice(open_page)
    at = open_page("quota")
    at.session_state["calendar"] = True
    at.run()
    assert not at.selectbox(key="calendar-day").options[1:]
    assert "**free**" in texts(at)
    common = {
        "owner_id": ME, "at": datetime.now(UTC), "provider_id": "openai", "n": 1, "outcome": "ok", "ms": 5.0,
        "input_tokens": 10, "output_tokens": 20, "estimated": False, "cached": False,
    }  # fmt: skip
    rows = [
        {**common, "id": "p", "model_id": "openai/gpt-5.4-mini", "cost_usd": Decimal("0.0123")},
        {**common, "id": "u", "model_id": "openai/new-thing", "cost_usd": None},
        {**common, "id": "a", "model_id": "openai/new-thing", "cost_usd": None, "owner_id": "another"},
        {**common, "id": "f", "model_id": "groq/openai/gpt-oss-20b", "provider_id": "groq", "cost_usd": None}
        | {"input_tokens": 100_000},
    ]
    with shared.workspace.database.write() as connection:
        connection.execute(calls.insert(), rows)
    at.button_group(key="calendar-what").set_value("cost").run()
    assert not at.exception
    assert r"**\$0.0123 + 1 unknown** · free answers would have cost about \$0.0" in texts(at)
    assert r"Cost: \$0.0123 on 1 of " in texts(at)
    assert "; 1 call of unknown cost" in texts(at)
