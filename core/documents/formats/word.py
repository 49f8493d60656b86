"""Word: the text with its headings, lists and tables, notes and comments below it, headers and footers around it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from ..bounds import ReadingBounds
from ..kinds import broken
from . import packed
from .read import FoundPages, in_parts
from .word_styles import Lists, styles_of
from .word_text import DeclaresEntities, Marks, WordText

MOST_ROUND = 60  # parts of headers and footers


def read(name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    from xml.parsers import expat

    with packed.opened(name, data) as members:
        main = next((path for kind, path in packed.links(members, "") if kind == "officeDocument"), "word/document.xml")
        if main not in members.namelist():
            raise broken(name)
        try:
            return in_parts("\n\n".join(filter(None, _texts(members, main, budget))), budget)
        except expat.ExpatError:
            raise broken(name) from None
        except DeclaresEntities:
            raise packed.unsafe(name) from None


def _texts(members: zipfile.ZipFile, main: str, budget: ReadingBounds) -> Iterator[str]:
    parts: dict[str, list[str]] = {}
    for kind, path in packed.links(members, main):
        parts.setdefault(kind, []).append(path)
    marks = Marks()
    styles, lists = {}, Lists()
    for path in parts.get("styles", ())[:1]:
        with members.open(path) as stream:
            styles = styles_of(stream)
    for path in parts.get("numbering", ())[:1]:
        with members.open(path) as stream:
            lists = Lists.of(stream)

    def part(path: str) -> WordText:
        links = dict(packed.addresses(members, path))
        text = WordText(styles, lists, links, marks, budget.over)
        with members.open(path) as stream:
            text.read(stream)
        return text

    def around(kind: str) -> str:
        texts = dict.fromkeys(" ".join(part(path).text.split()) for path in parts.get(kind, ())[:MOST_ROUND])
        return "\n".join(f"{kind.capitalize()}: {text}" for text in texts if text)

    yield around("header")
    yield part(main).text
    notes = {
        kind: part(path).notes for kind in ("footnotes", "endnotes", "comments") for path in parts.get(kind, ())[:1]
    }
    for (kind, note_id), _ in list(marks.numbers.items()):
        author, text = notes.get(kind, {}).get(note_id, ("", ""))
        if text:
            by = f"{author}: " if author else ""
            yield f"{marks.of(kind, note_id)}: {by}{text}"
    yield around("footer")
