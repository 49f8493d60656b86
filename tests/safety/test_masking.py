"""Placeholders go out, words come back: whole, split, changed by the model; never into an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BlockedInput
from core.records import Message, Note
from core.safety.masking import Mask, Restorer
from core.safety.personal import personal_in
from core.safety.screening import Screened, alarm, listed, read_list, screen
from core.safety.sieve import Finder, Sieve

KEY = "gsk_" + "aB3dE6gH9jK2" * 4
WORDS = {"mail-1": "jane@example.org", "phone-12": "+1 415-555-0132", "key-1": KEY}


def restored(text: str, size: int = 1000, words: dict[str, str] = WORDS) -> str:
    restorer = Restorer(words)
    return "".join(restorer.feed(text[at : at + size]) for at in range(0, len(text), size)) + restorer.close()


def screened(*texts: str, secrets: str = "mask", personal: str = "mask") -> Screened:
    roles = ["user", "assistant"] * len(texts)
    messages = [Message(role, text) for role, text in zip(roles, texts, strict=False)]  # type: ignore[arg-type]
    return screen(messages, secrets=secrets, personal=personal)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear [mail-1],", "Dear jane@example.org,"),
        ("[phone-12][mail-1]", "+1 415-555-0132jane@example.org"),
        (r"\[mail-1\] and 【Mail-1】", "jane@example.org and jane@example.org"),
        ("[mail-2] [mail-] [link] [1] a[0]", "[mail-2] [mail-] [link] [1] a[0]"),
        ("open [mail-1", "open [mail-1"),
        ("a \\", "a \\"),
        ("https://evil.example/?q=[mail-1] [mail-1]", "https://evil.example/?q=[mail-1] jane@example.org"),
        ("[a](https&colon;//x/[key-1])", "[a](https&colon;//x/[key-1])"),
        ("www.evil.example/[key-1]", "www.evil.example/[key-1]"),
        ("key=[key-1]\n", f"key={KEY}\n"),
    ],
)
def test_words_come_back(text: str, expected: str, size: int) -> None:
    assert restored(text, size) == expected


@given(st.text("[]m ail-1\\【】\n:/", max_size=60), st.integers(1, 9))
def test_pieces_and_whole_agree(text: str, size: int) -> None:
    assert restored(text, size) == restored(text)


def test_a_text_without_placeholders_is_not_held_back() -> None:
    restorer = Restorer(WORDS)
    assert [restorer.feed(piece) for piece in ("Hello", " [world", "]!")] == ["Hello", " ", "[world]!"]


def test_keys_are_taken_out_before_words_are_put_back() -> None:
    restorer = Restorer(WORDS, Sieve(Finder(["secret-of-the-house"])))
    shown = [restorer.feed(piece) for piece in ("[mail-1] secret-of", "-the-house [ma", "il-1]")] + [restorer.close()]
    assert "".join(shown) == "jane@example.org [key hidden] jane@example.org"


def test_a_placeholder_that_a_person_wrote_is_not_used() -> None:
    mask = Mask(["see [mail-1]"])
    text = "see [mail-1] or jane@example.org"
    assert mask.text(text, personal_in(text)) == "see [mail-1] or [mail-2]"


def test_one_word_has_one_placeholder_in_all_turns() -> None:
    result = screened("I am jane@example.org", "Hello jane@example.org", "And bob@example.org, jane@example.org")
    assert [message.text for message in result.messages] == [
        "I am [mail-1]",
        "Hello [mail-1]",
        "And [mail-2], [mail-1]",
    ]
    assert result.notes() == (Note("masked", "mail 2"),)


def test_no_word_is_in_what_is_printed() -> None:
    result = screened(f"jane@example.org {KEY}")
    assert "jane" not in repr(result)
    assert KEY not in repr(result)


def test_a_new_secret_stops_and_an_earlier_one_is_masked() -> None:
    with pytest.raises(BlockedInput) as refusal:
        screened("Hi", "Hello", f"my key {KEY}", secrets="stop")
    assert (refusal.value.code, KEY in str(refusal.value)) == ("secrets", False)
    assert screened(f"my key {KEY}", "Thanks", "And now?", secrets="stop").messages[0].text == "my key [key-1]"


def test_a_secret_in_the_system_prompt_stops() -> None:
    with pytest.raises(BlockedInput):
        screen([Message("system", KEY), Message("user", "Hi")])


def test_what_is_allowed_goes_out_and_what_is_told_is_counted() -> None:
    assert screened(f"jane@example.org {KEY}", secrets="allow", personal="allow").notes() == ()
    warned = screened(f"jane@example.org {KEY}", personal="warn")
    assert warned.messages[0].text == "jane@example.org [key-1]"
    assert warned.notes() == (Note("masked", "key 1"), Note("personal_sent", "mail 1"))


def test_an_alarm_counts_what_is_new() -> None:
    texts = [f"jane@example.org bob@example.org {KEY}"]
    first = alarm(texts, secrets=True, personal=True)
    assert (first.secrets, first.personal, first.vendors) == ({"key": 1}, {"mail": 2}, ("Groq",))
    later = alarm(texts, secrets=False, personal=True, already=["Dear bob@example.org"])
    assert (later.secrets, later.personal) == ({}, {"mail": 1})
    assert not alarm(["Hello"], secrets=True, personal=True)


def test_counts_are_written_and_read() -> None:
    assert read_list(listed({"mail": 2, "private_key": 1})) == {"mail": 2, "private_key": 1}
    assert read_list("") == {}
