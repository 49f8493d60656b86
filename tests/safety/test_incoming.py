"""Prompts: what cannot be sent is refused with one sentence, everything else stays as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BlockedInput
from core.safety.incoming import clean_prompt


@pytest.mark.parametrize("text", ["", " ", "\n\t  ", "\x00", "\u200b\u200d\ufeff", "\u2060 \u3000\u00a0", "\U000e0041"])
def test_an_empty_prompt_is_refused(text: str) -> None:
    with pytest.raises(BlockedInput, match="empty") as refused:
        clean_prompt(text, 100)
    assert refused.value.code == "empty"


def test_a_long_prompt_is_refused_with_both_numbers() -> None:
    with pytest.raises(BlockedInput, match="200,001 characters; at most 200,000") as refused:
        clean_prompt("x" * 200_001, 200_000)
    assert refused.value.code == "too_long"
    assert clean_prompt("x" * 200_000, 200_000) == "x" * 200_000


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b", "ab"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("  two spaces\r\n\tand a tab ", "  two spaces\r\n\tand a tab "),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
        ("![a](http://x/)", "![a](http://x/)"),
    ],
)
def test_the_rest_is_kept_as_written(text: str, cleaned: str) -> None:
    assert clean_prompt(text, 100) == cleaned


@given(st.text(alphabet=st.characters(codec=None)))
def test_what_passes_can_be_stored(text: str) -> None:
    try:
        cleaned = clean_prompt(text, 1_000)
    except BlockedInput:
        return
    cleaned.encode()
    assert "\x00" not in cleaned
