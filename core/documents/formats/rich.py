"""RTF: the text between its commands, each letter by the code page of its font."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from ..bounds import ReadingBounds
from .read import FoundPages, in_parts

_TOKEN = re.compile(
    r"\\(?P<word>[a-z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\'(?P<code>[0-9a-f]{2})|\\(?P<sign>[^a-z])"
    r"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    re.IGNORECASE,
)
_CODE_PAGE = re.compile(r"\\ansicpg(\d{3,5})|\\(mac|pca?)(?![a-z])")
MACHINES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
# Numbers by which a font says what its letters are; 0 and 1 are those of the file.
CHARSETS = {77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253"}
CHARSETS |= {162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874"}
CHARSETS |= {238: "cp1250", 254: "cp437", 255: "cp850"}
SIGNS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}
WORDS = dict.fromkeys(("par", "line", "row"), "\n") | dict.fromkeys(("sect", "page"), "\n\n")
WORDS |= dict.fromkeys(("tab", "cell", "nestcell"), "\t") | {"emdash": "—", "endash": "–", "bullet": "•"}
WORDS |= {"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"}
HIDDEN = (
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "listtable", "listoverridetable", "generator"),
    *("themedata", "datastore", "latentstyles", "rsidtbl", "xmlnstbl", "filetbl", "fldinst", "sp", "shprslt", "atnid"),
)
# Groups that are shown though the one around them is hidden, and what stands before and after.
BESIDE = {"footnote": (" [", "]"), "annotation": (" [comment: ", "]"), "shptxt": ("\n", "\n")}


def read(_name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    return in_parts(text_of(data.decode("latin-1")), budget)


def text_of(rtf: str) -> str:
    match = _CODE_PAGE.search(rtf[:2000])
    codec = _codec(f"cp{match[1]}" if match[1] else MACHINES[match[2]]) if match else "cp1252"
    state = _State(codec, _Group(codec))
    for token in _TOKEN.finditer(rtf):
        state.take(token)
    state.flush()
    return "".join(state.pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _codec(codec: str) -> str:
    try:
        return codecs.lookup({"cp10000": "mac_roman", "cp10007": "mac_cyrillic"}.get(codec, codec)).name
    except LookupError:
        return "cp1252"


@dataclass(frozen=True, slots=True)
class _Group:
    """`skip_after`: letters that stand for a Unicode sign in programs that do not know it, and are left out."""

    codec: str
    hidden: bool = False
    skip_after: int = 1
    end: str = ""  # what is written when it closes
    is_fonts: bool = False


@dataclass
class _State:
    codec: str
    group: _Group
    pieces: list[str] = field(default_factory=list)
    skip: int = 0
    _codes: bytearray = field(default_factory=bytearray)  # a letter of a code page may take two bytes
    _above: list[_Group] = field(default_factory=list)
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0

    def take(self, token: re.Match[str]) -> None:
        if token["code"] or token["text"]:
            self._letters(bytes([int(token["code"], 16)]) if token["code"] else token["text"].encode("latin-1"))
            return
        self.flush()
        word = (token["word"] or "").lower()
        if token["brace"] == "{":
            self._above.append(self.group)
            self.group = replace(self.group, end="")
        elif token["brace"]:
            self.pieces.append(self.group.end)
            self.group = self._above.pop() if self._above else _Group(self.codec)
        elif word in HIDDEN or token["sign"] == "*":
            self.group = replace(self.group, hidden=True, is_fonts=word == "fonttbl")
        elif word:
            self._word(word, int(token["number"] or 1))
        elif not self.group.hidden:
            self.pieces.append(SIGNS.get(token["sign"] or "", ""))

    def flush(self) -> None:
        if self._codes:
            self.pieces.append(self._codes.decode(self.group.codec, "replace"))
            self._codes.clear()

    def _letters(self, codes: bytes) -> None:
        skipped = min(self.skip, len(codes))
        self.skip -= skipped
        if not self.group.hidden:
            self._codes += codes[skipped:]

    def _word(self, word: str, number: int) -> None:
        if word == "f":
            self._font = number
            self.group = replace(self.group, codec=self._fonts.get(number, self.codec))
        elif word == "fcharset" and self.group.is_fonts:
            self._fonts[self._font] = CHARSETS.get(number, self.codec)
        elif word == "plain":
            self.group = replace(self.group, codec=self.codec)
        elif word in BESIDE:
            begin, end = BESIDE[word]
            self.pieces.append(begin)
            self.group = replace(self.group, hidden=False, end=end)
        elif word == "uc":
            self.group = replace(self.group, skip_after=number)
        elif word == "u":
            self.skip = self.group.skip_after
            self.pieces.append("" if self.group.hidden else chr(number % 65536))
        elif not self.group.hidden:
            self.pieces.append(WORDS.get(word, ""))
