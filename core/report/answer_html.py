"""An answer as HTML that a file may hold: text, diagrams, tables, long code and footnotes as on the page.

Nothing here needs a script: a diagram is a picture that was drawn before, a long block unfolds by a box to tick, and
paper has all of it.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from ..records import NOTHING, Completion
from ..safety import data_shapes, footnotes
from ..safety.characters import cleaned
from ..safety.data_shapes import DataTable
from ..safety.direction import runs_right_to_left
from ..safety.outgoing import Block, blocks, fenced
from . import markdown_html
from .columns import ENGLISH, Words

FOLD_LINES = 32
SMALLEST_SCALE = 0.5  # of a diagram beside which there is no room
_WIDTH = re.compile(r"<svg\b[^>]*?\swidth=\"(\d{1,5})")
_HEIGHT = re.compile(r"<svg\b[^>]*?\sheight=\"(\d{1,5})")


@dataclass(frozen=True, slots=True)
class AnswerDrawer:
    """`diagrams` has the SVG of a Mermaid source; a source without one stays code. `repeated` are sources that the file
    shows more than once: their SVG stands in `style`, once."""

    words: Words = ENGLISH
    diagrams: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    repeated: Sequence[str] = ()

    def style(self) -> str:
        """Rules of CSS for the head of the file."""
        return "".join(
            f".diagram-{number} {{ background-image: url({_address(self.diagrams[source])}); }}\n"
            for number, source in enumerate(self.repeated)
            if _size(self.diagrams.get(source, ""))
        )

    def html(self, text: str, name: str = "answer") -> str:
        """Whole elements, all of them closed. `name` is of letters, digits and "-", and unique in the file."""
        text = cleaned(text)[0]
        parsed = blocks(text)
        if any(block.folded for block in parsed):
            return _code(text.strip("\n"))  # the page shows a part of it, a file all
        marked: set[str] = set()
        drawn = footnotes.arranged(parsed, name=name, back=self.words.back) if footnotes.has_marks(text) else parsed
        return "".join(self._block(block, marked) for block in drawn)

    def _block(self, block: Block, marked: set[str]) -> str:
        if block.kind == "markdown":
            written = markdown_html.html(block.text, marked)
            return f'<div dir="rtl">\n{written}</div>\n' if runs_right_to_left(block.text) else written
        if block.is_diagram and (svg := self.diagrams.get(block.text)):
            return self._diagram(svg, block.text)
        shape = data_shapes.of_text(block.text, block.language, self.words.column) if block.closed else None
        if isinstance(shape, DataTable):
            return self._table(shape, block.text)
        return self._long(block.text) if block.text.count("\n") >= FOLD_LINES else _code(block.text)

    def _diagram(self, svg: str, source: str) -> str:
        width, size, label = _WIDTH.match(svg), _size(svg), escape(self.words.diagram)
        smallest = f"min-width: {int(int(width[1]) * SMALLEST_SCALE)}px" if width else ""
        if size and source in self.repeated:
            style = f"width: {size[0]}px; aspect-ratio: {size[0]} / {size[1]}; {smallest}"
            names = f"repeated diagram-{self.repeated.index(source)}"
            image = f'<div class="{names}" role="img" aria-label="{label}" style="{style}"></div>'
        else:
            style = f' style="{smallest}"' if smallest else ""
            image = f'<img src="{_address(svg)}" alt="{label}"{style}>'
        return f'<figure>\n<div class="sheet" tabindex="0">{image}</div>\n{self._source(source)}</figure>\n'

    def _table(self, table: DataTable, text: str) -> str:
        number = {name: any(isinstance(cell, int | float) for cell in cells) for name, cells in table.columns.items()}
        heads = "".join(f'<th{_side(number[name])} dir="auto">{escape(name)}</th>' for name in table.columns)
        lines = (
            "".join(
                f'<td{_side(number[name])} dir="auto">{_cell(cell)}</td>'
                for name, cell in zip(table.columns, row, strict=True)
            )
            for row in zip(*table.columns.values(), strict=True)
        )
        body = "".join(f"<tr>{line}</tr>\n" for line in lines)
        shown = len(next(iter(table.columns.values())))
        part = self.words.part.format(shown=f"{shown:,}", number=f"{table.total:,}")
        return (
            f'<div class="table" tabindex="0"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody>\n'
            "</table></div>\n"
            + (f'<p class="dim">{escape(part)}</p>\n' if shown < table.total else "")
            + self._source(text)
        )

    def _source(self, text: str) -> str:
        return f"<details><summary>{escape(self.words.code)}</summary>\n{_code(text)}</details>\n"

    def _long(self, text: str) -> str:
        label = escape(self.words.all_lines.format(number=f"{text.count(chr(10)) + 1:,}"))
        return f'<div class="long"><label><input type="checkbox"> {label}</label>\n{_code(text)}</div>\n'


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _size(svg: str) -> tuple[int, int] | None:
    """Width and height in pixels, where the drawing names them."""
    width, height = _WIDTH.match(svg), _HEIGHT.match(svg)
    return (int(width[1]), int(height[1])) if width and height and int(width[1]) and int(height[1]) else None


def repeated(texts: Sequence[str]) -> list[str]:
    """The Mermaid sources that occur more than once in these answers."""
    number = Counter(block.text for text in texts for block in blocks(text) if block.is_diagram)
    return [source for source, times in number.items() if times > 1]


def diagrams(texts: Sequence[str]) -> Iterator[str]:
    """The Mermaid sources in these answers, each once."""
    yield from dict.fromkeys(block.text for text in texts for block in blocks(text) if block.is_diagram)


def in_a_form(completion: Completion | None) -> str:
    """The text of an answer, as a block of code where JSON was asked for."""
    text = completion.text if completion else ""
    form = completion.response_format if completion else None
    is_bare = form is not None and form.kind != "text" and text.lstrip()[:1] in ("{", "[")
    return fenced(text.strip(), "json") if is_bare else text


def _code(text: str) -> str:
    """Reachable by the keyboard, which scrolls a long line."""
    return f'<pre tabindex="0"><code>{escape(text.strip(chr(10)))}</code></pre>\n'


def _side(number: bool) -> str:
    return ' class="right"' if number else ""


def _cell(cell: object) -> str:
    return "" if cell is None else escape(str(cell).lower() if isinstance(cell, bool) else str(cell))
