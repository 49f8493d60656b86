"""What to use for what: silent below 20 votes, one model where the intervals separate, several where they do not."""

from __future__ import annotations

import pytest

from core.insight.use_for import ANY, ENOUGH, UseFor, use_for
from core.views.votes import Outcome, VoteCount

A, B, C = "a/one", "b/two", "c/three"


def votes(topic: str, winner: str | None, n: int, *models: str, outcome: Outcome = "winner") -> VoteCount:
    return VoteCount(topic, False, outcome, winner, tuple(sorted(models or (A, B))), n)


def names(uses: list[UseFor], topic: str) -> list[str]:
    return [rival.model_id for use in uses if use.topic == topic for rival in use.best]


def test_nothing_is_said_below_twenty_votes() -> None:
    (use,) = use_for([votes("code", A, ENOUGH - 1)])
    assert (use.best, use.votes, use.most) == ((), 19, 19)
    assert names(use_for([votes("code", A, ENOUGH)]), "code") == [A]


def test_a_clear_winner_stands_alone_with_its_interval() -> None:
    (use,) = use_for([votes("code", A, 40), votes("code", B, 18)])
    (best,) = use.best
    assert best.model_id == A
    assert (round(best.rate.share, 2), best.rate.n) == (0.69, 58)
    assert (best.rate.low, best.rate.high) == pytest.approx((0.562, 0.793), abs=0.002)  # Wilson's, as published tables
    assert [rival.model_id for rival in use.others] == [B]


def test_models_whose_intervals_overlap_are_named_together() -> None:
    uses = use_for([votes("maths", A, 16), votes("maths", B, 14)])
    assert names(uses, "maths") == [A, B]


def test_a_model_with_few_votes_is_not_named_and_does_not_blur_the_others() -> None:
    uses = use_for([votes("code", A, 40), votes("code", B, 10), votes("code", C, 5, A, C)])
    assert names(uses, "code") == [A]


def test_nobody_is_recommended_who_loses_more_than_it_wins() -> None:
    uses = use_for([votes("writing", None, 30, outcome="bad")])
    assert names(uses, "writing") == []
    few_of_the_better = [votes("code", C, 2, A, B, C, outcome="winner"), *[votes("code", B, 19, A, B)]]
    assert names(use_for([*few_of_the_better, votes("code", A, 1)]), "code") == [B]


def test_who_cannot_answer_now_is_left_out() -> None:
    uses = use_for([votes("code", A, 40), votes("code", B, 30)], lambda model_id: model_id != A)
    assert names(uses, "code") == [B]


def test_all_questions_are_summed_up_last_and_only_over_several_topics() -> None:
    uses = use_for([votes("code", A, 30), votes("facts", A, 31)])
    assert [(use.topic, use.votes) for use in uses] == [("facts", 31), ("code", 30), (ANY, 61)]
    assert [use.topic for use in use_for([votes("code", A, 30)])] == ["code"]
