"""Whether an answer is what was expected: it contains something, equals it, matches a pattern, or ends in a number.

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

from core.insight.patterns import BadPattern, Pattern, TooMuch

Kind = Literal["contains", "equals", "regex", "number"]
KINDS: tuple[Kind, ...] = ("contains", "equals", "regex", "number")
LONGEST = 100_000  # characters of an answer that are looked at
GROUPED = r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:[ _']\d{3})+(?!\d)"  # 1,234,567 12,34,567 1 234 567
# 1.234.567 1.234,50 1 234,5 and, between no other commas, 72,5: numbers with a decimal comma.
COMMA = r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?![\d.])|\d{1,3}(?:[. ]\d{3})+,\d+(?![\d,])|(?<![(\[{,])\d+,\d{1,2}(?![\d,])"
# A letter before it makes a figure part of a name (B12), but not one of a script without spaces (答案是72).
NUMBER = re.compile(
    rf"(?<![^\W\u2e80-\uffff])(?<!\.)[-+]?(?:{COMMA}|(?:{GROUPED}|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{{1,3}})?"
)
POWER = re.compile(r"(?<=\d)\s*(?:[×·*x]|\\times)\s*10\s*(?:\^\s*\{?\s*([-+−]?\d{1,3})\}?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))")
FRACTION = re.compile(r"(\d*)([¼½¾⅐-⅞])")
ADDRESS = re.compile(r"(?<=\])\([^()\s]*\)|https?://[^\s)\]]+")
# What stands beside a number and is none: [1], 【4†source】, ¹, (1) behind a source list's line, and the list itself.
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
        """Out of plain values, as a batch keeps them."""
        if not value or value.get("kind") not in KINDS:
            return None
        return cls(value["kind"], bool(value.get("ignore_case", True)), Decimal(str(value.get("tolerance", 0))))

    def plain(self) -> dict[str, Any]:
        return {"kind": self.kind, "ignore_case": self.ignore_case, "tolerance": str(self.tolerance)}


def fault(rule: Rule, expected: str) -> str:
    """Why no answer could be held against this: "number" (it is none) or a code of `BadPattern`; "" for a sound one."""
    if rule.kind == "number" and number_in(expected) is None:
        return "number"
    if rule.kind == "regex":
        try:
            _compiled(expected.strip(), rule.ignore_case)
        except BadPattern as error:
            return str(error)
    return ""


def check(rule: Rule, expected: str | None, answer: str) -> bool | None:
    """Hold an answer against what is expected."""
    if expected is None or not expected.strip():
        return None
    answer = answer[-LONGEST:]
    match rule.kind:
        case "contains":
            return even(expected, rule.ignore_case) in even(answer, rule.ignore_case)
        case "equals":
            return _bare(expected, rule.ignore_case) == _bare(answer, rule.ignore_case)
        case "number":
            return _near(number_in(expected), number_in(answer), rule.tolerance)
    try:
        return _compiled(expected.strip(), rule.ignore_case).found_in(answer)
    except (BadPattern, TooMuch):
        return None


def even(text: str, ignore_case: bool) -> str:
    """Text with what makes no difference taken out."""
    joined = " ".join(unicodedata.normalize("NFKC", text).split())
    return joined.casefold() if ignore_case else joined


def number_in(text: str) -> Decimal | None:
    """The last number of a text: "so 1,234.5 in all" is 1234.5. None when there is none."""
    text = FRACTION.sub(
        _in_decimals, POWER.sub(lambda power: "e" + unicodedata.normalize("NFKC", power[1] or power[2]), text)
    )
    body = LISTED.sub("", SOURCES.sub("", text))
    bare = CITATION.sub(" ", ADDRESS.sub(" ", body))
    written = unicodedata.normalize("NFKC", bare if NUMBER.search(bare) else text).replace("\N{MINUS SIGN}", "-")
    written = re.sub(r"(?<=\d)’(?=\d{3})", "'", re.sub(r"(?<![\w)])(?<![\w)] )–(?=\d)", "-", written))
    found = NUMBER.findall(written)
    try:
        return Decimal(_plain(found[-1])) if found else None
    except InvalidOperation:
        return None


def _in_decimals(fraction: re.Match[str]) -> str:
    value = unicodedata.numeric(fraction[2])
    return f"{int(fraction[1] or 0) + value:g}"


def _plain(number: str) -> str:
    """Without what groups its digits, and with a decimal point."""
    if re.fullmatch(rf"[-+]?(?:{COMMA})(?:[eE].*)?", number):
        return re.sub(r"[. ]", "", number).replace(",", ".")
    return re.sub(r"[,_' ]", "", number)


def _bare(text: str, ignore_case: bool) -> str:
    return even(text, ignore_case).rstrip(STOP + " ")


def _near(wanted: Decimal | None, said: Decimal | None, tolerance: Decimal) -> bool | None:
    if wanted is None:
        return None
    return said is not None and abs(wanted - said) <= tolerance


@lru_cache(maxsize=2000)
def _compiled(source: str, ignore_case: bool) -> Pattern:
    return Pattern(source, ignore_case=ignore_case)
