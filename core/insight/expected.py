"""Checks an answer against what was expected: it contains a text, equals it, matches a pattern, or ends in a number.

    fault(rule, expected)           what is wrong with an expectation, as a code, before anything is asked; "": nothing
    check(rule, expected, answer)   True or False; None where nothing was expected or the search took too long

Full-width forms, runs of spaces and (unless a rule says otherwise) letter case make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

from .patterns import BadPattern, Pattern, TooMuch

Kind = Literal["contains", "equals", "regex", "number"]
KINDS: tuple[Kind, ...] = ("contains", "equals", "regex", "number")
LONGEST = 100_000  # characters of an answer that are looked at
GROUPED = r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:[ _']\d{3})+(?!\d)"  # 1,234,567 12,34,567 1 234 567
# 1.234.567 1.234,50 1 234,5 and, between no other commas, 72,5: numbers with a decimal comma.
COMMA = (
    r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?![\d.])|\d{1,3}(?:[. ]\d{3})+,\d+(?![\d,])|(?<![(\[{,])\d+,\d{1,2}(?![\d,])"
    r"|(?<![\d(\[{,])0,\d+(?![\d,])"
)
# A letter before it makes a figure part of a name (B12), but not one of a script without spaces (答案是72).
NUMBER = re.compile(
    rf"(?<![^\W\u2e80-\uffff])(?<!\.)[-+]?(?:{COMMA}|(?:{GROUPED}|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{{1,3}})?"
)
POWER = re.compile(r"(?<=\d)\s*(?:[×·*x]|\\times)\s*10\s*(?:\^\s*\{?\s*([-+−]?\d{1,3})\}?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))")
LONE_POWER = re.compile(r"(?<![\w.,])10\s*\^\s*\{?\s*([-+−]?\d{1,3})\}?")
FRACTION = re.compile(r"(\d*)([¼½¾⅐-⅞])")
# 3/4 and \frac{3}{4}, but no date and no address.
QUOTIENT = re.compile(r"(?<![\w/.,])(\d{1,9})\s?/\s?(\d{1,9})(?![\w/]|[.,]\d)|\\[dt]?frac\{(\d{1,9})\}\{(\d{1,9})\}")
MAGNITUDES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "lakh": 5, "crore": 7,
              "千": 3, "万": 4, "萬": 4, "百万": 6, "千万": 7, "亿": 8, "億": 8, "万亿": 12}  # fmt: skip
MAGNITUDE = re.compile(rf"\s*(?:({'|'.join(sorted(MAGNITUDES, key=len, reverse=True))})(?![a-z]))?", re.IGNORECASE)
BOXED = re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}|<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE)
ADDRESS = re.compile(
    r"(?:\[(?:source|ref|citation|link|来源|资料|链接)\s*\d*\])?(?<=\])\([^()\s]*\)|https?://[^\s)\]]+|"
    r"(?<![\w.])[a-z][\w-]*(?:\.[a-z][\w-]*)+/[^\s)\]]*",
    re.IGNORECASE,
)
# Reference marks, which are no answers: [1], 【4†source】, ¹, (1) after a line of a source list, and the list itself.
CITATION = re.compile(
    r"<sup>[^<]{0,20}</sup>|\[+(?:\^|citation:|ref:?)?\d{1,3}(?:\s*[,\u2013-]\s*\d{1,3})*\^?\]+|"
    r"【[^】]{0,40}】|[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?![\w⁻])"
)
SOURCES = re.compile(
    r"(?:^|\n)\W*(?:sources?|references?|citations?|来源|参考(?:资料|文献|来源)?)\W*\n.*\Z", re.I | re.S
)
LISTED = re.compile(r"(?:\n\s*(?:\[\d{1,3}\]:?|\d{1,3}\.)\s+\S*(?:https?://|www\.|\w\.\w{2,})\S*[^\n]*)+\s*\Z")
STOP = ".。!！"


@dataclass(frozen=True, slots=True)
class Rule:
    """How answers are checked. `tolerance` is the largest difference that a number may have."""

    kind: Kind
    ignore_case: bool = True
    tolerance: Decimal = Decimal(0)

    @classmethod
    def of(cls, value: Mapping[str, Any] | None) -> Rule | None:
        """From plain values, as a batch stores them."""
        if not value or value.get("kind") not in KINDS:
            return None
        return cls(value["kind"], bool(value.get("ignore_case", True)), Decimal(str(value.get("tolerance", 0))))

    def plain(self) -> dict[str, Any]:
        return {"kind": self.kind, "ignore_case": self.ignore_case, "tolerance": str(self.tolerance)}


def fault(rule: Rule, expected: str) -> str:
    """Why no answer can be checked against this: "number" (not one) or a code of `BadPattern`; "" for a valid one."""
    if rule.kind == "number" and number_in(expected) is None:
        return "number"
    if rule.kind == "regex":
        try:
            _compiled(expected.strip(), rule.ignore_case)
        except BadPattern as error:
            return str(error)
    return ""


def check(rule: Rule, expected: str | None, answer: str) -> bool | None:
    """Whether the answer is as expected; None where nothing is expected or the search took too long."""
    if expected is None or not expected.strip():
        return None
    answer = answer[-LONGEST:]
    match rule.kind:
        case "contains":
            return even(expected, rule.ignore_case) in even(answer, rule.ignore_case)
        case "equals":
            return bare(expected, rule.ignore_case) == bare(answer, rule.ignore_case)
        case "number":
            return _near(readings(expected), readings(answer), rule.tolerance)
    try:
        return _compiled(expected.strip(), rule.ignore_case).matches_in(answer)
    except (BadPattern, TooMuch):
        return None


def even(text: str, ignore_case: bool) -> str:
    """The text without differences that do not count."""
    joined = " ".join(unicodedata.normalize("NFKC", text).split())
    return joined.casefold() if ignore_case else joined


def number_in(text: str) -> Decimal | None:
    """The last number of a text: "so 1,234.5 in all" is 1234.5. None when there is none."""
    return next(iter(readings(text)), None)


def readings(text: str) -> tuple[Decimal, ...]:
    """The possible values of a text's last number: `1.2 million` is 1.2 and 1200000. One in a box counts as the
    last."""
    boxed = [box for match in BOXED.finditer(text) if NUMBER.search(box := match[1] or match[2] or "")]
    text = boxed[-1] if boxed else text
    text = POWER.sub(lambda power: "e" + unicodedata.normalize("NFKC", power[1] or power[2]), text)
    text = FRACTION.sub(_in_decimals, QUOTIENT.sub(_divided, LONE_POWER.sub(r"1e\1", text)))
    body = LISTED.sub("", SOURCES.sub("", text))
    bare = CITATION.sub(" ", ADDRESS.sub(" ", body))
    written = unicodedata.normalize("NFKC", bare if NUMBER.search(bare) else text).replace("\N{MINUS SIGN}", "-")
    written = re.sub(r"(?<=\d)’(?=\d{3})", "'", re.sub(r"(?<![\w)])(?<![\w)] )–(?=\d)", "-", written))
    numbers = list(NUMBER.finditer(written))
    try:
        number = Decimal(_plain(numbers[-1][0]))
    except (InvalidOperation, IndexError):
        return ()
    magnitude = MAGNITUDE.match(written, numbers[-1].end())
    return (number, number.scaleb(MAGNITUDES[magnitude[1].lower()])) if magnitude and magnitude[1] else (number,)


def _divided(quotient: re.Match[str]) -> str:
    over, under = quotient[1] or quotient[3], quotient[2] or quotient[4]
    return f" {int(over) / int(under):.12g}" if int(under) else quotient[0]


def _in_decimals(fraction: re.Match[str]) -> str:
    value = unicodedata.numeric(fraction[2])
    return f"{int(fraction[1] or 0) + value:g}"


def _plain(number: str) -> str:
    """Without digit grouping, and with a decimal point."""
    if re.fullmatch(rf"[-+]?(?:{COMMA})(?:[eE].*)?", number):
        return re.sub(r"[. ]", "", number).replace(",", ".")
    return re.sub(r"[,_' ]", "", number)


def bare(text: str, ignore_case: bool) -> str:
    """The text as "equals" compares it: also without a full stop at its end."""
    return even(text, ignore_case).rstrip(STOP + " ")


def _near(wanted: tuple[Decimal, ...], numbers: tuple[Decimal, ...], tolerance: Decimal) -> bool | None:
    if not wanted:
        return None
    return any(abs(target - number) <= tolerance for target in wanted for number in numbers)


@lru_cache(maxsize=2000)
def _compiled(source: str, ignore_case: bool) -> Pattern:
    return Pattern(source, ignore_case=ignore_case)
