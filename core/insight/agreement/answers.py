"""Comparisons of whole answers: a yes or a no at the start, code by language, and texts without any statement."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from .reading import Code, Statement
from .records import Claim, Clash

OPENING = 3  # statements among which a verdict is looked for
SHOWN_LINES = 12

_ANSWER = r"(?:(?:the )?(?:short )?(?:answer|verdict)(?: is)?:? )?"
_CHINESE_ANSWER = r"(?:答案|结论)?(?:是)?[:： ]*"
_CHINESE_END = r"(?=[，。！,.! ]|$)"
_YES = re.compile(
    rf"{_ANSWER}(?:yes|yep|true|correct|right|absolutely|definitely|indeed)\b(?!,? (?:and|or) no\b)"
    rf"|{_CHINESE_ANSWER}(?:是的|对的?|可以的?|能够?|会的?|正确|没错|有的|当然){_CHINESE_END}|是{_CHINESE_END}",
    re.IGNORECASE,
)
_NO = re.compile(
    rf"{_ANSWER}(?:no(?=[,.!;: –—-]|$)|nope|false|incorrect|wrong|not really)(?! (?:one|single|problem|doubt|matter))"
    rf"|{_CHINESE_ANSWER}(?:不是的?|不对|不可以|不能|不会|不行|错误|没有|并非|否|不){_CHINESE_END}",
    re.IGNORECASE,
)


def verdict_clash(answers: Sequence[Sequence[Statement]]) -> Clash | None:
    """Answers of which at least one opens with a yes and another with a no."""
    claims = []
    for lane, statements in enumerate(answers):
        verdict = next((hit for statement in statements[:OPENING] if (hit := _verdict(statement.text))), None)
        if verdict:
            claims.append(Claim(lane, *verdict))
    return Clash("verdict", tuple(claims)) if len({claim.value for claim in claims}) > 1 else None


def _verdict(text: str) -> tuple[str, str] | None:
    """ "yes" or "no" with the sentence that says so."""
    opening = text.lstrip("\"'“‘(")
    if _NO.match(opening):
        return "no", text
    return ("yes", text) if _YES.match(opening) else None


def code_clashes(answers: Sequence[Sequence[Code]]) -> list[Clash]:
    """By language, the answers whose code differs; spaces at line ends, blank lines and comment lines do not count."""
    clashes = []
    for language in sorted({code.language for codes in answers for code in codes}):
        claims = []
        for lane, codes in enumerate(answers):
            lines = [line for code in codes if code.language == language for line in code.lines]
            if lines:
                claims.append(Claim(lane, "\n".join(lines[:SHOWN_LINES]), "\n".join(lines)))
        if len({claim.text for claim in claims}) > 1:
            clashes.append(Clash("code", tuple(claims), language))
    return clashes


def shared_lines(first: Sequence[str], second: Sequence[str]) -> int:
    """How many lines of code two answers have in common, each as often as both have it."""
    return (Counter(first) & Counter(second)).total()


def likeness_of_texts(first: str, second: str) -> float | None:
    """For texts without statements: 1.0 when they are the same but for spaces, else unknown."""
    plain = [" ".join(unicodedata.normalize("NFKC", text).split()) for text in (first, second)]
    return 1.0 if plain[0] and plain[0] == plain[1] else None
