"""Who answered, from the wire to the Completion: told, noted, logged, priced; on simulated models and a real server."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core import Completion
from core.completion import cost_of
from core.engine import Engine
from core.records import ChatRequest, Note, Served, Usage
from tests.test_engine import ask, engine, events


@pytest.fixture
def sim(tmp_path: Path) -> Engine:
    return engine(tmp_path)


def both(sim: Engine, model: str) -> list[Completion]:
    """The answer streamed and whole."""
    streamed = asyncio.run(events(sim, ask(model=model)))[-1]
    assert isinstance(streamed, Completion)
    return [streamed, sim.complete(ask(model=model))]


def test_the_model_that_was_asked_answered(sim: Engine) -> None:
    for completion in both(sim, "sim/quick"):
        assert (completion.model_id, completion.served_model_id, completion.response_model) == (
            "sim/quick",
            "sim/quick",
            "quick",
        )
        assert completion.answered_by == "sim/quick"
        assert completion.notes == ()


def test_another_model_is_a_note_and_a_line_in_the_log(sim: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="roundtable.served"):
        for completion in both(sim, "sim/steady:as=quick"):
            assert (completion.model_id, completion.answered_by) == ("sim/steady:as=quick", "sim/quick")
            assert completion.notes == (Note("another_model", "quick"),)
    assert [record.getMessage() for record in caplog.records] == ["sim/steady:as=quick was asked, quick answered"] * 2


def test_a_router_and_an_alias_are_counted_by_who_served_without_a_note(
    sim: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="roundtable.served"):
        for completion in both(sim, "sim/router"):
            assert completion.answered_by in ("sim/quick", "sim/steady", "sim/slow")
            assert completion.served_by in ("North", "South")
            assert completion.notes == ()
        for completion in both(sim, "sim/steady-latest"):
            assert (completion.response_model, completion.answered_by) == ("steady-2026-11", "sim/steady")
            assert completion.notes == ()
    assert caplog.records == []


def test_a_router_asks_different_models(sim: Engine) -> None:
    answers = [sim.complete(ask(f"Explain number {n}", "sim/router")) for n in range(12)]
    assert {answer.answered_by for answer in answers} == {"sim/quick", "sim/steady", "sim/slow"}


def test_a_refused_question_was_served_by_nobody(sim: Engine) -> None:
    completion = sim.complete(ask(model="sim/flaky:503"))
    assert completion.error
    assert (completion.served_model_id, completion.response_model, completion.answered_by) == (
        None,
        None,
        "sim/flaky:503",
    )


def test_an_answer_costs_what_the_model_costs_that_gave_it(sim: Engine) -> None:
    question = sim.prepare(ChatRequest(ask().messages, "sim/steady"))
    rich = replace(question.model, free=None, usd_per_million_in=Decimal(1), usd_per_million_out=Decimal(2))
    poor = replace(rich, id="sim/quick", name="quick", usd_per_million_in=Decimal(0), usd_per_million_out=Decimal(1))
    question = replace(question, model=rich, provider=replace(question.provider, models=(rich, poor)))
    used = Usage(1_000_000, 1_000_000)
    assert cost_of(question, used, Served()) == 3
    assert cost_of(question, used, Served("steady-2026-11")) == 3
    assert cost_of(question, used, Served("quick")) == 1
    assert cost_of(question, used, Served("unheard-of")) is None
    assert cost_of(replace(question, model=replace(rich, free=True)), used, Served("quick")) in (0, 3)
    assert cost_of(question, replace(used, cost_usd=Decimal("0.5")), Served("quick")) == Decimal("0.5")


def test_nobody_is_asked_through_a_router_by_default(tmp_path: Path) -> None:
    made = engine(tmp_path, OPENROUTER_API_KEY="sk-or-v1-0123456789abcdef", LLM7_API_KEY="0123456789abcdef")
    for size in ("auto/small", "auto/big"):
        completion = made.prepare(ask(model=size))
        assert not completion.model.router
    assert not made.prepare(ask(model=None)).model.router
    listed = [choice.model for choice in made.directory.choices()]
    assert {model.id for model in listed if model.router} == {"openrouter/openrouter/free", "llm7/default"}
