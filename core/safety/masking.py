"""Placeholders instead of what must not be sent, and the words put back into the answer while it arrives. Pure.

    mask = Mask(texts)
    mask.text("Write to jane@example.org", findings)     "Write to [mail-1]"
    restorer = Restorer(mask.words)
    restorer.feed("Dear [ma"), restorer.feed("il-1],")    "Dear ", "jane@example.org,"

One word has one placeholder in all texts of a question. `words` is the only place where both are together; it lives as
long as the question does and is never stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .findings import Finding, pieces
from .sieve import Sieve

LABELS = {"private_key": "private-key", "connection": "password"}
_LONGEST = 32  # characters of a placeholder with brackets, escapes and spaces
_WHOLE = re.compile(r"\\?[\[【［] ?([A-Za-z-]{2,11}-[0-9]{1,6}) ?\\?[\]】］]")
_BEGUN = re.compile(r"\\?\Z|\\?[\[【［] ?[A-Za-z-]{0,12}[0-9]{0,6} ?\\?\Z")
_ADDRESS = re.compile(r"(?i)://|www\.|\]\(|&#?\w{1,24};")


class Mask:
    """Makes the placeholders of one question, whose texts are `texts`: none of them occurs in a text already."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.words: dict[str, str] = {}
        self._kinds: Counter[str] = Counter()
        self._placeholders: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()
        self._taken = frozenset(match[1].lower() for text in texts for match in _WHOLE.finditer(text))

    def text(self, text: str, findings: Sequence[Finding]) -> str:
        """The text with a placeholder for each finding; they are by place and do not overlap."""
        parts = (self._placeholder(finding.kind, part) if finding else part for part, finding in pieces(text, findings))
        return "".join(parts) if findings else text

    def counts(self) -> Mapping[str, int]:
        """How many different words of each kind were replaced."""
        return dict(self._kinds.most_common())

    def _placeholder(self, kind: str, word: str) -> str:
        label = LABELS.get(kind, kind)
        if (label, word) not in self._placeholders:
            self._kinds[kind] += 1
            self._numbers[label] += 1
            while f"{label}-{self._numbers[label]}" in self._taken:
                self._numbers[label] += 1
            name = f"{label}-{self._numbers[label]}"
            self._placeholders[label, word] = f"[{name}]"
            self.words[name] = word
        return self._placeholders[label, word]


class Restorer:
    """Puts the words back into one text that arrives in pieces; only what may be a placeholder is held back.

    Models change brackets, case and escapes; these are understood. Inside an address a placeholder stays: a link that
    a model wrote must not carry away what was kept from it. `sieve` takes keys out of the text first.
    """

    def __init__(self, words: Mapping[str, str], sieve: Sieve | None = None) -> None:
        self._words = words
        self._sieve = sieve
        self._held = ""
        self._word_end = ""  # the last characters that were passed on since white space
        self._in_address = False  # whether that word may be, or become, a link

    def feed(self, text: str) -> str:
        text = self._sieve.feed(text) if self._sieve else text
        whole = self._held + text
        begun = _BEGUN.search(whole, max(0, len(whole) - _LONGEST))
        end = begun.start() if begun else len(whole)
        self._held = whole[end:]
        return self._restored(whole[:end])

    def close(self) -> str:
        """The rest, at the end of the text."""
        rest, self._held = self._held + (self._sieve.close() if self._sieve else ""), ""
        return self._restored(rest)

    def _restored(self, text: str) -> str:
        parts: list[str] = []
        start = 0
        for match in _WHOLE.finditer(text):
            self._pass(text[start : match.start()], parts)
            word = self._words.get(match[1].lower())
            self._pass(match[0] if word is None or self._in_address else word, parts)
            start = match.end()
        self._pass(text[start:], parts)
        return "".join(parts)

    def _pass(self, text: str, parts: list[str]) -> None:
        if not text:
            return
        parts.append(text)
        last = "" if text[-1].isspace() else text.rsplit(None, 1)[-1]
        goes_on = last == text
        word = self._word_end + text if goes_on else last
        self._in_address = (goes_on and self._in_address) or _ADDRESS.search(word) is not None
        self._word_end = word[-_LONGEST:]
