"""The tokens of a text, for the search index and for queries. Nothing here uses a database.

Folding removes what people do not type: case, accents, strokes (đ, ł, ø), width, Hebrew points, Arabic vowel signs.
Scripts without spaces between words become pairs of neighbouring characters ("机器学习" -> 机器 器学 学习) and singles.
Signs become pairs and singles too, and those that form a name with a word become one token with it: "C++" -> c+ ++,
".NET" -> .net, "5 €" -> €, "/usr/bin" -> /usr /bin. Full stops, commas, brackets and quotation marks alone are not
tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_BYTES = 300_000  # of words per message: a tsvector, which has the owner's code before each, holds a million
LONGEST = 64
MOST_TERMS, MOST_PAIRS = 32, 16
LONGEST_QUERY = 1000
DENSE = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff" \
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"  # fmt: skip
# Accents of Latin, Greek and Cyrillic; points of Hebrew; vowel signs and small letters of Arabic.
MARKS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]"
)
CONTROL = "\x00-\x1f\x7f-\x9f"
PLAIN = f"(?:(?![{DENSE}_])[\\w\u0900-\u0dff])"
WORDS = re.compile(f"([{DENSE}]+)|({PLAIN}+)")
SIGNS = re.compile(f"(?:_|[^\\w\\s{CONTROL}\u0900-\u0dff])+")
ASCII_WORDS = re.compile("[a-z0-9]+")
BEGINNING = re.compile(f"{PLAIN}{{1,{LONGEST}}}")
ENDING = re.compile(f"{PLAIN}+$")
# Punctuation: alone it is no token. Between letters it separates words that are searched for separately.
QUOTES = "'\"‘’‚‛“”„‟«»‹›「」『』"
PROSE = f".,;:!?()[]{{}}-–—·・…、。【】《》〈〉〔〕¿¡{QUOTES}"
PARTING = f"-–—·・,;!?…、。¿¡【】《》〈〉〔〕{QUOTES}"
UNSEEN = "\u00ad\u0640\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff"  # joiners, and Arabic's long line
AFTER_WORD = "+#%*€$£¥₹₩₽°"  # C++, C#, 5€, 100%
BEFORE_WORD = "+#%*€$£¥₹₩₽°@&/\\.~^=<>:-"  # .NET, $5, @name, --flag, /path
SNIPPET = 160
PIECE = 2000


def _letters() -> dict[int, str | None]:
    """Letters that Unicode does not decompose: with a stroke or hook, and those that people type otherwise."""
    letters: dict[int, str | None] = dict.fromkeys(map(ord, UNSEEN))
    for block in ((0xDF, 0x2B0), (0x1D6C, 0x1D9B), (0x2C60, 0x2C80), (0xA720, 0xA7FF), (0xAB30, 0xAB65)):
        for code in range(*block):
            named = re.match("LATIN SMALL LETTER ([A-Z]) WITH ", unicodedata.name(chr(code), ""))
            if named and not unicodedata.decomposition(chr(code)):
                letters[code] = named[1].lower()
    spelt = {"ı": "i", "ȷ": "j", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŋ": "n", "ĸ": "k", "ə": "e", "ґ": "г"}
    arabic = {"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "ہ": "ه", "ھ": "ه"}
    digits = {chr(first + n): str(n) for first in (0x660, 0x6F0) for n in range(10)}
    return letters | {ord(letter): plain for letter, plain in (spelt | arabic | digits).items()}


LETTERS = _letters()


def fold(text: str) -> str:
    """The text in the form that is compared: without case, accents, strokes, points and width."""
    if text.isascii():
        return text.lower()
    apart = MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFC", apart.translate(LETTERS))


def index_words(text: str) -> str:
    """The tokens of a message, with a space between them: plain words once, all pairs in their order (phrases need
    it), every single character once, every sign once.
    """
    folded = fold(text)
    signs = dict.fromkeys(token for run in SIGNS.finditer(folded) for token in _signs(folded, run))
    if folded.isascii():
        words = [word[:LONGEST] for word in dict.fromkeys(ASCII_WORDS.findall(folded))]
    else:
        words = _words(folded)
    joined = " ".join([*words, *signs])
    if len(joined) * 4 <= MOST_BYTES:
        return joined
    return joined.encode()[:MOST_BYTES].decode("utf-8", "ignore").rpartition(" ")[0]


def _words(folded: str) -> list[str]:
    plain_words: dict[str, None] = {}
    pairs: list[str] = []
    singles: dict[str, None] = {}
    for dense, plain in WORDS.findall(folded):
        if plain:
            plain_words[plain[:LONGEST]] = None
        else:
            pairs += _pairs(dense) if len(dense) > 1 else []
            singles.update(dict.fromkeys(dense))
    return [*plain_words, *pairs, *singles]


def _signs(folded: str, run: re.Match[str]) -> list[str]:
    """The tokens of a run of signs: its pairs, its signs that are not prose, and names that it forms with a word."""
    signs = run[0]
    if len(signs) == 1 and signs in PROSE and signs not in BEFORE_WORD:
        return []
    tokens = _pairs(signs) if len(signs) > 1 else []
    tokens += [sign for sign in signs if sign not in PROSE]
    if signs[0] in AFTER_WORD and (left := _left(folded, run.start())):
        tokens.append(left + signs[0])
    return tokens + _name(folded, run)


def _name(folded: str, run: re.Match[str]) -> list[str]:
    """A sign that forms a name with the word after it; not the hyphen between two words."""
    sign = run[0][-1]
    if sign not in BEFORE_WORD or (run[0] == "-" and _left(folded, run.start())):
        return []
    right = BEGINNING.match(folded, run.end())
    return [sign + right[0]] if right else []


def _left(folded: str, end: int) -> str:
    """The plain word that ends there, cut like all words; "" without one."""
    match = ENDING.search(folded, max(0, end - 4 * LONGEST), end) if end and folded[end - 1].isalnum() else None
    return match[0][:LONGEST] if match else ""


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that follow each other in a message's words; `begins`: the (only) token may be the beginning of one."""

    tokens: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parsed query: matches contain all `terms`, and all `literals` (folded, with their signs) verbatim.

    A snippet shows the `needles`.
    """

    terms: tuple[Term, ...]
    literals: tuple[str, ...]
    needles: tuple[str, ...]

    def stands_in(self, text: str) -> bool:
        """Whether the text contains the literals, of which the index knows only the parts."""
        if not self.literals:
            return True
        folded = fold(text)
        return all(re.search(_bounded(literal), folded) for literal in self.literals)


def parse(query: str) -> Wanted:
    """All words must occur, the last one may be the beginning of a word; words with signs exactly as written."""
    terms: dict[Term, None] = {}
    literals: dict[str, None] = {}
    needles: list[str] = []
    chunks = [part for chunk in fold(query[:LONGEST_QUERY]).split() for part in _parts(chunk)]
    for number, chunk in enumerate(chunks, 1):
        last = number == len(chunks)
        terms.update(dict.fromkeys(_terms(chunk, last=last)))
        if SIGNS.search(chunk):
            literals[chunk] = None
            needles.append(chunk)
        else:
            needles += [dense or plain[:LONGEST] for dense, plain in WORDS.findall(chunk)]
    return Wanted(tuple(terms)[:MOST_TERMS], tuple(literals)[:MOST_TERMS], tuple(needles))


def _terms(chunk: str, *, last: bool) -> Iterator[Term]:
    for word in WORDS.finditer(chunk):
        dense, plain = word.groups()
        if dense:
            yield Term(tuple(_pairs(dense)))
        else:
            yield Term((plain[:LONGEST],), begins=last and word.end() == len(chunk) and len(plain) > 1)
    for run in SIGNS.finditer(chunk):
        names = _name(chunk, run)
        completes = last and any(len(chunk) == run.end() + len(name) - 1 for name in names)
        yield from (Term((token,), begins=completes and token in names) for token in _signs(chunk, run))


def _parts(chunk: str) -> Iterator[str]:
    """A word of the query without punctuation around it, split where punctuation separates words."""
    if not any(character.isalnum() for character in chunk):
        yield from [chunk] if len(chunk) > 1 or chunk not in PROSE else []
        return
    chunk = chunk.strip(QUOTES).rstrip(f",;:.!?…、。{QUOTES}").lstrip(f"¿¡,;!?{QUOTES}")
    for opening, closing in ("()", "[]", "{}", "【】", "《》", "〈〉", "〔〕"):
        if chunk.startswith(opening) and closing not in chunk[1:-1]:
            chunk = chunk[1:]
        if chunk.endswith(closing) and opening not in chunk:
            chunk = chunk[:-1]
    start = 1 if chunk[:1] == "-" else 0
    while chunk[start : start + 1] == "-":
        start += 1
    parts = re.split(f"[{re.escape(PARTING)}]+", chunk[start:])
    yield from filter(None, [chunk[:start] + parts[0], *parts[1:]])


def _bounded(literal: str) -> str:
    """A pattern that does not begin inside a word, but may end inside one that is still being typed."""
    inside = "(?<![^\\W_])" if literal[0].isalnum() and not re.match(f"[{DENSE}]", literal) else ""
    return inside + re.escape(literal)


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]


def snippet(text: str, needles: Iterable[str]) -> tuple[str, str, str]:
    """The text around the first word found, about 160 characters, in one line."""
    start, end = _first(text, list(needles))
    left = max(0, start - SNIPPET // 2)
    right = min(len(text), left + SNIPPET)
    before = ("…" if left else "") + text[left:start]
    after = text[end:right] + ("…" if right < len(text) else "")
    return _line(before), _line(text[start:end]), _line(after)


def _first(text: str, needles: list[str]) -> tuple[int, int]:
    """The span of the first of the words. Long texts are folded piece by piece, up to the piece that has one."""
    starts = [re.compile(_bounded(word)) for word in needles if word]
    for start in range(0, len(text), PIECE):
        piece = text[start : start + PIECE + LONGEST]
        folded = fold(piece)
        places = [match.span() for word in starts if (match := word.search(folded))]
        if places:
            at, end = min(places)
            if len(folded) != len(piece):
                at, end = _unfold(piece, at), _unfold(piece, end)
            return start + at, start + end
    return 0, 0


def _unfold(text: str, wanted: int) -> int:
    """Where in the text its folded form reaches that length: folding may grow or shrink it."""
    length = 0
    for place, character in enumerate(text):
        if length >= wanted:
            return place
        length += len(fold(character)) if not character.isascii() else 1
    return len(text)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
