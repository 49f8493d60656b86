"""The model equality test: its error rates on simulated hosts, and what it says of each kind of host."""

from __future__ import annotations

import pytest

from bench.model_equality import alarms, changed, exact
from core.insight.model_equality import (
    FEWEST,
    MOST_CALLS_MORE,
    QUESTIONS,
    SIZES,
    Sample,
    VerdictKind,
    first_words,
    to_repeat,
    verdicts,
)
from core.insight.model_equality.two_sample import holm, tail

RUNS = 1000
N = SIZES[0]


def answers(*words: str) -> list[list[Sample]]:
    """One answer to each question; "" for none."""
    return [[Sample(word)] if word else [] for word in words]


def same(but: int = 0, times: int = 3, other: str = "other") -> list[list[Sample]]:
    """A host's answers, of which the first `but` are others', each given so many times."""
    questions = answers(*(f"word{number}" for number in range(N)))
    questions[:but] = [[Sample(f"{other}{number}")] * times for number in range(but)]
    return questions


def kinds(**hosts: list[list[Sample]]) -> dict[str, VerdictKind]:
    return {host: verdict.kind for host, verdict in verdicts(hosts).items()}


@pytest.mark.parametrize("weights", [("", ""), ("", "", "", "", "")])
def test_one_model_against_itself_is_called_different_in_less_than_a_hundredth_of_the_runs(
    weights: tuple[str, ...],
) -> None:
    number, calls = alarms(weights, RUNS if len(weights) == 2 else RUNS // 5)
    assert number <= RUNS * 0.01
    assert calls < N + 2
    assert 0.02 < changed("", runs=50) < 0.06  # so that it was not easy: the hosts do answer otherwise


@pytest.mark.parametrize("weights", ["int4", "small"])
def test_a_quantised_and_a_smaller_model_are_found_in_at_least_95_of_100_runs(weights: str) -> None:
    number, calls = alarms(("", weights), RUNS)
    assert number >= RUNS * 0.95
    assert calls <= N + MOST_CALLS_MORE


def test_of_three_hosts_the_one_with_other_weights_is_named_and_no_other() -> None:
    assert exact(200, ("", "", "int4")) >= 190
    assert exact(200, ("int4", "", "")) >= 190


def test_the_binomial_tail_is_exact() -> None:
    assert tail(15, 0, 0.02) == pytest.approx(1)
    assert tail(3, 3, 0.1) == pytest.approx(0.001)
    assert tail(2, 1, 0.5) == pytest.approx(0.75)


def test_holm_is_stricter_the_more_hosts_are_compared() -> None:
    assert holm({"a": 0.009}, 0.01) == {"a"}
    assert holm({"a": 0.009, "b": 0.5}, 0.01) == frozenset()
    assert holm({"a": 0.004, "b": 0.009}, 0.01) == {"a", "b"}
    assert holm({"a": 0.006, "b": 0.001, "c": 0.9}, 0.01) == {"b"}


def test_two_differences_are_no_alarm_and_three_are() -> None:
    assert kinds(a=same(times=3), b=same(2)) == {"a": "reference", "b": "no_difference"}
    a = [[sample] * 3 for (sample,) in same()]
    assert kinds(a=a, b=same(3)) == {"a": "reference", "b": "different"}
    assert verdicts({"a": a, "b": same(3)})["b"].p_value == pytest.approx(0.00304, abs=1e-5)


def test_a_difference_counts_only_after_it_was_seen_again() -> None:
    once = same(5, times=1)
    assert kinds(a=same(), b=once)["b"] == "no_difference"
    assert to_repeat({"a": same(), "b": once}) == {"a": [0, 1, 2, 3, 4], "b": [0, 1, 2, 3, 4]}


def test_a_host_that_comes_back_to_the_others_answer_does_not_differ() -> None:
    b = same(3, times=1)
    for number in range(3):
        b[number].append(Sample(f"word{number}"))
    assert to_repeat({"a": same(), "b": b}) == {}
    assert kinds(a=same(), b=b)["b"] == "no_difference"


def test_only_the_host_that_most_others_contradict_is_asked_again() -> None:
    hosts = {"a": same(), "b": same(), "c": same(4, times=1)}
    assert to_repeat(hosts) == {"c": [0, 1, 2, 3]}
    hosts["c"] = same(4, times=2)
    assert to_repeat(hosts) == {"c": [0, 1, 2, 3]}
    hosts["c"] = same(4)
    assert to_repeat(hosts) == {}
    assert kinds(**hosts) == {"a": "reference", "b": "no_difference", "c": "different"}


def test_repeats_are_bounded() -> None:
    hosts = {"a": same(), "b": same(N, times=1)}
    calls = 0
    while wanted := to_repeat(hosts):
        for host, numbers in wanted.items():
            for number in numbers:
                hosts[host][number] = [*hosts[host][number], hosts[host][number][0]]
                calls += host == "b"
    assert calls == MOST_CALLS_MORE
    assert kinds(**hosts)["b"] == "different"


def test_the_reference_is_the_host_closest_to_the_others() -> None:
    assert kinds(a=same(9), b=same(), c=same()) == {"a": "different", "b": "reference", "c": "no_difference"}


def test_two_camps_are_told_apart_without_saying_who_is_right() -> None:
    results = kinds(a=same(), b=same(8), c=same(8), d=same())
    assert results == {"a": "reference", "b": "different", "c": "different", "d": "no_difference"}


def test_a_host_that_failed_in_the_middle_has_too_few_answers() -> None:
    half = [*same()[: FEWEST - 1], *([] for _ in range(N - FEWEST + 1))]
    assert kinds(a=same(), b=half, c=same()) == {"a": "reference", "b": "too_few", "c": "no_difference"}
    assert verdicts({"a": same(), "b": half})["a"].p_value is None


def test_without_two_hosts_that_can_be_compared_nothing_is_said_of_either() -> None:
    for verdict in verdicts({"a": same(), "b": [[] for _ in range(N)]}).values():
        assert verdict.kind == "too_few"
        assert verdict.p_value is None


def test_a_host_that_says_the_same_whatever_was_asked_is_no_other_model() -> None:
    assert kinds(a=same(), b=answers(*["please"] * N), c=same())["b"] == "no_answers"


def test_a_host_that_contradicts_itself_is_not_called_another_model() -> None:
    sampled = [[Sample(f"x{number}{turn}") for turn in range(3)] for number in range(6)] + same()[6:]
    assert kinds(a=same(), b=sampled, c=same())["b"] == "unsteady"


def test_reasoning_is_compared_with_reasoning_only() -> None:
    reasoning = [[Sample(f"we need word {number}", is_reasoning=True)] for number in range(N)]
    results = kinds(a=same(), b=reasoning, c=same())
    assert results == {"a": "reference", "b": "too_few", "c": "no_difference"}
    assert to_repeat({"a": same(), "b": reasoning, "c": same()}) == {}


@pytest.mark.parametrize(
    ("text", "reasoning", "sample"),
    [
        ("Serendipity", "", Sample("serendipity")),
        (' "**Blue**".', "", Sample("blue")),
        ("42.", "", Sample("42")),
        ("山。", "", Sample("山")),
        ("🙂", "", Sample("🙂")),
        ("", "We need to pick a number. Maybe 7, or 8?", Sample("we need to pick a number maybe 7", is_reasoning=True)),
        ("7", "Seven", Sample("seven", is_reasoning=True)),
        (" \n", "", None),
        ("", "", None),
    ],
)
def test_what_of_an_answer_is_compared(text: str, reasoning: str, sample: Sample | None) -> None:
    assert first_words(text, reasoning) == sample


def test_a_word_that_was_cut_off_is_like_the_whole() -> None:
    assert Sample("ser").is_like(Sample("serendipity"))
    assert Sample("serendipity").is_like(Sample("ser"))
    assert not Sample("sea").is_like(Sample("serendipity"))
    assert not Sample("we").is_like(Sample("we", is_reasoning=True))


def test_there_are_questions_enough_and_none_twice() -> None:
    assert len(set(QUESTIONS)) == len(QUESTIONS) == max(SIZES)
