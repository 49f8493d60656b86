"""Footnotes: `[^1]` becomes a raised link to its note, and the notes stand in a list at the end of the text.

    drawn = arranged(blocks, name="answer-7", back="Back to the text")      # blocks of `core.safety.outgoing`

A mark's address is `#note-NAME-1` and that of the link back from its note `#mark-NAME-1`; what draws them makes them
jump. Only these two are written, so nothing that a model says becomes a link inside the page. Without a name marks are
raised digits. A number without a note is raised digits too, a note without a mark is in the list, and a word without a
note, as in "[^abc]", stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import groupby

from .address import BREAK
from .direction import runs_right_to_left
from .markdown import HAIR
from .outgoing import Block, with_label

BACK = "↩\ufe0e"  # as text, not as a picture
TITLE_CHARS = 240
_MARK = re.compile(
    r"(?P<skip>\\[`$\\]|(?P<ticks>`+)(?:(?!(?P=ticks))[\s\S])*?(?P=ticks)(?!`)|\$\$[\s\S]*?\$\$|\$[^$\n]+\$)"
    r"|(?P<escaped>\\?)\[\\?\^(?P<label>[\w.-]{1,60})\\?\](?!\()"
)
_ADDRESS = re.compile(r"(?:://|www\.|@)\S*\Z", re.IGNORECASE)
_PARAGRAPH = re.compile(r" ?(?![|$#>=]|.*\|[ \t]*\Z)\S.*")  # a last line that a link can be put behind
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def has_marks(text: str) -> bool:
    """Whether a text may hold footnotes; nearly free."""
    return "[^" in text


def arranged(blocks: Sequence[Block], *, name: str = "", back: str = "", titles: bool = False) -> list[Block]:
    """The same with links for marks and the notes at the end. `name` is unique on the page, `back` says what a link
    back does, and with `titles` a mark shows its note to a pointer."""
    marked = list(dict.fromkeys(key for block in blocks for key in _marks(block)))
    notes: dict[str, list[Block]] = {}
    for block in blocks:
        if block.note and (block.note.isdecimal() or _key(block.note) in marked):
            notes.setdefault(_key(block.note), []).append(block)
    footnotes = _Footnotes(
        re.sub(r"[^\w-]", "-", name), back, _numbers(notes, marked), set(marked), titles and _titles(notes)
    )
    body = [_without_note(block) for block in blocks if _key(block.note) not in notes]
    return [*map(footnotes.linked, body), *footnotes.listed(notes)]


@dataclass(frozen=True, slots=True)
class _Footnotes:
    name: str
    back: str
    numbers: Mapping[str, int]
    marked: set[str]
    titles: Mapping[str, str] | bool

    def linked(self, block: Block) -> Block:
        if block.kind == "code" or "^" not in block.text:
            return block
        text = _MARK.sub(self._mark, block.text)
        return block if text == block.text else replace(block, text=text)

    def _mark(self, mark: re.Match[str]) -> str:
        if mark["skip"]:
            return mark[0]
        number = self.numbers.get(_key(mark["label"]))
        if number and self.name and not mark["escaped"]:  # escaped: it stands in another link
            before = mark.string[max(mark.start() - 2_000, 0) : mark.start()]
            title = self.titles[_key(mark["label"])] if isinstance(self.titles, Mapping) else ""
            return f"{HAIR if _ADDRESS.search(before) else ''}[{number}](#note-{self.name}-{number}{title})"
        digits = str(number or mark["label"])
        return f"⁽{digits.translate(_RAISED)}⁾" if digits.isdecimal() and len(digits) <= 3 else mark[0]

    def listed(self, notes: Mapping[str, list[Block]]) -> Iterator[Block]:
        """Their blocks, in the order of their numbers; notes that follow each other are one list."""
        last = 0
        pieces: list[tuple[int, Block]] = []  # with the run of notes that each is drawn with
        for key in sorted(notes, key=self.numbers.__getitem__):
            number, (first, *more) = self.numbers[key], [self.linked(block) for block in notes[key]]
            if first.kind == "code":
                first, more = Block("markdown", ""), [first, *more]
            item = Block("markdown", self._item(number, first.text, linked=key in self.marked))
            joins = (
                pieces
                and number == last + 1
                and pieces[-1][1].text[:1].isdigit()
                and _same_direction(pieces[-1][1], item)
            )
            pieces.append((pieces[-1][0] if joins else len(pieces), item))
            pieces += [(len(pieces) + place, block) for place, block in enumerate(more)]
            last = number
        for place, (_, run) in enumerate(groupby(pieces, key=lambda piece: piece[0])):
            several = [block for _, block in run]
            block = several[0] if len(several) == 1 else Block("markdown", "\n".join(each.text for each in several))
            yield replace(block, text=f"---\n\n{block.text}") if not place else block

    def _item(self, number: int, text: str, *, linked: bool) -> str:
        start = f"{number}. "
        lines = re.sub(r"\A\s*(?=`{3}|~{3})", BREAK, text).lstrip().split("\n")
        if linked and self.name:
            title = f' "{_entities(self.back)}"' if self.back else ""
            way_back = f"[{BACK}](#mark-{self.name}-{number}{title})"
            if text and not _PARAGRAPH.fullmatch(lines[-1]):
                lines += ["", way_back]
            else:
                lines[-1] = f"{lines[-1]} {way_back}".strip()
        return start + "\n".join(
            f"{' ' * len(start) if place and line else ''}{line}" for place, line in enumerate(lines)
        )


def _marks(block: Block) -> Iterator[str]:
    if block.kind == "markdown" and "^" in block.text:
        yield from (_key(mark["label"]) for mark in _MARK.finditer(block.text) if not mark["skip"])


def _key(label: str) -> str:
    return label.casefold()


def _numbers(notes: Mapping[str, object], marked: Sequence[str]) -> dict[str, int]:
    """A number is itself where all labels are numbers; else notes are counted in the order of their first marks."""
    if all(re.fullmatch(r"[1-9][0-9]{0,2}", key) for key in notes):
        return {key: int(key) for key in notes}
    in_order = dict.fromkeys([key for key in marked if key in notes] + list(notes))
    return {key: number for number, key in enumerate(in_order, 1)}


def _without_note(block: Block) -> Block:
    return replace(block, text=with_label(block), note="", begins=False) if block.note else block


def _same_direction(first: Block, second: Block) -> bool:
    return runs_right_to_left(first.text) == runs_right_to_left(second.text)


def _titles(notes: Mapping[str, list[Block]]) -> Mapping[str, str]:
    return {key: f' "{_entities(_plain(several[0].text))}"' for key, several in notes.items()}


def _plain(text: str) -> str:
    """Markdown's words alone."""
    text = unescape(_LINK.sub(r"\1", text).replace(BREAK, "").replace(HAIR, ""))
    text = " ".join(re.sub(r"\\(?=[!-/:-@\[-`{-~])|[*`]|~~", "", text).split())
    return text if len(text) <= TITLE_CHARS else f"{text[:TITLE_CHARS]}…"


def _entities(text: str) -> str:
    """A title in which no sign can end the link, begin code or a formula."""
    return re.sub(r"[^\w ]", lambda sign: f"&#{ord(sign[0])};", text)
