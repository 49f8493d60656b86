"""How alike two answers are, and where they first part."""

from __future__ import annotations

import pytest

from core.insight.drift import drift


def test_the_same_words_are_the_same_whatever_stands_between_them() -> None:
    drifted = drift("The sky is blue.\n\nVery.", "The sky  is blue. Very.")
    assert (drifted.alike, drifted.same) == (1.0, True)


def test_where_two_answers_part() -> None:
    drifted = drift("The sky is blue because of scattering.", "The sky is red at sunset.", words_shown=2)
    assert (drifted.shared, drifted.before, drifted.first, drifted.second) == (3, "sky is", "blue because", "red at")
    assert 0 < drifted.alike < 0.5
    assert not drifted.same


def test_characters_are_words_where_there_are_no_spaces() -> None:
    drifted = drift("天空是蓝色的", "天空是红色的")
    assert (drifted.shared, drifted.before, drifted.first, drifted.second) == (3, "天空是", "蓝色的", "红色的")


@pytest.mark.parametrize(("left", "right", "alike"), [("", "", 1.0), ("", "a", 0.0), ("a", "b", 0.0), ("a", "a", 1.0)])
def test_short_ones(left: str, right: str, alike: float) -> None:
    assert drift(left, right).alike == alike


def test_one_that_goes_on_parts_at_the_other_end() -> None:
    drifted = drift("a b c", "a b c d")
    assert (drifted.shared, drifted.first, drifted.second, drifted.same) == (3, "", "d", False)


def test_order_counts() -> None:
    assert drift("a b c d", "d c b a").alike == 0


def test_the_figure_grows_with_what_is_alike() -> None:
    base = [f"w{n}" for n in range(100)]
    figures = [
        drift(" ".join(base), " ".join([*base[:n], *(f"x{m}" for m in range(100 - n))])).alike for n in (0, 40, 80)
    ]
    assert figures == sorted(figures)
    assert figures[0] == 0
    assert 0.35 < figures[1] < 0.45
