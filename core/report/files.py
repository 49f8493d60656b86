"""The files of a comparison: by name in tables; in the HTML page pictures themselves, as far as there is room, and what
was read of documents."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from ..records import Picture
from ..safety.characters import cleaned
from ..views.comparison import Comparison
from ..views.conversation import Attached, File
from .columns import Row, Words

MOST_BYTES = 20_000_000  # of all pictures of a page, before they are encoded
MOST_CHARS = 400_000  # of a document in a page
SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif")
AnyFile = Attached | File | Picture


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What a report has of files beside their names. `of_turn`: those of the questions, with what was read of
    documents, by the number of the turn; `data_of`: the bytes of pictures by hash; `diagrams`: SVG by Mermaid source.
    """

    of_turn: Mapping[int, Sequence[File]] = field(default_factory=dict)
    data_of: Mapping[str, bytes] = field(default_factory=dict)
    diagrams: Mapping[str, str] = field(default_factory=dict)

    def of_question(self, rows: Sequence[Row]) -> Sequence[AnyFile]:
        """The files of a prompt, which are the same in all columns; `rows` are those of one turn."""
        attached = next((row.turn.attached for row in rows if row.turn and row.turn.attached), ())
        return self.of_turn.get(rows[0].prompt_round.number, attached) if attached else ()


NO_FILES = ReportFiles()


def of_answer(row: Row) -> tuple[Picture, ...]:
    parts = row.completion.parts if row.completion else ()
    return tuple(part for part in parts if isinstance(part, Picture))


def named(files: Sequence[AnyFile], words: Words) -> str:
    """Their names: "cat.png (640 × 480), plan.pdf (pages 3–7)"."""
    return ", ".join(_name(file, words) for file in files)


def as_json(files: Sequence[AnyFile]) -> list[dict[str, object]]:
    """What there is to say of each, and what was read of it; not its bytes."""
    facts = ("name", "media_type", "sha256", "size_bytes", "width", "height", "pages", "page_count", "text")
    return [{name: value for name in facts if (value := getattr(file, name, None)) not in (None, "")} for file in files]


def wanted(run: Comparison) -> list[str]:
    """The hashes of the pictures that a page can show, within its bound."""
    turns = [turn for lane in (*run.lanes, *run.removed) for turn in lane.turns]
    answers = [part for turn in turns if turn.completion for part in turn.completion.parts]
    files: list[Attached | Picture] = [file for turn in turns for file in turn.attached]
    files += [part for part in answers if isinstance(part, Picture)]
    left, hashes = MOST_BYTES, []
    for sha256, file in {file.sha256: file for file in files if file.sha256 and file.media_type in SHOWN}.items():
        if file.size_bytes <= left:
            hashes.append(sha256)
            left -= file.size_bytes
    return hashes


def html(files: Sequence[AnyFile], data_of: Mapping[str, bytes], words: Words, *, small: bool = False) -> Iterator[str]:
    """Pictures (`small`: until a click), what was read of documents below their names, and the names of all others."""
    for file in files:
        data, text = data_of.get(file.sha256), getattr(file, "text", "")
        if data and file.media_type in SHOWN:
            source = f"data:{file.media_type};base64,{base64.b64encode(data).decode()}"
            picture = f'<img src="{source}" alt="{escape(file.name)}">'
            yield f'<details class="picture"><summary>{picture}</summary></details>' if small else picture
        elif text:
            beginning = escape(cleaned(text[:MOST_CHARS])[0]) + ("…" if len(text) > MOST_CHARS else "")
            summary = f"<summary>{escape(_name(file, words))}</summary>"
            yield f'<details class="document">{summary}<pre tabindex="0">{beginning}</pre></details>'
        else:
            yield f'<p class="dim">{escape(_name(file, words))}</p>'


def _name(file: AnyFile, words: Words) -> str:
    name = file.name or file.media_type
    if isinstance(file, Picture) or (file.width and file.height):
        return f"{name} ({file.width} × {file.height})" if file.width and file.height else name
    is_part = file.pages and file.pages != f"1-{file.page_count}"
    return f"{name} ({words.pages.format(pages=file.pages.replace('-', '–'))})" if is_part else name
