"""What an answer and a chat cost, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.providers.catalog import load
from core.records import Completion, Timing, Usage
from core.store import costs
from core.ui import money
from core.ui.answer import cost
from core.ui.app_state import AppState
from core.ui.models.marks import speaker_of
from core.ui.quota import total
from core.views.costs import AnswerCost
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
