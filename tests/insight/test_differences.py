"""The word diff: pieces that rebuild both texts, readable, for any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.insight.differences import MOST_CHARS, differences


def drawn(left: str, right: str) -> str:
    """The pieces as [-gone-] and {+new+}."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in differences(left, right).pieces)


@pytest.mark.parametrize(
    ("left", "right", "shown"),
    [
        ("The cat sat.", "The dog sat.", "The [-cat-]{+dog+} sat."),
        ("我喜欢苹果。", "我喜欢香蕉。", "我喜欢[-苹果-]{+香蕉+}。"),
        ("It costs 1,234.50 now", "It costs 1,234.60 now", "It costs [-1,234.50-]{+1,234.60+} now"),
        ("a\nb\nc", "a\nx\nc", "a\n[-b-]{+x+}\nc"),
        ("don't go", "do go", "[-don't-]{+do+} go"),
        ("same", "same", "same"),
        ("", "all new", "{+all new+}"),
        ("gone", "", "[-gone-]"),
    ],
)
def test_words_that_differ(left: str, right: str, shown: str) -> None:
    assert drawn(left, right) == shown


def test_a_word_shared_by_chance_between_long_changes_is_a_change() -> None:
    shown = drawn("Every morning the farmer milks cows", "Yesterday evening the teacher graded papers")
    assert shown == "[-Every morning the farmer milks cows-]{+Yesterday evening the teacher graded papers+}"


def test_the_share_is_of_words() -> None:
    assert differences("one two three four", "one two three five").alike == 0.75
    assert differences("", "").alike is None


def test_a_long_text_is_cut_and_says_so() -> None:
    assert differences("a" * (MOST_CHARS + 1), "a" * MOST_CHARS).cut
    assert not differences("a", "b").cut


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_the_pieces_rebuild_both_texts(left: str, right: str) -> None:
    pieces = differences(left, right).pieces
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == left
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == right
