"""RTF: the text between its commands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..bounds import ReadingBounds
from .read import FoundPages, in_parts

_TOKEN = re.compile(
    r"\\(?P<word>[a-z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\'(?P<code>[0-9a-f]{2})|\\(?P<sign>[^a-z])"
    r"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    re.IGNORECASE,
)
_CODE_PAGE = re.compile(r"\\ansicpg(\d{3,5})")
SIGNS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}
WORDS = dict.fromkeys(("par", "line", "row"), "\n") | dict.fromkeys(("sect", "page"), "\n\n")
WORDS |= dict.fromkeys(("tab", "cell"), "\t") | {"emdash": "—", "endash": "–", "bullet": "•"}
WORDS |= {"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"}
HIDDEN = (
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "listtable", "listoverridetable", "generator"),
    *("themedata", "datastore", "latentstyles", "rsidtbl", "xmlnstbl", "filetbl", "header", "footer", "fldinst"),
)


def read(_name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    return in_parts(text_of(data.decode("latin-1")), budget)


def text_of(rtf: str) -> str:
    match = _CODE_PAGE.search(rtf[:2000])
    codec = f"cp{match[1]}" if match else "cp1252"
    try:
        b"".decode(codec)
    except LookupError:
        codec = "cp1252"
    state = _State(codec)
    for token in _TOKEN.finditer(rtf):
        state.take(token)
    state.flush()
    return "".join(state.pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass
class _State:
    """`skip`: letters that stand for a Unicode sign in programs that do not know it, and are left out."""

    codec: str
    pieces: list[str] = field(default_factory=list)
    hidden: bool = False
    skip_after: int = 1
    skip: int = 0
    _codes: bytearray = field(default_factory=bytearray)  # a letter of a code page may take two bytes
    _above: list[tuple[bool, int]] = field(default_factory=list)

    def take(self, token: re.Match[str]) -> None:
        if token["code"]:
            self._code(int(token["code"], 16))
            return
        self.flush()
        if token["brace"] == "{":
            self._above.append((self.hidden, self.skip_after))
        elif token["brace"]:
            self.hidden, self.skip_after = self._above.pop() if self._above else (False, 1)
        elif token["word"] in HIDDEN or token["sign"] == "*":
            self.hidden = True
        elif token["word"]:
            self._word(token["word"], int(token["number"] or 1))
        elif not self.hidden:
            text = token["text"] or ""
            self.pieces.append(SIGNS.get(token["sign"], "") if token["sign"] else text[self.skip :])
            self.skip = max(0, self.skip - len(text))

    def flush(self) -> None:
        if self._codes:
            self.pieces.append(self._codes.decode(self.codec, "replace"))
            self._codes.clear()

    def _code(self, code: int) -> None:
        if self.skip:
            self.skip -= 1
        elif not self.hidden:
            self._codes.append(code)

    def _word(self, word: str, number: int) -> None:
        if word == "uc":
            self.skip_after = number
        elif word == "u":
            self.skip = self.skip_after
            self.pieces.append("" if self.hidden else chr(number % 65536))
        elif not self.hidden:
            self.pieces.append(WORDS.get(word, ""))
