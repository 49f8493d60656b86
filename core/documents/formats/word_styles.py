"""What the styles and lists of a Word file say of a paragraph: its level as a heading, its bullet or number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import IO

from . import packed

DEEPEST = 20  # styles that are based on each other
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    """`heading`: 0 for none, else 1 to 6."""

    heading: int = 0
    list_id: str = ""
    level: int = 0
    based_on: str = ""


Styles = Mapping[str, Style]


def styles_of(stream: IO[bytes]) -> dict[str, Style]:
    """By their ids, as the part `styles.xml` has them."""
    styles: dict[str, Style] = {}
    now = ""

    def begun(tag: str, attributes: dict[str, str]) -> None:
        nonlocal now
        value = attributes.get("val", "")
        if tag == "style":
            now = attributes.get("styleId", "")
            styles[now] = Style()
        elif now and tag == "name" and (match := _HEADING.fullmatch(value)):
            styles[now] = replace(styles[now], heading=min(int(match[1]), 6))
        elif now and tag == "basedOn":
            styles[now] = replace(styles[now], based_on=value)
        elif now and tag == "numId":
            styles[now] = replace(styles[now], list_id=value)
        elif now and tag == "ilvl" and value.isdecimal():
            styles[now] = replace(styles[now], level=int(value))

    packed.each_element(stream, begun)
    return {name: _whole(style, styles) for name, style in styles.items()}


def _whole(style: Style, styles: Styles) -> Style:
    """With the heading and the list of what it is based on."""
    below = style
    for _ in range(DEEPEST):
        parent = styles.get(below.based_on)
        if parent is None:
            break
        below = parent
        style = replace(
            style,
            heading=style.heading or parent.heading,
            list_id=style.list_id or parent.list_id,
            level=style.level or parent.level,
        )
    return style


@dataclass
class Lists:
    """The lists of a file, and how far each has counted. `formats`: of an abstract list, by level: the kind of its
    numbers and the first; `kinds`: the abstract list of each."""

    formats: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    _counted: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, stream: IO[bytes]) -> Lists:
        """As the part `numbering.xml` has them."""
        lists = cls()
        abstract, number, level = "", "", 0

        def begun(tag: str, attributes: dict[str, str]) -> None:
            nonlocal abstract, number, level
            value = attributes.get("val", "")
            if tag == "abstractNum":
                abstract, number = attributes.get("abstractNumId", ""), ""
            elif tag == "num":
                abstract, number = "", attributes.get("numId", "")
            elif tag == "abstractNumId" and number:
                lists.kinds[number] = value
            elif tag == "lvl":
                level = int(attributes["ilvl"]) if attributes.get("ilvl", "").isdecimal() else 0
            elif tag == "numFmt" and abstract:
                lists.formats[abstract, level] = value, lists.formats.get((abstract, level), ("", 1))[1]
            elif tag == "start" and abstract and value.isdecimal():
                lists.formats[abstract, level] = lists.formats.get((abstract, level), ("decimal", 1))[0], int(value)

        packed.each_element(stream, begun)
        return lists

    def sign(self, list_id: str, level: int) -> str:
        """What stands before the next item: "- ", "3. ", "" for nothing."""
        kind = self.kinds.get(list_id)
        form, first = self.formats.get((kind or "", level), ("bullet", 1))
        if list_id == "0" or form == "none":
            return ""
        if form == "bullet":
            return "- "
        number = self._counted.get((list_id, level), first - 1) + 1
        self._counted[list_id, level] = number
        for deeper in range(level + 1, 10):
            self._counted.pop((list_id, deeper), None)
        return f"{number}. "
