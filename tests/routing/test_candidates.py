"""Whom to ask: the tier a question wants, the faster first, and who may stand in for whom."""

from __future__ import annotations

from dataclasses import replace

from core.errors import Auth, Credits, QuotaSpent
from core.providers.catalog import load
from core.records import Model, Provider, Size
from core.routing.candidates import Choice, route, successors
from core.routing.family import elsewhere

HARD = "Prove that the square root of 2 is irrational, step by step, and write a Python program that checks it."
QWEN = ("groq/qwen/qwen3.8-27b", "cerebras/qwen-3.8-27b")
EASY = "Write a short birthday wish."


def choice(model_id: str, size: Size | None = "small", simulated: bool = False) -> Choice:
    provider_id, _, name = model_id.partition("/")
    provider = Provider(provider_id, provider_id, "openai", "https://example.org", simulated=simulated)
    return Choice(provider, Model(model_id, name, provider_id, size))


READY = [choice("a/mini"), choice("a/large", "big"), choice("b/mini"), choice("b/giant", "big"), choice("c/what", None)]


def names(choices: object) -> list[str]:
    return [choice.model.id for choice in choices]  # type: ignore[attr-defined]


def models_of(choices: list[Choice]) -> list[Model]:
    return [choice.model for choice in choices]


def test_easy_goes_small_and_hard_goes_big() -> None:
    easy, hard = route([EASY], READY), route([HARD], READY)
    assert (easy.routing.tier, names(easy.models)) == ("small", ["a/mini", "b/mini", "a/large", "b/giant"])
    assert (hard.routing.tier, names(hard.models)) == ("big", ["a/large", "b/giant", "a/mini", "b/mini"])
    assert hard.routing.reasons
    assert hard.routing.by_difficulty


def test_the_faster_measured_goes_first_and_unknown_last() -> None:
    assert names(route([EASY], READY, {"b/mini": 50.0}).models)[:2] == ["b/mini", "a/mini"]
    assert names(route([EASY], READY, {"b/mini": 50.0, "a/mini": 80.0}).models)[:2] == ["a/mini", "b/mini"]


def test_who_rests_is_passed_over_and_named() -> None:
    decision = route([EASY], READY, {}, {"a/mini": "rests"})
    assert names(decision.models)[0] == "b/mini"
    assert decision.routing.passed_over == (("a/mini", "rests"),)


def test_who_rests_is_asked_last_whatever_its_size() -> None:
    decision = route([HARD], READY, {}, {"a/large": "rests", "b/giant": "limit", "a/mini": "window"})
    assert (decision.routing.tier, decision.routing.wanted) == ("small", "big")
    assert names(decision.models) == ["b/mini", "a/large", "b/giant", "a/mini"]
    none = route([HARD], [choice("a/mini")], {}, {"a/mini": "limit"})
    assert (none.routing.tier, none.routing.wanted, names(none.models)) == ("small", "big", ["a/mini"])


def test_a_hard_conversation_stays_with_the_big_models() -> None:
    decision = route([HARD, "Thanks, and why?"], READY)
    assert (decision.routing.tier, decision.routing.reasons) == ("big", ("conversation",))


def test_the_turn_that_leaves_the_big_models_says_why() -> None:
    tiers = [route([HARD, *[EASY] * number], READY) for number in range(13)]
    assert [decision.routing.tier for decision in tiers] == ["big"] * 11 + ["small"] * 2
    assert [decision.routing.reasons[0] for decision in tiers[10:]] == ["conversation", "long_ago", "is_write"]


def test_a_fall_to_a_smaller_tier_is_said() -> None:
    decision = route([HARD], [choice("a/mini")])
    assert (decision.routing.tier, decision.routing.wanted, names(decision.models)) == ("small", "big", ["a/mini"])


def test_a_size_that_was_chosen_rules() -> None:
    assert route([HARD], READY, size="small").routing.tier == "small"
    assert route([EASY], READY, size="big").routing.tier == "big"


def test_the_same_model_elsewhere_comes_first() -> None:
    requested = choice("x/vendor/giant:free", "big")
    assert names(successors(requested, READY)) == ["b/giant", "a/large"]
    assert names(successors(choice("a/mini"), [*READY, choice("a/other")], why=QuotaSpent)) == ["b/mini", "a/other"]
    assert names(successors(choice("a/mini"), [*READY, choice("a/other")], why=Auth)) == ["b/mini"]


def test_nothing_simulated_stands_in() -> None:
    made_up = choice("sim/quick", simulated=True)
    assert names(successors(choice("a/mini"), [made_up])) == []
    assert successors(made_up, READY) == []


def test_a_router_stands_in_for_nobody_and_a_model_of_any_size_for_it() -> None:
    router = Choice(choice("c/any").provider, Model("c/any", "any", "c", router=True))
    ready = [*READY, router]
    assert "c/any" not in names(successors(choice("a/mini"), ready))
    assert names(successors(router, ready)) == ["a/mini", "b/mini"]
    assert names(successors(router, [choice("a/large", "big"), router])) == ["a/large"]


def test_without_credit_only_a_free_model_of_the_same_provider_answers() -> None:
    free = choice("a/free")
    ready = [*READY, Choice(free.provider, replace(free.model, free=True))]
    assert names(successors(choice("a/mini"), ready, why=Credits)) == ["b/mini", "a/free"]


def test_the_catalogue_s_models_stand_in_for_themselves_wherever_they_are_served() -> None:
    """One definition of the same model: what Compare offers elsewhere comes first when a model cannot answer."""
    listed = [Choice(provider, model) for provider in load().providers.values() for model in provider.models]
    groq, cerebras = (next(candidate for candidate in listed if candidate.model.id == name) for name in QWEN)
    assert successors(groq, listed)[0].model.id in {model.id for model in elsewhere(QWEN[0], models_of(listed))}
    assert successors(groq, [cerebras, choice("b/giant", "big")], {"b/giant": 900.0})[0] == cerebras
    for candidate in listed:
        same = {model.id for model in elsewhere(candidate.model.id, models_of(listed))}
        others = successors(candidate, [other for other in listed if not other.provider.simulated])
        first = {other.model.id for other in others[: len({name.partition("/")[0] for name in same})]}
        assert candidate.provider.simulated or first <= same
