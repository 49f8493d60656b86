"""Whom to ask: the tier a question wants, the faster first, and who may stand in for whom."""

from __future__ import annotations

from core.records import Model, Note, Provider, Size
from core.routing.candidates import Choice, plain, route, successors

HARD = "Prove that the square root of 2 is irrational, step by step, and write a Python program that checks it."
EASY = "Write a short birthday wish."


def choice(model_id: str, size: Size | None = "small", simulated: bool = False) -> Choice:
    provider_id, _, name = model_id.partition("/")
    provider = Provider(provider_id, provider_id, "openai", "https://example.org", simulated=simulated)
    return Choice(provider, Model(model_id, name, provider_id, size))


READY = [choice("a/mini"), choice("a/large", "big"), choice("b/mini"), choice("b/giant", "big"), choice("c/what", None)]


def names(choices: object) -> list[str]:
    return [one.model.id for one in choices]  # type: ignore[attr-defined]


def test_easy_goes_small_and_hard_goes_big() -> None:
    easy, hard = route([EASY], READY), route([HARD], READY)
    assert (easy.tier, names(easy.models)) == ("small", ["a/mini", "b/mini", "a/large", "b/giant"])
    assert (hard.tier, names(hard.models)) == ("big", ["a/large", "b/giant", "a/mini", "b/mini"])
    assert hard.notes[0].kind == "routed"
    assert hard.notes[0].detail.startswith("big · ")


def test_the_faster_measured_goes_first_and_unknown_last() -> None:
    assert names(route([EASY], READY, {"b/mini": 50.0}).models)[:2] == ["b/mini", "a/mini"]
    assert names(route([EASY], READY, {"b/mini": 50.0, "a/mini": 80.0}).models)[:2] == ["a/mini", "b/mini"]


def test_who_rests_is_passed_over_and_named() -> None:
    found = route([EASY], READY, {}, {"a/mini": "rests"})
    assert names(found.models)[0] == "b/mini"
    assert Note("passed_over", "a/mini (rests)") in found.notes


def test_who_rests_is_asked_last_whatever_its_size() -> None:
    found = route([HARD], READY, {}, {"a/large": "rests", "b/giant": "limit", "a/mini": "window"})
    assert (found.tier, found.fell, names(found.models)) == ("small", "big", ["b/mini", "a/large", "b/giant", "a/mini"])
    none = route([HARD], [choice("a/mini")], {}, {"a/mini": "limit"})
    assert (none.tier, none.fell, names(none.models)) == ("small", "big", ["a/mini"])


def test_a_hard_conversation_stays_with_the_big_models() -> None:
    found = route([HARD, "Thanks, and why?"], READY)
    assert (found.tier, found.reasons) == ("big", ("conversation",))


def test_the_turn_that_leaves_the_big_models_says_why() -> None:
    tiers = [route([HARD, *[EASY] * number], READY) for number in range(13)]
    assert [found.tier for found in tiers] == ["big"] * 11 + ["small"] * 2
    assert [found.reasons[0] for found in tiers[10:]] == ["conversation", "long_ago", "is_write"]


def test_a_fall_to_a_smaller_tier_is_said() -> None:
    found = route([HARD], [choice("a/mini")])
    assert (found.tier, found.fell, names(found.models)) == ("small", "big", ["a/mini"])
    assert Note("tier_fell", "big · small") in found.notes


def test_a_size_that_was_chosen_rules() -> None:
    assert route([HARD], READY, size="small").tier == "small"
    assert route([EASY], READY, size="big").tier == "big"


def test_the_same_model_elsewhere_comes_first() -> None:
    asked = choice("x/vendor/giant:free", "big")
    assert names(successors(asked, READY)) == ["b/giant", "a/large"]
    assert names(successors(choice("a/mini"), [*READY, choice("a/other")], kind="quota_spent")) == ["b/mini", "a/other"]
    assert names(successors(choice("a/mini"), [*READY, choice("a/other")], kind="auth")) == ["b/mini"]


def test_nothing_simulated_stands_in() -> None:
    made_up = choice("sim/quick", simulated=True)
    assert names(successors(choice("a/mini"), [made_up])) == []
    assert successors(made_up, READY) == []


def test_a_name_is_the_same_wherever_it_is_served() -> None:
    assert len({plain(name) for name in ("openai/gpt-oss-20b", "gpt-oss:20b", "openai/gpt-oss-20b:free")}) == 1
