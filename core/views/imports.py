"""Files on their way into the history: how far one is, what came of it, and what of it was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

MOST_REASONS = 5
MOST_NAMES = 20
Kind = Literal["conversation", "message", "batch", "batch_row", "answer", "detail"]
Thing = Literal["batch", "batch_row", "vote", "verdict", "prompt", "line_up", "setting", "check", "file"]
THINGS = get_args(Thing)
Refusal = Literal["missing", "room", "size", "kind", "broken", "locked", "sound"]


class FileRefused(Exception):
    """Why a file of an export is not kept: it is not there, there is no room for this person, it is too large, of a
    kind that nothing reads, damaged, locked by a password, a recording whose words are in the text."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code)
        self.code: Refusal = code


@dataclass(slots=True)
class LeftOut:
    """How much of a file was left out: whole conversations, messages, batches, their rows and answers, and details (the
    numbers of an answer, a vote, a setting). `reasons` are the first few, each a place and what is wrong there.

    `files` counts the files that are not kept by their reason, `file_names` has the first ones of each.
    `canvas_edits` counts the changes to single places of ChatGPT's canvases, which its export holds as patterns only.
    `flagged` counts conversations that were taken although they may try to instruct a model, `flagged_titles` are the
    first few."""

    counts: Counter[Kind] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    files: Counter[Refusal] = field(default_factory=Counter)
    file_names: dict[Refusal, list[str]] = field(default_factory=dict)
    canvas_edits: int = 0
    flagged: int = 0
    flagged_titles: list[str] = field(default_factory=list)

    def add(self, kind: Kind, reason: str, number: int = 1) -> None:
        self.counts[kind] += number
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append(reason)

    def add_file(self, code: Refusal, name: str) -> None:
        self.files[code] += 1
        names = self.file_names.setdefault(code, [])
        if name and name not in names and len(names) < MOST_NAMES:
            names.append(name)

    def flag(self, title: str) -> None:
        """Note a conversation; lanes of one comparison, which have its title, once."""
        if title in self.flagged_titles:
            return
        self.flagged += 1
        if len(self.flagged_titles) < MOST_REASONS:
            self.flagged_titles.append(title)

    def __bool__(self) -> bool:
        return bool(self.counts.total() or self.files.total() or self.canvas_edits)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        left_out: dict[str, Any] = {"counts": dict(self.counts), "reasons": list(self.reasons)}
        if self.files:
            left_out |= {"files": dict(self.files), "file_names": self.file_names}
        if self.canvas_edits:
            left_out["canvas_edits"] = self.canvas_edits
        return left_out | ({"flagged": self.flagged, "flagged_titles": self.flagged_titles} if self.flagged else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LeftOut:
        """The inverse of `to_json`."""
        return cls(
            Counter(data.get("counts", {})),
            list(data.get("reasons", [])),
            Counter(data.get("files", {})),
            dict(data.get("file_names", {})),
            int(data.get("canvas_edits", 0)),
            int(data.get("flagged", 0)),
            list(data.get("flagged_titles", [])),
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was new in a file, how many of its chats and comparisons existed before, and what was left out. `things`:
    what else was new, `known_things` what of it existed before."""

    source: str
    conversations: int
    messages: int
    known: int
    left: LeftOut = field(default_factory=LeftOut)
    things: Mapping[Thing, int] = field(default_factory=dict)
    known_things: Mapping[Thing, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """The newest import of an owner. `state`: reading, showing, done, failed or stopped; the rest as in `Loaded`."""

    id: str
    state: str
    source: str
    name: str
    read_bytes: int
    total_bytes: int
    conversations: int
    messages: int
    known: int
    left: LeftOut
    why: str
    things: Mapping[Thing, int] = field(default_factory=dict)
    known_things: Mapping[Thing, int] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        return self.state in ("reading", "showing")
