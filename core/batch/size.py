"""About how many tokens the rows of a batch send: prompts, files, what is above them, system prompts, schemas. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Any

from ..context import estimate_tokens
from ..picture_tokens import media_tokens
from ..records import Message
from ..views.batches import BatchPlan
from ..views.conversation import GenerationSettings, asked_with

Setup = Mapping[str, Any]


def input_tokens(rows: Iterable[tuple[Message, Setup | None]], setup: Setup) -> int:
    """About what all rows together send to one model. A row is its prompt with its files, and how it is message where
    that is not as the others, as `PastQuestion.setup` has it; a picture counts as most vendors count it."""
    of_each = _setup_tokens(setup)
    return sum(
        estimate_tokens(message.text) + media_tokens([message]) + (of_each if own is None else _setup_tokens(own))
        for message, own in rows
    )


def plan_tokens(plan: BatchPlan) -> int:
    """The same of a batch that is not stored yet."""
    files = plan.files or repeat(())
    setups: Iterable[Setup | None] = [question.setup() for question in plan.past] or repeat(None)
    rows = zip(plan.prompts, files, setups, strict=False)
    message = ((asked_with(prompt, own), setup) for (prompt, _expected), own, setup in rows)
    return input_tokens(message, {"system": plan.system, "settings": plan.settings})


def _setup_tokens(setup: Setup) -> int:
    form = GenerationSettings.of("", setup["settings"]).form()
    above = sum(estimate_tokens(text) for _role, text in setup.get("above", ()))
    return above + estimate_tokens(setup["system"]) + (estimate_tokens(form.schema_json) if form else 0)
