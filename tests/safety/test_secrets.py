"""Secrets and personal data in a text: exactly which part of it, and patterns that cannot run away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from core.safety import injection, key_shapes, masking, personal, secrets
from core.safety.findings import Finding, apart
from core.safety.personal import is_card, is_iban, is_identity_number, personal_in
from core.safety.secrets import secrets_in

BODY = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
SWALLOWED = 20_000  # the most characters that one pattern reads from one place


def parts(text: str, findings: list[Finding]) -> list[str]:
    return [text[finding.start : finding.end] for finding in findings]


@pytest.mark.parametrize("frame", ["{}", "key:{}.", '"{}"', "密钥是{}，", "x={}&y=1", "({})", "{}\n"])
@pytest.mark.parametrize(
    "key", [f"gsk_{BODY}", f"ghp_{BODY}{BODY}", f"sk-{BODY}", f"xai-{BODY}", "AKIAQ3EGRIJXMPLE2345"]
)
def test_the_whole_key_is_meant_and_nothing_else(frame: str, key: str) -> None:
    text = frame.format(key)
    assert parts(text, secrets_in(text)) == [key]


def test_of_an_address_only_the_password_is_meant() -> None:
    text = f"postgres://shop:{BODY}@db:5432/x"
    assert parts(text, secrets_in(text)) == [BODY]


def test_a_known_key_is_found_whatever_it_looks_like() -> None:
    assert secrets_in("we use plainwords here", ["plainwords"]) == [Finding(7, 17, "key")]


def test_overlapping_findings_become_one_and_a_secret_leads() -> None:
    mixed = [Finding(0, 10, "mail"), Finding(5, 20, "key", "Groq"), Finding(30, 31, "ip")]
    assert apart(mixed) == [Finding(0, 20, "key", "Groq"), Finding(30, 31, "ip")]


def test_checksums() -> None:
    assert is_identity_number("11010519491231002X")
    assert not is_identity_number("110105194912310021")
    assert not is_identity_number("11010519491331002X")
    assert is_card("4111 1111 1111 1111")
    assert not is_card("4111 1111 1111 1112")
    assert is_iban("DE89370400440532013000")
    assert not is_iban("DE88370400440532013000")
    assert not is_iban("DE8937040044053201300")


def test_a_number_within_a_longer_one_is_none() -> None:
    for text in ("9913812345678", "x13812345678", "138123456789", "4111111111111111000", "a11010519491231002X"):
        assert personal_in(text) == []


def patterns() -> Iterator[re.Pattern[str]]:
    for module in (secrets, personal, injection, masking):
        for value in vars(module).values():
            yield from (
                each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, re.Pattern)
            )
    yield from (shape.pattern for shape in key_shapes._shapes())


def widest(tree: Any) -> int:
    """The most characters that a parsed pattern can read; -1 counts as without end."""
    return max(-1, tree.getwidth()[1])


@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda pattern: pattern.pattern[:40])
def test_no_pattern_reads_without_end_from_one_place(pattern: re.Pattern[str]) -> None:
    """Then the work is at most that many steps a character, and a text ten times as long takes ten times as long.
    Patterns that must match a whole, short value are looked at by their callers."""
    if pattern in (secrets._STAND_IN, secrets._DOTTED, key_shapes._EMPTY, personal._GROUPS):
        return
    assert 0 <= widest(re._parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)) <= SWALLOWED  # type: ignore[attr-defined]


HOSTILE = [
    *(prefix for _, prefix, _ in key_shapes._BEGINNINGS),
    *("eyJ-", "eyJaaaaaaaaa.", "-----BEGIN PRIVATE KEY-----", "api_key = ", "password: a", "密码是", "://a:", "a@a."),
    *(
        "1 ",
        "1-",
        "1.",
        "a:",
        "+1 ",
        "(222) ",
        "DE12 ",
        "tel: 1",
        "12345678:AA",
        "1.1.1.",
        "4111 1111 ",
        "[key-",
        "\\[",
    ),
    *("ignore ", "act as ", "send ", "![a](http://a?", "忽略", "\n### ", "\u200b\u200b "),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_texts_come_to_an_end(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    secrets_in(text)
    personal_in(text)
    injection.hints_in(text)
    restorer = masking.Restorer({"mail-1": "a@b.example"})
    assert "".join([*(restorer.feed(text[at : at + 500]) for at in range(0, len(text), 500)), restorer.close()]) == text
