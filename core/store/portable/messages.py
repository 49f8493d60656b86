"""One message of an import, and the order of a conversation's: parents before children, whatever was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from ...records.catalog import Size
from .answers import ImportedAnswer
from .fields import (
    Count,
    Flag,
    Id,
    MaybeMoment,
    MaybeName,
    Moment,
    Name,
    Record,
    Sha256,
    Share,
    Written,
    each,
    maybe,
)  # fmt: skip
from .intake import RecordPlace


class ImportedFile(Record):
    """A file that went with a question, or a picture of an answer; its bytes are named by their hash."""

    name: Name
    media_type: Name = "text/plain"
    text: Written = ""
    sha256: Annotated[Sha256, maybe()] = ""
    size_bytes: Annotated[Count | None, maybe()] = None
    width: Annotated[Count | None, maybe()] = None
    height: Annotated[Count | None, maybe()] = None
    pages: Annotated[Name, maybe()] = ""
    page_count: Annotated[Count | None, maybe()] = None


class ImportedRouted(Record):
    """The choice of "auto" that gave an answer; `verdict` is the size that it should have been, by the person."""

    tier: Size
    difficulty: Annotated[Share | None, maybe()] = None
    by_difficulty: Flag = False
    at: Moment
    verdict: Annotated[Size | None, maybe()] = None
    judged_at: MaybeMoment = None


class ImportedMessage(Record):
    """One message; `parent_id` names another one of the same conversation. `completion` as the database keeps it."""

    id: Id
    parent_id: Id | None = None
    role: Literal["user", "assistant", "system"]
    text: Written
    created_at: MaybeMoment = None
    model_id: MaybeName = None
    state: Annotated[Literal["done", "stopped", "failed", "interrupted"], maybe()] = "done"
    completion: Annotated[ImportedAnswer | None, maybe()] = None
    files: Annotated[tuple[ImportedFile, ...], each(ImportedFile, "file"), maybe()] = ()
    routed: Annotated[ImportedRouted | None, maybe()] = None


def in_order(
    messages: Sequence[ImportedMessage], above: Mapping[str, str | None], place: RecordPlace
) -> tuple[ImportedMessage, ...]:
    """The messages as a tree, level by level, else as they came.

    `above` names the parent of every message of the file. Children of a left-out message move up to its nearest
    existing ancestor; children of one that is not in the file follow the message before them. Messages with a repeated
    id, and messages that follow each other in a circle, are left out.
    """
    by_id: dict[str, ImportedMessage] = {}
    for message in messages:
        if message.id in by_id:
            place.leave("message", f": two messages have the id {message.id[:40]}")
        else:
            by_id[message.id] = message
    waiting: dict[str | None, list[ImportedMessage]] = {}
    before: str | None = None
    for message in by_id.values():
        parent = _nearest(message.parent_id, by_id, above, before)
        waiting.setdefault(parent, []).append(_under(message, parent))
        before = message.id
    ordered: list[ImportedMessage] = []
    level = waiting.pop(None, [])
    while level:
        ordered += level
        level = [child for message in level for child in waiting.pop(message.id, [])]
    if waiting:
        number = sum(map(len, waiting.values()))
        place.left.add("message", f"{place.name}: messages follow each other in a circle", number)
    return tuple(ordered)


def _nearest(
    parent: str | None, by_id: Mapping[str, ImportedMessage], above: Mapping[str, str | None], before: str | None
) -> str | None:
    seen: set[str] = set()
    while parent is not None and parent not in by_id:
        if parent in seen or parent not in above:
            return before
        seen.add(parent)
        parent = above[parent]
    return parent


def _under(message: ImportedMessage, parent: str | None) -> ImportedMessage:
    return message if message.parent_id == parent else message.model_copy(update={"parent_id": parent})
