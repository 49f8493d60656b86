"""A part of a Word file as Markdown, in one pass over its XML: its time grows with its size, its memory with one block.

Read: paragraphs, headings, lists, links, tables, text boxes, formulas, alternative texts of pictures, and the marks of
notes and comments. What was deleted or moved away under "track changes" is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from .word_styles import Lists, Styles

DEEPEST_LIST = 8
DEEPEST_TABLE = 3  # a table in a table deeper than this is its words alone
LOOK_EVERY = 500  # elements
# Content that is not read: a second copy for older programs, what was deleted, the settings of a control.
SKIPPED = frozenset(["Fallback", "del", "moveFrom", "sdtPr", "delText", "instrText", "tabs"])
SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
BEGINS = {"sup": "^(", "sub": "_(", "num": "(", "den": "/(", "rad": "√", "rt": "("}
ENDS = {"sup": ")", "sub": ")", "num": ")", "den": ")", "rt": ")"}
LOOKS = {"b": "**", "i": "*", "strike": "~~"}
NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes", "commentReference": "comments"}


class DeclaresEntities(Exception):
    """The XML declares a document type, which no Word file does."""


class Enough(Exception):
    """The bounds are used up."""


@dataclass
class _Paragraph:
    pieces: list[str] = field(default_factory=list)
    style: str = ""
    list_id: str = ""
    level: int | None = None
    link: tuple[int, str] | None = None  # the piece with which it begins, and where it leads
    look: tuple[str, ...] = ()  # of the run: signs of Markdown
    marked: tuple[int, str] = (-1, "")  # the last piece that has such signs, and these


@dataclass
class _Blocks:
    """Of a body, a cell, a text box or a note: texts, and whether each is an item of a list."""

    texts: list[tuple[str, bool]] = field(default_factory=list)

    def joined(self) -> str:
        pieces: list[str] = []
        for place, (text, is_item) in enumerate(self.texts):
            gap = "\n" if is_item and place and self.texts[place - 1][1] else "\n\n"
            pieces += [gap, text] if place else [text]
        return "".join(pieces)


@dataclass
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    span: int = 1

    def markdown(self) -> str:
        width = max((len(row) for row in self.rows), default=0)
        lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in self.rows]
        return "\n".join([*lines[:1], "|" + " --- |" * width, *lines[1:]]) if any(map(any, self.rows)) else ""


@dataclass
class Marks:
    """The numbers of notes and comments, counted by their first mark in the text."""

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    _comments: int = 0

    def of(self, kind: str, note_id: str) -> str:
        is_comment = kind == "comments"
        if (kind, note_id) not in self.numbers:
            self._comments += is_comment
            number = self._comments if is_comment else len(self.numbers) - self._comments + 1
            self.numbers[kind, note_id] = number
        number = self.numbers[kind, note_id]
        return f"[comment {number}]" if is_comment else f"[^{number}]"


class WordText:
    """`blocks` of the part after `read`; `notes` by their ids where it is a part of notes or comments."""

    def __init__(
        self,
        styles: Styles,
        lists: Lists,
        links: Mapping[str, str],
        marks: Marks,
        is_over: Callable[[int], bool] = lambda _chars: False,
    ) -> None:
        self._styles, self._lists, self._links, self._marks, self._is_over = styles, lists, links, marks, is_over
        self._open: list[str] = []
        self._skipped = 0  # how many open elements lie in one that is skipped
        self._paragraphs: list[_Paragraph] = []
        self._containers = [_Blocks()]
        self._tables: list[_Table] = []
        self._note: tuple[str, str] | None = None  # its id and its author
        self._is_text = False
        self._chars = 0
        self._begun = 0  # elements
        self.notes: dict[str, tuple[str, str]] = {}  # by id: the author, the text

    @property
    def text(self) -> str:
        return self._containers[0].joined()

    def read(self, stream: IO[bytes]) -> None:
        """Raises ExpatError, DeclaresEntities; ends early where the bounds are used up."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._letters
        parser.StartDoctypeDeclHandler = _declares
        try:
            parser.ParseFile(stream)
        except Enough:
            while self._paragraphs or len(self._containers) > 1 or self._tables:  # what is begun is kept
                self._close()

    def _close(self) -> None:
        if self._paragraphs:
            self._end_paragraph()
        elif len(self._containers) > 1:
            self._end_container(self._containers.pop())
        else:
            self._end_table()

    def _start(self, name: str, named: dict[str, str]) -> None:
        self._begun += 1
        if self._begun % LOOK_EVERY == 0 and self._is_over(self._chars):
            raise Enough
        tag = name.rpartition(" ")[2]
        if self._skipped or tag in SKIPPED:
            self._skipped += 1
            return
        self._open.append(tag)
        attributes = {key.rpartition(" ")[2]: value for key, value in named.items()}
        match tag:
            case "p":
                self._paragraphs.append(_Paragraph())
            case "tbl":
                self._tables.append(_Table())
            case "tr" if self._tables:
                self._tables[-1].rows.append([])
            case "tc" | "txbxContent":
                self._containers.append(_Blocks())
            case "gridSpan" if self._tables:
                span = attributes.get("val", "")
                self._tables[-1].span = min(int(span), 100) if span.isdecimal() else 1
            case "footnote" | "endnote" | "comment":
                self._note = attributes.get("id", ""), attributes.get("author", "")
                self._containers.append(_Blocks())
            case _ if self._paragraphs:
                self._in_paragraph(tag, attributes, self._paragraphs[-1])

    def _in_paragraph(self, tag: str, attributes: dict[str, str], paragraph: _Paragraph) -> None:
        value, pieces = attributes.get("val", ""), paragraph.pieces
        above = self._open[-2] if len(self._open) > 1 else ""
        match tag:
            case "t":
                self._is_text = True
            case "r":
                paragraph.look = ()
            case _ if tag in LOOKS and above == "rPr" and self._open[-3] == "r":
                paragraph.look += (LOOKS[tag],) if value not in ("0", "false", "off") else ()
            case "pStyle":
                paragraph.style = value
            case "numId" if above == "numPr":
                paragraph.list_id = value
            case "ilvl" if above == "numPr" and value.isdecimal():
                paragraph.level = int(value)
            case "hyperlink":
                paragraph.link = len(pieces), self._links.get(attributes.get("id", ""), "")
            case "docPr" if attributes.get("descr"):
                pieces.append(attributes["descr"])
            case _ if tag in NOTES:
                pieces.append(self._marks.of(NOTES[tag], attributes.get("id", "")))
            case _ if tag in BEGINS or (tag in SIGNS and above == "r"):
                pieces.append(BEGINS.get(tag) or SIGNS[tag])

    def _letters(self, text: str) -> None:
        if not self._is_text or self._skipped or not self._paragraphs:
            return
        paragraph = self._paragraphs[-1]
        pieces, sign = paragraph.pieces, "".join(paragraph.look)
        if not sign or not text.strip():
            pieces.append(text)
        elif paragraph.marked == (len(pieces) - 1, sign):  # a word may be several runs
            pieces[-1] = f"{pieces[-1].removesuffix(sign[::-1])}{text}{sign[::-1]}"
        else:
            before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            pieces += [before, f"{sign}{text.strip()}{sign[::-1]}"]
            paragraph.marked = (len(pieces) - 1, sign)
            pieces += [after] if after else []

    def _end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        tag = name.rpartition(" ")[2]
        self._open.pop()
        match tag:
            case "t":
                self._is_text = False
            case "p" if self._paragraphs:
                self._end_paragraph()
            case "tbl" if self._tables:
                self._end_table()
            case "tc" | "txbxContent" | "footnote" | "endnote" | "comment" if len(self._containers) > 1:
                self._end_container(self._containers.pop(), tag)
            case "hyperlink" if self._paragraphs and (link := self._paragraphs[-1].link):
                paragraph = self._paragraphs[-1]
                words, paragraph.link = "".join(paragraph.pieces[link[0] :]), None
                paragraph.pieces[link[0] :] = [f"[{words}]({link[1]})" if link[1] and words.strip() else words]
            case _ if tag in ENDS and self._paragraphs:
                self._paragraphs[-1].pieces.append(ENDS[tag])

    def _end_paragraph(self) -> None:
        paragraph = self._paragraphs.pop()
        text = "".join(paragraph.pieces).strip("\n ")
        if not text:
            return
        style = self._styles.get(paragraph.style)
        heading = style.heading if style else 0
        list_id = paragraph.list_id or (style.list_id if style else "")
        level = paragraph.level if paragraph.level is not None else style.level if style else 0
        sign = self._lists.sign(list_id, level) if list_id else ""
        if heading and not self._tables:
            text = f"{'#' * heading} {sign}{' '.join(text.split())}"
        elif sign:
            text = f"{'   ' * min(level, DEEPEST_LIST)}{sign}{text}"
        self._add(text, bool(sign) and not heading)

    def _add(self, text: str, is_item: bool = False) -> None:
        """Beside the other blocks; in a text box after the paragraph in which it hangs."""
        self._containers[-1].texts.append((text, is_item))
        self._chars += len(text)

    def _end_container(self, blocks: _Blocks, tag: str = "tc") -> None:
        if tag in ("footnote", "endnote", "comment"):
            note_id, author = self._note or ("", "")
            self.notes[note_id] = author, blocks.joined()
        elif tag == "tc" and self._tables and self._tables[-1].rows:
            table = self._tables[-1]
            cell = " ".join(blocks.joined().split()).replace("|", "\\|")
            table.rows[-1] += [cell, *[""] * (table.span - 1)]
            table.span = 1
        else:
            self._containers[-1].texts += blocks.texts

    def _end_table(self) -> None:
        table = self._tables.pop()
        is_deep = len(self._tables) >= DEEPEST_TABLE
        if (
            text := " ".join(filter(None, (cell for row in table.rows for cell in row)))
            if is_deep
            else table.markdown()
        ):
            self._containers[-1].texts.append((text, False))


def _declares(*_: object) -> None:
    raise DeclaresEntities
