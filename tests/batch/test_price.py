"""What a batch will cost and would have cost: every token that is sent, at its own price."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.batch import files
from core.batch.size import plan_tokens
from core.batch.would_cost import of_item, with_would_cost
from core.context import estimate_tokens
from core.picture_tokens import media_tokens
from core.records import ChatRequest, Completion, Model, Provider, Usage
from core.schemas.reading import read
from core.store.batches import reading
from core.views.batches import BatchPlan, FreeUse, Item, PastQuestion, Sum
from core.views.conversation import File, asked_with
from tests.batch.conftest import Table
from tests.workspace.acme import ME

SCHEMA = read("total: float   # in francs, without tips")
SETTINGS = {"response_format": "schema", "schema_json": SCHEMA}
NOTES = File("notes.txt", "What was said on Tuesday. " * 20)
AT = datetime(2026, 11, 1, tzinfo=UTC)
PHOTO = File("a.png", "", media_type="image/png", sha256="ab" * 32, size_bytes=9, width=1000, height=800)


def test_what_free_answers_would_have_cost() -> None:
    listed = Model("groq/llama", "llama", "groq", free=True)
    sold = Model("openrouter/a/gpt-4o-mini:free", "a/gpt-4o-mini:free", "openrouter", free=True)
    providers = {
        model.provider_id: Provider(model.provider_id, "", "openai", "https://x.invalid", models=(model,))
        for model in (listed, sold)
    }
    uses = (FreeUse(listed.id, 3, 30, 30), FreeUse(sold.id, 2, 1_000_000, 1_000_000), FreeUse("sim/quick", 9, 1, 1))
    part = with_would_cost(Sum(0, sold.id, done=14, free=uses), providers)
    assert (part.free_answers, part.would_cost_unknown) == (5, 3)
    assert part.would_cost_usd > 0
    item = Item(0, "done", cost_usd=Decimal(0), input_tokens=1_000_000, output_tokens=1_000_000)
    assert of_item(item, sold.id, providers) == part.would_cost_usd
    assert of_item(item, listed.id, providers) is None
    assert files.stored_error(item) == ""
    cheaper = replace(item, cached_tokens=1_000_000)
    of_cached = of_item(cheaper, sold.id, providers)
    assert of_cached is not None
    assert of_cached < part.would_cost_usd
    of_all = [FreeUse(sold.id, 2, 1_000_000, 1_000_000, cached_tokens=1_000_000)]
    assert with_would_cost(Sum(0, sold.id, done=2, free=of_all), providers).would_cost_usd == of_cached


def test_a_batch_keeps_how_many_tokens_came_from_a_cache(table: Table) -> None:
    inner = table.model

    async def ask(request: ChatRequest, keys: object, owner_id: str) -> Completion:
        answered = await inner(request, {}, owner_id)
        cached = 2 if request.messages[-1].text.endswith("1") else None
        return replace(answered, usage=Usage(3, 4, 1, cached), cost_usd=Decimal(0))

    table.carrier._ask = ask
    batch_id = table.start(2, models=("sim/quick",))
    table.at_rest(batch_id)
    items = [line.items[0] for line in table.batches.page(batch_id)]
    assert [(item.cached_tokens, item.reasoning_tokens) for item in items] == [(2, 1), (None, 1)]
    [part] = reading.sums(table.workspace.database, ME, table.batches.get(batch_id), since=table.clock())
    assert list(part.free) == [FreeUse("sim/quick", 2, 6, 8, False, 2, 2)]


@pytest.mark.parametrize("settings", [SETTINGS, {}])
def test_all_that_is_sent_is_counted(settings: dict[str, str]) -> None:
    schema = estimate_tokens(SCHEMA) if settings else 0
    plain = BatchPlan("mine", ["m/a"], [("Add it up", None)] * 3, "Be brief", settings)
    of_each = estimate_tokens("Add it up") + estimate_tokens("Be brief") + schema
    assert plan_tokens(plain) == 3 * of_each
    with_files = replace(plain, files=[(NOTES,), (PHOTO,), ()])
    photo = media_tokens([asked_with("", [PHOTO])])
    assert photo > 0
    assert plan_tokens(with_files) > 3 * of_each + photo + estimate_tokens(NOTES.text)
    past = PastQuestion(
        "1", "Add it up", "3", AT, above=(("user", "One"), ("assistant", "Two")), system="Be brief",
        settings=settings, files=(PHOTO,),
    )  # fmt: skip
    again = replace(plain, system="", settings={}, prompts=[("Add it up", None)], past=[past], files=[(PHOTO,)])
    above = estimate_tokens("One") + estimate_tokens("Two")
    assert plan_tokens(again) == of_each + above + photo
