"""Plans: the same for the same question, as fast and as reliable as each model promises."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest

from core.records import Delta, Finish, Message, Reasoning, Usage
from core.simulator import models, tokens
from core.simulator.plan import ReplyPlan, plan

MANY = 300


def ask(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def many(model: str) -> list[ReplyPlan]:
    return [plan(model, ask(f"Explain number {number}."), seed=3) for number in range(MANY)]


def first_s(made: ReplyPlan) -> float:
    return made.head_delay_s + made.pieces[0].delay_s


def gaps_s(made: ReplyPlan) -> list[float]:
    return [delay for delay, event in made.pieces[1:] if isinstance(event, Delta | Reasoning)]


@pytest.mark.parametrize("model", ["quick", "steady", "slow", "flaky", "thinker"])
def test_the_same_question_gives_the_same_plan(model: str) -> None:
    assert plan(model, ask("What is rain?"), seed=1) == plan(model, ask("What is rain?"), seed=1)


@pytest.mark.parametrize("changed", [{"seed": 2}, {"attempt": 2}, {"request_seed": 5}])
def test_seed_and_attempt_change_it(changed: dict[str, Any]) -> None:
    first = plan("steady", ask("What is rain?"), seed=1)
    assert plan("steady", ask("What is rain?"), **{"seed": 1, **changed}) != first


def test_another_attempt_writes_another_answer_unless_the_request_has_a_seed() -> None:
    first, second = (plan("steady", ask("What is rain?"), attempt=n) for n in (1, 2))
    assert first.text != second.text
    first, second = (plan("steady", ask("What is rain?"), attempt=n, request_seed=4) for n in (1, 2))
    assert first.text == second.text


@pytest.mark.parametrize(("model", "ttft_s", "speed"), [("quick", 0.25, 140), ("steady", 0.6, 70), ("slow", 2.2, 22)])
def test_times_are_log_normal_around_what_the_model_promises(model: str, ttft_s: float, speed: float) -> None:
    plans = many(model)
    waits = [first_s(made) for made in plans]
    assert statistics.median(waits) == pytest.approx(ttft_s, rel=0.08)
    assert statistics.stdev(map(math.log, waits)) == pytest.approx(models.PROFILES[model].ttft_spread, rel=0.15)
    gaps = [gap for made in plans for gap in gaps_s(made)]
    assert 1 / statistics.mean(gaps) == pytest.approx(speed, rel=0.03)
    assert statistics.median(gaps) < statistics.mean(gaps)


def test_flaky_fails_as_often_as_it_promises() -> None:
    plans = many("flaky")
    profile = models.PROFILES["flaky"]
    shares = {
        "limited": sum(bool(made.fault and made.fault.status == 429) for made in plans) / MANY,
        "down": sum(bool(made.fault and made.fault.status == 503) for made in plans) / MANY,
        "cut": sum(made.cut for made in plans) / MANY,
    }
    assert shares["limited"] == pytest.approx(profile.limited_share, abs=0.06)
    assert shares["down"] == pytest.approx(profile.down_share, abs=0.05)
    assert shares["cut"] == pytest.approx(profile.cut_share, abs=0.05)


def test_flaky_may_fail_now_and_answer_the_next_time() -> None:
    outcomes = {bool(plan("flaky", ask("Once more?"), attempt=attempt).fault) for attempt in range(1, 12)}
    assert outcomes == {True, False}


@pytest.mark.parametrize("model", ["flaky:429", "steady:429"])
def test_a_limit_names_the_time_to_come_back(model: str) -> None:
    made = plan(model, ask("Hello?"))
    assert made.fault is not None
    assert made.fault.status == 429
    assert made.quota is not None
    assert made.quota.requests_left == 0
    assert made.fault.retry_after_s == made.quota.requests_reset_s
    assert made.pieces == ()


def test_a_forced_cut_ends_without_a_finish_reason() -> None:
    made = plan("flaky:cut", ask("Tell me a story."))
    assert made.cut
    assert made.text
    assert made.finish is None
    assert made.text in plan("flaky:ok", ask("Tell me a story.")).text


def test_only_flaky_ever_fails() -> None:
    for model in ("quick", "steady", "slow", "thinker"):
        assert not any(plan(model, ask("Fine?"), attempt=attempt).fault for attempt in range(30))


def test_usage_counts_exactly_what_was_sent() -> None:
    made = plan("thinker", ask("Why is the sky blue?"))
    kinds = [type(event) for _, event in made.pieces]
    assert kinds.count(Usage) == kinds.count(Finish) == 1
    assert made.usage.reasoning_tokens == kinds.count(Reasoning) == tokens.count(made.reasoning) > 20
    assert made.usage.output_tokens == kinds.count(Reasoning) + kinds.count(Delta)
    assert made.usage.input_tokens == tokens.count_prompt(ask("Why is the sky blue?"))
    assert kinds.index(Delta) > max(place for place, kind in enumerate(kinds) if kind is Reasoning)


@pytest.mark.parametrize("most", [1, 5, 40])
def test_a_token_limit_is_kept(most: int) -> None:
    made = plan("steady", ask("Explain rivers."), max_tokens=most)
    assert made.usage.output_tokens == most
    assert made.finish == Finish("length")
    assert plan("steady", ask("Explain rivers.")).text.startswith(made.text)


def test_a_limit_inside_the_thoughts_leaves_no_answer() -> None:
    made = plan("thinker", ask("Explain rivers."), max_tokens=10)
    assert made.text == ""
    assert made.reasoning


def test_a_limit_of_exactly_the_length_is_a_normal_end() -> None:
    whole = plan("quick", ask("Explain rivers."))
    assert plan("quick", ask("Explain rivers."), max_tokens=whole.usage.output_tokens).finish == Finish("stop")


@pytest.mark.parametrize(("model", "status"), [("gpt-9", 404), ("sim/nobody", 404), ("bench:chunks=x", 400)])
def test_unknown_names_are_refused(model: str, status: int) -> None:
    fault = plan(model, ask("Hello?")).fault
    assert fault is not None
    assert fault.status == status


def test_an_empty_question_is_refused() -> None:
    fault = plan("quick", (Message("system", "Be kind."),)).fault
    assert fault is not None
    assert fault.status == 400


def test_bench_sends_even_chunks() -> None:
    made = plan("bench:chunks=30,rate=50", ask("Go."))
    assert [delay for delay, _ in made.pieces] == [0.0, *[0.02] * 29, 0, 0]
    assert made.usage.output_tokens == 30
    assert plan("bench:chunks=3,rate=0", ask("Go.")).duration_s == 0


@pytest.mark.parametrize(
    "text", ["", "plain words", "  two\n\nlines\t", "中文和 English 混排，123456", "`a[i]` → {}\u2028é🙂"]
)
def test_tokens_joined_again_are_the_text(text: str) -> None:
    assert "".join(tokens.split(text)) == text


def test_one_word_is_the_same_at_every_host_but_for_rounding_and_weights() -> None:
    questions = [Message("user", f"Name thing {number}.") for number in range(100)]

    def words(model: str, attempt: int = 1) -> list[str]:
        return [plan(model, [question], attempt=attempt).text for question in questions]

    base = words("oneword")
    for model, attempt, low, high in (
        ("oneword", 1, 0, 0),
        ("sim/oneword", 2, 0, 10),
        ("oneword:north", 1, 0, 10),
        ("oneword:int4", 1, 30, 60),
        ("oneword:south+int4", 1, 30, 60),
        ("oneword:small", 1, 60, 90),
    ):
        differing = sum(first != second for first, second in zip(base, words(model, attempt), strict=True))
        assert low <= differing <= high, model
    assert plan("oneword:south+int4", questions[:1]).named == "oneword"
    assert [plan("oneword", [question], max_tokens=1).text for question in questions] == base
