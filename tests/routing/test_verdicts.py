"""What verdicts add up to: intervals, the threshold that they suggest, and what an answer's notes say of the choice."""

from __future__ import annotations

import pytest

from core.records import Note
from core.routing.candidates import MIDDLE
from core.routing.verdicts import Chosen, Judged, chosen, lines, ruling, suggested, wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_is_wilsons(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n) == pytest.approx((low, high), abs=1e-4)


def test_a_line_for_each_size_also_without_answers() -> None:
    small, big = lines([Judged("small", 0.2, None), Judged("small", None, "big"), Judged("small", 0.3, None)])
    assert (small.answers, small.wrong, small.share) == (3, 1, pytest.approx(1 / 3))
    assert (big.answers, big.share, big.low) == (0, None, None)


def test_verdicts_move_the_threshold_no_further_than_silence_allows() -> None:
    quiet = [Judged("small", 0.05 * step, None) for step in range(8)]
    complaints = [Judged("small", 0.41 + 0.01 * step, "big") for step in range(6)]
    found = suggested([*quiet, *complaints])
    assert found is not None
    assert 0.35 < found < 0.41


def test_complaints_of_the_other_side_move_it_up() -> None:
    found = suggested([*[Judged("big", 0.5 + 0.01 * step, "small") for step in range(6)], Judged("big", 0.9, None)])
    assert found is not None
    assert 0.55 < found <= 0.9


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
    assert ruling(low) == pytest.approx(0.4)
    assert ruling([Judged("big", 0.9, "small")] * 6) == pytest.approx(0.6)
    assert ruling(low[:4]) == MIDDLE


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        ({}, None),
        ({"routed": "huge · code"}, None),
        ({"routed": "big · code, is_proof", "difficulty": "0.913"}, Chosen("big", "big", ("code", "is_proof"), 0.913)),
        ({"routed": "small"}, Chosen("small", "small")),
        ({"routed": "small · x", "difficulty": "?"}, Chosen("small", "small", ("x",))),
        ({"routed": "big · x", "tier_fell": "big · small"}, Chosen("small", "big", ("x",))),
    ],
)
def test_notes_tell_how_it_was_chosen(notes: dict[str, str], found: Chosen | None) -> None:
    assert chosen(Note(kind, detail) for kind, detail in notes.items()) == found


@pytest.mark.parametrize(
    ("one", "speaks"),
    [
        (Chosen("big", "big", ("is_code",), 0.9), True),
        (Chosen("big", "big", (), None), False),
        (Chosen("big", "big", ("conversation",), 0.2), False),
        (Chosen("small", "small", ("chosen",), 0.9), False),
        (Chosen("small", "big", ("is_code",), 0.9), False),
    ],
)
def test_only_a_choice_by_difficulty_speaks_of_the_threshold(one: Chosen, speaks: bool) -> None:
    assert one.by_difficulty is speaks
