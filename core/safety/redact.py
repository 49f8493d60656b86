"""The redactor in front of everything that is stored, shown, logged or exported.

    clean(value)     any value of ours: strings, exceptions, dataclasses, lists and dicts of them
        scrub(text)      a provider's message: configured keys by value, other keys by shape
        hide(text)       a model's or a person's text, which may discuss keys: configured keys by value only
        sieve()          the same for a text that arrives in pieces

Order matters in `scrub`: exact values first, then pieces of them that servers echo (`sk-ab****wxyz`), then vendors'
patterns. Every repetition is bounded, so time grows with the length of the text and nothing else.
"""

from __future__ import annotations

import dataclasses
import html
import json
import re
import string
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar, cast
from urllib.parse import quote

from .key_shapes import PREFIXES, without_keys
from .sieve import HIDDEN, PIECE, Finder, Sieve

T = TypeVar("T")
# The fields that hold what a model or a person wrote, and what must go back as it came.
WRITTEN = frozenset({"text", "reasoning", "arguments", "signature", "encrypted"})
_SHORTEST = 8
_PREFIXES = ("sk-", *PREFIXES)  # of a key that a server echoes with a mask in it
_SUSPICIOUS = re.compile(r"[A-Za-z0-9_.~+/=-]{12}|[*\u2022]{2}|\u2026|\.{3}|://|(?i:key|token|secret|passw|bearer)")
_NAMED = re.compile(
    r"(?P<name>(?i:bearer|api[-_ ]?key|access[-_]?token|auth[-_]?token|client[-_]?secret|secret[-_]?access[-_]?key|"
    r"password|passwd|[?&]key)[\"']?(?:\s{0,4}[:=]\s{0,4}|\s)(?:(?i:bearer)\s)?[\"']?)"
    r"(?=[^\s\"',;&<>]{0,200}\d)(?P<value>[A-Za-z0-9_.~+/=-]{8,2048})"
)
_USERINFO = re.compile(r"(?<=://)[^\s/@:]{1,128}:[^\s/@]{1,256}(?=@)")
_MASK = re.compile(r"[*\u2022]{2,}|\u2026|\.{3,}")
_KEY_CHARACTERS = string.ascii_letters + string.digits + "_.-"
_AFTER = re.compile(r"[A-Za-z0-9_-]{1,40}")
_ANSI = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\)?|[@-_])?")
_UNSEEN = {
    code: None
    for span in ((0x00, 0x20), (0x7F, 0xA0), (0x200B, 0x2010), (0x202A, 0x202F), (0x2066, 0x206A), (0xE0000, 0xE0080))
    for code in range(*span)
}
_LOG = {**_UNSEEN, 0x0A: "\\n", 0x0D: "\\r", 0x09: " ", 0x2028: "\\n", 0x2029: "\\n", 0xFEFF: None}


class Redactor:
    """Removes keys from text. `values` are the keys known by value; those under 8 characters are ignored."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._raw_values = frozenset(value.strip() for value in values)
        forms = {part for value in self._raw_values for part in _parts(value)}
        self._values = tuple(sorted(forms, key=len, reverse=True))
        self._heads = frozenset(value[:2] for value in forms)
        self._tails = frozenset(value[-3:] for value in forms)

    def __repr__(self) -> str:
        return f"Redactor({len(self._values)} values)"

    def knowing(self, values: Iterable[str]) -> Redactor:
        """A redactor that knows these values too."""
        more = frozenset(value.strip() for value in values) - self._raw_values
        return Redactor(self._raw_values | more) if more else self

    @property
    def values(self) -> tuple[str, ...]:
        """The keys that are known by value, in each of their forms, the longest first."""
        return self._values

    def clean(self, value: T) -> T:
        """The same value without keys in any string of it; an exception is changed in place."""
        return cast(T, self._clean(value))

    def sieve(self) -> Sieve | None:
        """A sieve for one text that arrives in pieces; None where no key is known."""
        return Sieve(self._finder) if self._values else None

    def hide(self, text: str) -> str:
        """`text` without the keys that are known, whole or cut short."""
        for value in self._values:
            if value in text:
                text = text.replace(value, HIDDEN)
        return self._without_pieces(text)

    def scrub(self, text: str) -> str:
        """`text` without keys; what was one reads `[key hidden]`."""
        text = self.hide(text)
        if not _SUSPICIOUS.search(text):
            return text
        text = self._without_echoes(text)
        text = without_keys(text, HIDDEN)
        text = _NAMED.sub(lambda match: match["name"] + HIDDEN, text)
        return _USERINFO.sub(HIDDEN, text)

    def for_log(self, text: str) -> str:
        """One printable line: scrubbed, without ANSI codes, control and direction characters; newlines as `\\n`."""
        return self.scrub(_ANSI.sub("", text).translate(_LOG))

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._values)

    def _clean(self, value: Any) -> Any:
        match value:
            case str():
                return self.scrub(value)
            case bytes():
                text = value.decode("utf-8", "surrogateescape")
                hidden = self.hide(text)
                return value if hidden == text else hidden.encode("utf-8", "surrogateescape")
            case BaseException():
                value.__dict__.update({name: self._clean(part) for name, part in vars(value).items()})
                value.args = tuple(self._clean(part) for part in value.args)
                return value
            case Mapping():
                return {self._clean(name): self._clean(part) for name, part in value.items()}
            case list() | tuple() | set() | frozenset():
                return type(value)(self._clean(part) for part in value)
            case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
                return self._clean_fields(value)
        return value

    def _clean_fields(self, record: Any) -> Any:
        changed = {}
        for field in dataclasses.fields(record):
            part = getattr(record, field.name)
            written = field.name in WRITTEN and isinstance(part, str)
            cleaned = self.hide(part) if written else self._clean(part)
            if cleaned != part:
                changed[field.name] = cleaned
        return dataclasses.replace(record, **changed) if changed else record

    def _without_pieces(self, text: str) -> str:
        """Hide truncated keys: their first or last dozen characters and the adjoining rest of the key."""
        for value in self._values:
            if len(value) < 2 * PIECE:
                continue
            if value[:PIECE] in text:
                text = re.sub(re.escape(value[:PIECE]) + r"[A-Za-z0-9_.~+/=-]{0,512}", HIDDEN, text)
            if value[-PIECE:] in text:
                text = re.sub(r"[A-Za-z0-9_~+/=-]{0,64}" + re.escape(value[-PIECE:]), HIDDEN, text)
        return text

    def _without_echoes(self, text: str) -> str:
        """Hide keys as servers echo them: a few characters, a mask, a few characters."""
        pieces: list[str] = []
        start = 0
        for mask in _MASK.finditer(text):
            before = text[max(start, mask.start() - 40) : mask.start()]
            after = _AFTER.match(text, mask.end())
            head, tail = before[len(before.rstrip(_KEY_CHARACTERS)) :], after[0] if after else ""
            if self._is_echo(head, mask[0], tail, text[max(start, mask.start() - 60) : mask.start()]):
                pieces += (text[start : mask.start() - len(head)], HIDDEN)
                start = mask.end() + len(tail)
        return "".join((*pieces, text[start:])) if pieces else text

    def _is_echo(self, head: str, mask: str, tail: str, before: str) -> bool:
        if not head and not tail:
            return False
        starts = len(head) >= 2 and len(tail) >= 2 and head[:2] in self._heads
        ends_alike = len(tail) >= 3 and tail[-3:] in self._tails
        if starts and any(value.startswith(head) for value in self._values):
            return True
        if ends_alike and any(value.endswith(tail) for value in self._values):
            return True
        if head.startswith(_PREFIXES):
            return True
        return len(mask) >= 3 and mask[0] in "*\u2022" and "key" in before.lower()


def _parts(value: str) -> Iterable[str]:
    """The forms of a key: plain, in a URL, in HTML, in JSON, and line by line when it has lines (a private key in
    JSON)."""
    lines = (
        [line.strip() for line in re.split(r"[\r\n]|\\n|\"", value)] if "\n" in value or value.startswith("{") else []
    )
    long_lines = [line for line in lines if len(line) >= 32]
    forms = (value, quote(value, safe=""), html.escape(value), json.dumps(value)[1:-1])
    return {part for part in (*forms, *long_lines) if len(part) >= _SHORTEST}
