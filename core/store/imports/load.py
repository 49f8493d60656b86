"""Import: our own JSON and the exports of other programs, told apart by their shape. What does not fit is left out.

A file is read as a stream and written in portions that nobody sees until all of it was read (`core.store.imports`).
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.store import BadImport, StoreError, Unavailable
from core.store.database import Database
from core.store.imports import progress
from core.store.imports.staging import Counts, Staging
from core.store.portable import chatgpt, claude, deepseek, foreign, librechat, openwebui, ours, plain
from core.store.portable.intake import MOST_CHARS, LeftOut, RecordPlace
from core.store.portable.records import Conversation, conversation
from core.store.portable.stream import BEGIN, LISTED, JsonReader, Source, files
from core.store.running import process_name

UNKNOWN = (
    "The file is none of the exports that can be read: Roundtable's, ChatGPT's, Claude's, DeepSeek's, Open WebUI's, "
    "LibreChat's, or conversations with “messages” of a role and a text."
)
FULL = "The disk is full: make room, then import the file again."
MOST_UNKNOWN = 100  # items of a list before the first that tells whose it is
JsonFile = tuple[Source, int]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was new in a file, how many of its chats and comparisons were there before, and what of it was left out."""

    source: str
    conversations: int
    messages: int
    known: int
    left: LeftOut = field(default_factory=LeftOut)


def read(data: bytes, most_chars: int = MOST_CHARS) -> tuple[str, list[Conversation]]:
    """Whose file this is and what fits of it, without a database. BadImport where nothing of it can be read."""
    reading = Reading([(io.BytesIO(data), len(data))], most_chars)
    found = list(reading)
    if reading.items and not found:
        raise BadImport(_nothing(reading.left))
    return reading.source, found


def _nothing(left: LeftOut) -> str:
    return f"Nothing in the file can be read. {'; '.join(left.reasons[:1])}. Nothing was imported."


def load(database: Database, owner_id: str, data: bytes, **how: Any) -> Loaded:
    """Import a file that is in memory; the rest as `load_file`."""
    return _load(database, owner_id, [(io.BytesIO(data), len(data))], **how)


def load_file(database: Database, owner_id: str, path: Path, **how: Any) -> Loaded:
    """Import a file: all of it that fits, seen when all of it was read. A file that comes again adds nothing twice.

    BadImport, and nothing of it is seen, for a file that cannot be read or of which nothing fits, while another one of
    this owner is imported, and when the database cannot be written any more. Keywords: `name` of the file, `process`
    that imports, `most_chars` of a text, `sleep`.
    """
    how = {"name": path.name} | how
    try:
        found = files(path)
    except (OSError, BadImport) as error:
        why = str(error) if isinstance(error, BadImport) else f"The file cannot be read: {error}."
        with progress.begin(database, owner_id, how.get("process") or process_name(), how["name"], 0) as failed:
            failed.give_up(why)
        raise BadImport(why) from None
    try:
        return _load(database, owner_id, found, **how)
    finally:
        for file, _ in found:
            file.close()


def _load(
    database: Database,
    owner_id: str,
    found: Sequence[JsonFile],
    *,
    name: str = "",
    process: str | None = None,
    most_chars: int = MOST_CHARS,
    sleep: Callable[[float], None] = time.sleep,
) -> Loaded:
    reading = Reading(found, most_chars)
    with progress.begin(database, owner_id, process or process_name(), name, reading.total_bytes) as running:
        try:
            _carry(database, owner_id, reading, running, sleep)
        except Exception as error:
            why = _why(error)
            with suppress(StoreError):  # the database is away: `recover` does it when it is back
                running.give_up(why)
            if isinstance(error, Unavailable):
                raise BadImport(why) from error
            raise
    database.settle_log()
    done = progress.current(database, owner_id)
    assert done is not None
    return Loaded(done.source, done.conversations, done.messages, done.known, done.left)


def _carry(
    database: Database, owner_id: str, reading: Reading, running: progress.Import, sleep: Callable[[float], None]
) -> None:
    def told(connection: Any, counts: Counts) -> None:
        how_far = {"source": reading.source, "read_bytes": reading.read_bytes, "left_out": reading.left.kept()}
        running.tell(connection, counts, **how_far)

    staging = Staging(database, owner_id, lambda: reading.source, told, sleep)
    for talk in reading:
        staging.add(talk)
    staging.flush()
    if reading.items and not reading.taken:
        raise BadImport(_nothing(reading.left))
    running.finish(reading.left, sleep)


def _why(error: Exception) -> str:
    if isinstance(error, Unavailable):
        full = error.health.code == "full"
        return FULL if full else "The database cannot be written now: import the file again when it can."
    return str(error) if isinstance(error, StoreError) else f"It ended with a fault: {type(error).__name__}."


class Reading:
    """The conversations of a file, one by one. `source` is known before the first; `read_bytes` and `left` grow."""

    def __init__(self, found: Sequence[JsonFile], most_chars: int = MOST_CHARS) -> None:
        self.source: str = ""
        self.left = LeftOut()
        self.items = self.taken = 0
        self.total_bytes = sum(size for _, size in found)
        self._readers = [JsonReader(file) for file, _ in found]
        self._most_chars = most_chars

    @property
    def read_bytes(self) -> int:
        return sum(reader.read_bytes for reader in self._readers)

    def __iter__(self) -> Iterator[Conversation]:
        for reader in self._readers:
            for item in self._of(reader):
                self.items += 1
                place = RecordPlace(f"Conversation {self.items}", self.left, self._most_chars)
                if talk := conversation(told(self.source, item, self.items), place):
                    self.taken += 1
                    yield talk
        if not self.source:
            raise BadImport(UNKNOWN)

    def _of(self, reader: JsonReader) -> Iterator[Any]:
        around: dict[str, Any] = {}
        unknown: list[Any] = []
        for name, value in reader.items():
            if value is BEGIN:
                around[LISTED] = []
                self.source = "roundtable" if around.get("format") == ours.FORMAT else self.source
            elif name and not (name == LISTED and around.get(LISTED) == []):
                around[name] = value
            elif self.source:
                yield value
            else:
                unknown.append(value)
                self.source = source_of(value)
                if self.source:
                    yield from unknown
                elif len(unknown) > MOST_UNKNOWN:
                    raise BadImport(UNKNOWN)
        yield from self._alone(around)

    def _alone(self, around: dict[str, Any]) -> Iterator[Any]:
        """What stands in a file that is no list: the frame of our own format, or one conversation of another."""
        if around.get("format") == ours.FORMAT:
            ours.check(around)
            self.source = "roundtable"
        elif around and LISTED not in around:
            listed = next(
                (held for held in around.values() if isinstance(held, list) and held and source_of(held[0])), None
            )
            found = [around] if listed is None or source_of(around) else listed
            self.source = source_of(found[0])
            yield from found if self.source else []


def source_of(item: Any) -> str:
    """Who wrote such a conversation; "" for none that is known."""
    if not isinstance(item, dict):
        return ""
    if "mapping" in item:
        return "deepseek" if deepseek.is_one(item) else "chatgpt"
    if isinstance(item.get("chat_messages"), list):
        return "claude"
    if "chat" in item or "history" in item:
        return "openwebui"
    if {"messages", "leaf_id", "title_by_person"} <= set(item):
        return "roundtable"
    return "librechat" if librechat.is_one(item) else "plain" if plain.is_one(item) else ""


def told(source: str, item: Any, number: int) -> Any:
    """A conversation of that source in the shape of our own JSON, for `records.conversation`.

    One of another program that has no id is named by its place in the file, its title and its date.
    """
    made = _to_our_shape(source, item)
    if made is not item and isinstance(made, dict) and not made.get("id"):
        made["id"] = f"{number} {made.get('title') or ''!s:.100} {made.get('created_at')!s:.40}"
    return foreign.dated(made) if made is not item and isinstance(made, dict) else made


def _to_our_shape(source: str, item: Any) -> Any:
    match source:
        case "chatgpt":
            return chatgpt.to_our_shape(item)
        case "openwebui":
            return openwebui.to_our_shape(item)
        case "deepseek" if isinstance(item, dict):
            return deepseek.to_our_shape(item)
        case "claude" if isinstance(item, dict):
            return claude.to_our_shape(item)
        case "librechat" if isinstance(item, dict):
            return librechat.told(item)
        case "plain" if plain.is_one(item):
            return plain.told(item)
        case _:
            return item
