"""What verdicts add up to: a table by size, and the threshold that they suggest."""

from __future__ import annotations

import pytest

from core.routing.candidates import MIDDLE
from core.routing.feedback import Judged, effective_threshold, lines, suggested


def test_a_line_for_each_size_also_without_answers() -> None:
    small, big = lines([Judged("small", 0.2, None), Judged("small", None, "big"), Judged("small", 0.3, None)])
    assert (small.answers, small.wrong, small.share) == (3, 1, pytest.approx(1 / 3))
    assert (big.answers, big.share, big.low) == (0, None, None)


def test_verdicts_move_the_threshold_no_further_than_silence_allows() -> None:
    quiet = [Judged("small", 0.05 * step, None) for step in range(8)]
    complaints = [Judged("small", 0.41 + 0.01 * step, "big") for step in range(6)]
    suggestion = suggested([*quiet, *complaints])
    assert suggestion is not None
    assert 0.35 < suggestion < 0.41


def test_complaints_of_the_other_side_move_it_up() -> None:
    suggestion = suggested(
        [*[Judged("big", 0.5 + 0.01 * step, "small") for step in range(6)], Judged("big", 0.9, None)]
    )
    assert suggestion is not None
    assert 0.55 < suggestion <= 0.9


def test_few_verdicts_or_none_that_speak_of_difficulty_suggest_nothing() -> None:
    assert suggested([Judged("small", 0.4, "big")] * 4) is None
    assert suggested([Judged("small", None, "big")] * 9) is None
    assert suggested([]) is None


def test_agreement_leaves_the_threshold_where_it_is() -> None:
    right = [Judged("small", 0.1, None)] * 20 + [Judged("big", 0.9, None)] * 20
    wrong = [Judged("small", 0.1, "big")] * 5
    assert suggested([*right, *wrong]) == MIDDLE


def test_thousands_of_answers_are_counted_quickly() -> None:
    many = [Judged("small" if score < 0.5 else "big", score, None) for score in (n / 5000 for n in range(5000))]
    assert suggested([*many, *[Judged("small", 0.31, "big")] * 5]) is not None


def test_verdicts_rule_only_within_a_little() -> None:
    low = [Judged("small", 0.1 + 0.01 * step, "big") for step in range(6)]
    assert effective_threshold(low) == pytest.approx(0.4)
    assert effective_threshold([Judged("big", 0.9, "small")] * 6) == pytest.approx(0.6)
    assert effective_threshold(low[:4]) == MIDDLE
