"""Expected answers: four ways to be right, patterns that cannot keep the program busy, and the interval of a share."""

from __future__ import annotations

import random
import re
from decimal import Decimal

import pytest

from core.insight.expected import Kind, Rule, check, fault, number_in
from core.insight.patterns import MOST_STEPS, BadPattern, Pattern, TooMuch


@pytest.mark.parametrize(
    ("kind", "expected", "answer", "right"),
    [
        ("contains", "Paris", "It is paris, of course.", True),
        ("contains", "Paris", "It is Rome.", False),
        ("contains", "two  words", "here are two\nwords", True),
        ("contains", "ＡＢＣ１２３", "the code abc123", True),
        ("equals", "yes", "Yes.", True),
        ("equals", "是", "是。", True),
        ("equals", "yes", "yes, it is", False),
        ("number", "1234.5", "That makes 3 times 411.5, so 1,234.5 in all.", True),
        ("number", "42", "The answer is 43, not 42, so 43.", False),
        ("number", "-3", "x = −3", True),
        ("number", "12", "no number here", False),
        ("number", "１２", "答案是 12。", True),
        ("regex", r"\b(cat|dog)s?\b", "Two dogs.", True),
        ("regex", r"^\d{4}-\d{2}-\d{2}$", "2026-11-22", True),
        ("regex", r"^\d{4}$", "20261", False),
        ("contains", "", "anything", None),
        ("number", None, "7", None),
    ],
)
def test_ways_to_be_right(kind: Kind, expected: str | None, answer: str, right: bool | None) -> None:
    assert check(Rule(kind), expected, answer) is right


def test_letter_case_and_tolerance_are_the_persons_choice() -> None:
    assert check(Rule("contains", ignore_case=False), "Paris", "paris") is False
    assert check(Rule("regex", ignore_case=False), "Paris", "paris") is False
    assert check(Rule("number", tolerance=Decimal("0.01")), "3.14", "3.1415") is True
    assert check(Rule("number", tolerance=Decimal("0.001")), "3.14", "3.1415") is False


def test_a_rule_survives_the_database() -> None:
    rule = Rule("number", False, Decimal("0.5"))
    assert Rule.of(rule.plain()) == rule
    assert Rule.of(None) is None
    assert Rule.of({"kind": "guess"}) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("12,345", "12345"), ("1e3", "1000"), ("v1.2.3 is 7", "7"), ("no", None), ("50%", "50"), ("+8", "8")],
)
def test_the_last_number_counts(text: str, number: str | None) -> None:
    assert number_in(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        ("(", "opens"),
        (")", "closes"),
        ("[a", "class"),
        ("[z-a]", "characters"),
        ("*a", "nothing"),
        ("a**", "twice"),
        ("a{999}", "often"),
        ("a{5,2}", "bounds"),
        ("(?=a)", "looks"),
        (r"(a)\1", "backslash"),
        ("x" * 501, "long"),
        ("(((a{90}){90}){90})", "large"),
        ("(" * 249 + "a" + ")" * 249, ""),
        ("a++", "twice"),
        (r"\q", "backslash"),
        (r"[\d-z]", "characters"),
        ("(?P=x)", "looks"),
        (r"\w{300}", "often"),
        (r"(\w{200}){9}", "large"),
        ("\\", "backslash"),
        ("fine", ""),
    ],
)
def test_a_bad_pattern_is_told_before_anything_is_asked(expected: str, code: str) -> None:
    assert fault(Rule("regex"), expected) == code


def test_an_expectation_that_is_no_number_is_told() -> None:
    assert fault(Rule("number"), "many") == "number"
    assert fault(Rule("number"), "7") == ""


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"(a+)+c", "a" * 20_000 + "b", False),
        (r"(a|aa)+$", "a" * 20_000 + "!", False),
        (r"(.*)(.*)(.*)(.*)=", "x" * 20_000 + "\n", False),
        (r"^(\w+\s?)*$", "word " * 4_000 + "!", False),
        ("^(a?){200}a{200}$", "a" * 400, True),
    ],
)
def test_patterns_that_would_run_for_ever_end(pattern: str, text: str, matches: bool) -> None:
    assert Pattern(pattern).matches_in(text) is matches


def test_what_takes_too_long_is_not_checked() -> None:
    """Counted before the search, in states times characters."""
    assert check(Rule("regex"), "(a?){200}a{200}b", "a" * 40_000) is False
    assert check(Rule("regex"), "(a?){200}a{200}b", "a" * 100_000) is None
    large = Pattern(r"(?:(?:a|b|ab|ba){1,100}c?){1,2}z")
    assert large.states > 1_000
    with pytest.raises(TooMuch):
        large.matches_in("ab" * (MOST_STEPS // 2_000))


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"\bcafé\b", "Un café.", True),
        (r"\bt\b", "été", False),
        (r"^\w+$", "答案", True),
        (r"\d{2}", "１２", True),
        (r"a\sb", "a\u00a0b", True),
        (r"^ß$", "ẞ", True),
        (r"答\。", "答。", True),
        (r"\u7b54", "答", True),
        (r"{\"n\": \d+}", '{"n": 12}', True),
        (r"a{,2}b", "b", True),
        (r"a{x}", "a{x}", True),
        (r"\<b\>", "<b>", True),
        (r"[[(]1[)\]]", "[1]", True),
        (r"[a&&b]", "&", True),
        (r"[+--]", ",", True),
        (r"[--a]", "A", True),
        (r"[]x]", "]", True),
        (r"[^]]", "]", False),
        (r"end$", "end\n", True),
        (r"end\Z", "end\n", False),
        (r"end\Z", "the end", True),
        (r"(?m)^two$", "one\ntwo\nthree", True),
        (r"(?s)one.two", "one\ntwo", True),
        (r"(?ai)ONE", "one", True),
        (r"(?P<year>\d{4})-(?:\d\d)", "2026-11", True),
        (r"\p{Han}+", "答案", True),
        ("x", "\ud800x", True),
    ],
)
def test_a_pattern_means_what_it_means_in_python(pattern: str, text: str, matches: bool) -> None:
    assert Pattern(pattern, ignore_case=True).matches_in(text) is matches


def test_it_finds_what_the_standard_library_finds() -> None:
    """Thousands of small patterns by chance, held against `re`."""
    chance, compared = random.Random(5), 0
    for _ in range(4000):
        source = "".join(chance.choice(r"ab(|)*+?[^]c.$\d{2}1 -") for _ in range(chance.randint(1, 8)))
        try:
            own, standard = Pattern(source), re.compile(source)
            if "$" in source[:-1]:
                continue  # its line break is behind what follows in ours, and before it in theirs
        except (BadPattern, re.error, FutureWarning):
            continue
        for _ in range(3):
            text = "".join(chance.choice("abc1 \n(-[") for _ in range(chance.randint(0, 7)))
            assert own.matches_in(text) == bool(standard.search(text)), (source, text)
            compared += 1
    assert compared > 1000


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("答案是72。", "72"),
        ("72,5", "72.5"),
        ("1.234,50 €", "1234.50"),
        ("1.234.567", "1234567"),
        ("1 234 567,89", "1234567.89"),
        ("1,2,3", "3"),
        ("(3,4)", "4"),
        ("1,234", "1234"),
        ("3½", "3.5"),
        (".5", "0.5"),
        ("7’000", "7000"),
        ("–5 °C", "-5"),
        ("5–10", "10"),
        (r"7.2 \times 10^{3}", "7200"),
        ("7.2 × 10³", "7200"),
        ("72 [citation:1]", "72"),
        ("72[[1]](https://example.com/9)", "72"),
        ("72 ([example.com](https://example.com/2024))", "72"),
        ("72 [^1^]", "72"),
        ("72<sup>1</sup>", "72"),
        ("1/2", "0.5"),
        (r"\frac{3}{4}", "0.75"),
        ("3 / 4 of it", "0.75"),
        ("on 1/2/2026", "2026"),
        ("10^6", "1000000"),
        ("10^{-3}", "0.001"),
        ("0,125", "0.125"),
        (r"So $\boxed{72}$. I checked it 3 times.", "72"),
        (r"\boxed{\frac{1}{2}}, by 3 steps", "0.5"),
        (r"\boxed{} 5", "5"),
        ("<answer>72</answer> in 3 steps", "72"),
        ("72 (see example.com/2024/05)", "72"),
        ("72. [Source 1](https://example.com/9)", "72"),
        ("seventy-two", None),
        ("B12", None),
    ],
)
def test_numbers_as_the_world_writes_them(text: str, number: str | None) -> None:
    assert number_in(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("expected", "answer", "passed"),
    [
        ("1200000", "It is 1.2 million.", True),
        ("1.2", "It is 1.2 million.", True),
        ("1.2 million", "1,200,000", True),
        ("12000", "共1.2万元", True),
        ("120000000", "1.2 亿", True),
        ("1000000", "1.2 million", False),
        ("72", "72 millionaires", True),
        ("1/2", "It is 3/2", False),
    ],
)
def test_a_magnitude_in_words_may_belong_to_the_number(expected: str, answer: str, *, passed: bool) -> None:
    assert check(Rule("number"), expected, answer) is passed
