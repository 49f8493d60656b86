"""Untrusted regular expressions: no pattern and no text can block the program.

    Pattern(r"(a+)+b", ignore_case=False).matches_in("aaaa…")    False, in time linear in the length

Python's `re` backtracks and may take exponential time. Searching is done by Rust's regex engine, which is linear and
comes with pydantic; Python's syntax is translated to Rust's here. What needs backtracking (backreferences, lookaround)
is refused.
"""

from __future__ import annotations

import re

LONGEST = 500
MOST_STATES = 2_000
MOST_REPEATS = 200
MOST_STEPS = 20_000_000  # states times characters: well under a second
WIDE = 5  # the cost of a character class relative to a single character
FLAGS = re.compile(r"\(\?([aimsu]+)\)")
TOKEN = re.compile(
    r"(?P<escape>\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[pP]\{\w+\}|.))"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<opens>\((?:\?:|\?P<\w+>)?)|(?P<closes>\))"
    r"|(?P<repeat>[*+?]\??|\{(?=,?\d)(?P<least>\d*)(?P<comma>,?)(?P<most>\d*)\}\??)"
    r"|(?P<one>.)",
    re.DOTALL,
)
# Operators of Rust's sets that Python's do not have.
IN_SET = re.compile(r"\\.|[\[&~]|^-(?=-)|(?<=[^^]-)-", re.DOTALL)
CODES = {
    "unclosed character class": "class",
    "unclosed": "opens",
    "unopened": "closes",
    "class range": "characters",
    "range boundary": "characters",
    "missing expression": "nothing",
    "count range": "bounds",
    "backreferences": "backslash",
    "escape sequence": "backslash",
    "nested": "deep",
    "size limit": "large",
}


class BadPattern(ValueError):
    """A pattern that cannot be used. Its message is a code:

    long, large (more states than we make), deep, opens, closes, class (an open one), characters (a class that is none),
    nothing (is repeated), twice, often, bounds, looks (ahead or behind), backslash (one that is not supported).
    """


class TooMuch(Exception):
    """The search might take more steps than allowed."""


class Pattern:
    """A compiled pattern. Raises `BadPattern`."""

    def __init__(self, source: str, *, ignore_case: bool = False) -> None:
        from pydantic_core import SchemaError, SchemaValidator, core_schema

        if len(source) > LONGEST:
            raise BadPattern("long")
        flags = FLAGS.match(source)
        flag_letters = (set(flags[1]) & set("ims") if flags else set()) | set("i" * ignore_case)
        rust, self.states = _rust(source[flags.end() if flags else 0 :], lines="m" in flag_letters)
        pattern = _sound(f"(?{''.join(sorted(flag_letters))})" * bool(flag_letters) + rust)
        try:
            self._search = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
        except SchemaError as error:
            message = str(error)
            raise BadPattern(next((code for words, code in CODES.items() if words in message), "looks")) from None

    def matches_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere. Raises `TooMuch`."""
        if self.states * len(text) > MOST_STEPS:
            raise TooMuch
        return self._search.isinstance_python(_sound(text))


def _sound(text: str) -> str:
    """Without lone surrogates, which are not text for Rust."""
    return text.encode("utf-8", "replace").decode()


def _rust(source: str, *, lines: bool) -> tuple[str, int]:
    """A pattern in Rust's syntax, and its size with all repetitions written out."""
    written: list[str] = []
    groups, last, repeated = [0], 0, False  # sizes of the open groups; of what a repetition would repeat
    for token in TOKEN.finditer(source):
        text, kind = token[0], token.lastgroup
        if kind == "repeat":
            if repeated:
                raise BadPattern("twice")
            times = max(int(token["least"] or 1), int(token["most"] or 1)) if token["least"] is not None else 1
            if times > MOST_REPEATS:
                raise BadPattern("often")
            groups[-1] += last * (times - 1)
            text = text.replace("{,", "{0,")
        elif kind == "opens":
            groups.append(0)
        elif kind == "closes" and len(groups) > 1:
            last = groups.pop()
            groups[-1] += last
        else:
            last = 1 if kind == "one" and text != "." else WIDE
            groups[-1] += last
            text = _escape(text) if kind == "escape" else _set(text) if kind == "set" else _pattern(text, lines)
        repeated = kind == "repeat"
        written.append(text)
    if groups[0] > MOST_STATES:
        raise BadPattern("large")
    return "".join(written), sum(groups)


def _escape(text: str) -> str:
    """An escaped character; Rust gives some a meaning that Python does not."""
    if text == r"\Z":
        return r"\z"
    return text if text[1].isalnum() and text[1].isascii() else _literal(text[1])


def _literal(sign: str) -> str:
    return re.escape(sign) if sign.isascii() and sign.isprintable() else sign


def _set(text: str) -> str:
    inside = IN_SET.sub(lambda sign: _escape(sign[0]) if len(sign[0]) > 1 else f"\\{sign[0]}", text[1:-1])
    return f"[{inside}]"


def _pattern(sign: str, lines: bool) -> str:
    if sign == "$" and not lines:
        return r"(?:$|\n\z)"  # Python's end may have a line break after it
    return _literal(sign) if sign in "{}" else sign
