"""The pictures of a comparison: by name in tables, and in the HTML page itself as far as there is room."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from ..records import Picture
from ..views.comparison import Comparison
from ..views.conversation import Attached
from .columns import Row

MOST_BYTES = 20_000_000  # of all pictures of a page, before they are encoded
SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif")
Shown = Attached | Picture


def of_question(rows: Sequence[Row]) -> tuple[Attached, ...]:
    """The files of a prompt, which are the same in all columns."""
    return next((row.turn.attached for row in rows if row.turn and row.turn.attached), ())


def of_answer(row: Row) -> tuple[Picture, ...]:
    parts = row.completion.parts if row.completion else ()
    return tuple(part for part in parts if isinstance(part, Picture))


def named(files: Sequence[Shown]) -> str:
    """Their names with their sizes in pixels: "cat.png (640 × 480)"."""
    return ", ".join(map(_name, files))


def wanted(run: Comparison) -> list[str]:
    """The hashes of those that a page can show, within its bound."""
    turns = [turn for lane in (*run.lanes, *run.removed) for turn in lane.turns]
    answers = [part for turn in turns if turn.completion for part in turn.completion.parts]
    files: list[Shown] = [file for turn in turns for file in turn.attached]
    files += [part for part in answers if isinstance(part, Picture)]
    left, hashes = MOST_BYTES, []
    for sha256, file in {file.sha256: file for file in files if file.sha256 and file.media_type in SHOWN}.items():
        if file.size_bytes <= left:
            hashes.append(sha256)
            left -= file.size_bytes
    return hashes


def html(files: Sequence[Shown], data_of: Mapping[str, bytes]) -> Iterator[str]:
    """Each as a picture, or by its name where its bytes are not here."""
    for file in files:
        data = data_of.get(file.sha256)
        if data and file.media_type in SHOWN:
            source = f"data:{file.media_type};base64,{base64.b64encode(data).decode()}"
            yield f'<img src="{source}" alt="{escape(file.name)}">'
        else:
            yield f'<p class="dim">{escape(_name(file))}</p>'


def _name(file: Shown) -> str:
    size = f" ({file.width} × {file.height})" if file.width and file.height else ""
    return f"{file.name or file.media_type}{size}"
