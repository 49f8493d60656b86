"""A key that comes in pieces is never shown whole, and nothing else is held back or changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.safety.redact import Redactor
from core.safety.sieve import HIDDEN

KEY = "gsk_AbCdEf0123456789GhIjKlMnOpQrStUvWxYz"
SHORT = "tok-1234"
LONGER = "tok-1234-and-more-of-it-than-that"
REDACTOR = Redactor([KEY, SHORT, LONGER])


def shown(*pieces: str) -> list[str]:
    """What each piece shows, and what the end does."""
    sieve = REDACTOR.sieve()
    assert sieve
    return [*(sieve.feed(piece) for piece in pieces), sieve.close()]


@pytest.mark.parametrize("key", [KEY, SHORT, LONGER])
def test_a_key_is_hidden_wherever_it_is_cut(key: str) -> None:
    text = f"It is {key}, and again {key}{key}."
    whole = text.replace(key, HIDDEN)
    for first in range(len(text)):
        for second in (first, first + 1, first + 5, len(text)):
            seen = "".join(shown(text[:first], text[first:second], text[second:]))
            assert key not in seen
            assert seen.replace("gsk", "").replace("tok", "").count(HIDDEN) == 3
            assert len(seen) <= len(whole) + 9


@pytest.mark.parametrize("key", [KEY, SHORT, LONGER])
def test_a_key_is_hidden_letter_by_letter(key: str) -> None:
    pieces = shown(*f"It is {key}, and on.")
    assert key[4:] not in "".join(pieces)
    assert "".join(pieces) == f"It is {key[:3]}{HIDDEN}, and on."


def test_only_what_may_be_a_key_is_held_back() -> None:
    assert shown("Words gs") == ["Words gs", ""]
    assert shown("Words gsk_", "files") == ["Words ", "gsk_files", ""]
    assert shown("tok-12", "3 is", " no key") == ["", "tok-123 is", " no key", ""]
    assert shown("Words gs", "k_A", "bout") == ["Words gs", "", "k_About", ""]


def test_the_longer_of_two_keys_wins_when_it_comes() -> None:
    assert shown(SHORT, "-and-less") == ["", f"{HIDDEN}less", ""]
    assert shown(SHORT, LONGER[8:]) == ["", HIDDEN, ""]
    assert shown(SHORT) == ["", HIDDEN]


def test_a_key_that_the_end_cuts_is_hidden_too() -> None:
    assert shown(f"It is {KEY[:20]}") == ["It is ", HIDDEN]
    assert shown(f"It is {SHORT[:5]}") == ["It is ", HIDDEN]
    assert shown(f"It is {KEY[:6]}") == ["It is ", KEY[:6]]
    assert shown(f"It is {KEY[:20]} or so") == [f"It is {HIDDEN} or so", ""]


def test_a_text_without_a_key_is_the_same_object() -> None:
    sieve, text = REDACTOR.sieve(), "Nothing here."
    assert sieve
    assert sieve.feed(text) is text


def test_without_keys_there_is_nothing_to_do() -> None:
    assert Redactor().sieve() is None


LETTERS = st.text(alphabet="gsk_toAb1234-", max_size=6)
PARTS = st.lists(st.one_of(st.sampled_from([KEY, SHORT, LONGER, KEY[:15], SHORT[:5]]), LETTERS, st.text(max_size=5)))


@given(PARTS, st.randoms())
def test_however_it_is_cut_no_key_comes_through_and_the_rest_does(parts: list[str], random: object) -> None:
    text = "".join(parts)
    pieces, at = [], 0
    while at < len(text):
        size = random.randint(1, 9)  # type: ignore[attr-defined]
        pieces.append(text[at : at + size])
        at += size
    seen = "".join(shown(*pieces))
    assert not [key for key in (KEY, SHORT, LONGER) if key in seen.replace(HIDDEN, "\0")]
    if not any(value[:4] in text for value in (KEY, SHORT)):
        assert seen == text
