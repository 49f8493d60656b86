"""Reading a file: our own JSON and the exports of other programs, told apart by their shape, as a stream.

What does not fit is left out and counted; no database is needed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...safety.injection import hints_in, is_pasted
from ...views.conversation import File
from ...views.imports import FileRefused, LeftOut, Loaded
from .. import BadImport
from ..conversations import title_of
from ..rows import clean
from . import chatgpt, claude, deepseek, foreign, librechat, openwebui, ours, plain
from .export_files import FilesOfExport
from .file_members import ArrivingParts
from .intake import MOST_CHARS, RecordPlace
from .records import ImportedConversation, conversation
from .stream import BEGIN, FILES, LISTED, STREAMED, JsonReader, Source

UNKNOWN = (
    "The file is not a supported export. Supported are exports of Roundtable, ChatGPT, Claude, DeepSeek, "
    "Open WebUI and LibreChat, and conversations with “messages” that have a role and a text."
)
TITLE_CHARS = 60
MOST_UNKNOWN = 100  # items of a list before the first that shows its source
WITH_FILES = ("chatgpt", "claude")  # whose zips hold files
JsonFile = tuple[Source, int]


def read(data: bytes, most_chars: int = MOST_CHARS) -> tuple[str, list[ImportedConversation]]:
    """The file's source and the conversations that fit, without a database. BadImport where nothing can be read."""
    reading = Reading([(io.BytesIO(data), len(data))], most_chars)
    conversations = list(reading)
    if reading.items and not conversations:
        raise BadImport(nothing_fits(reading.left))
    return reading.source, conversations


def look(reading: Reading, is_stopped: Callable[[], bool] = bool) -> Loaded:
    """What an import would bring, if all of it is new, and what it would leave out. BadImport as an import, or because
    it was stopped."""
    listed = messages = 0
    for talk in reading:
        listed += talk.kind != "lane"
        messages += len(talk.messages)
        if is_stopped():
            raise BadImport("It was stopped. Nothing of it was kept.")
    if reading.items and not listed and not reading.parts.any:
        raise BadImport(nothing_fits(reading.left))
    reading.parts.found["file"] = len(reading.kept_files())
    return Loaded(reading.source, listed, messages, 0, reading.left, things=reading.parts.found)


def nothing_fits(left: LeftOut) -> str:
    return f"Nothing in the file can be read. {'; '.join(left.reasons[:1])}. Nothing was imported."


class Reading:
    """The conversations of a file, one by one. `source` is known before the first; `read_bytes` and `left` grow."""

    def __init__(
        self,
        json_files: Sequence[JsonFile],
        most_chars: int = MOST_CHARS,
        parts: ArrivingParts | None = None,
        export_files: FilesOfExport | None = None,
    ) -> None:
        self.source: str = ""
        self.left = LeftOut()
        self.parts = parts or ArrivingParts()
        self.items = self.accepted = 0
        self.total_bytes = sum(size for _, size in json_files)
        self._readers = [JsonReader(file) for file, _ in json_files]
        self._most_chars = most_chars
        self._export_files = export_files or FilesOfExport(None, _nothing, 0)

    def kept_files(self) -> set[str]:
        """The hashes of the files that were kept."""
        return {*self.parts.kept_files(), *(file.sha256 for file in self._export_files.brought if file.sha256)}

    @property
    def read_bytes(self) -> int:
        return sum(reader.read_bytes for reader in self._readers)

    def __iter__(self) -> Iterator[ImportedConversation]:
        for reader in self._readers:
            for item in self._of(reader):
                self.items += 1
                place = RecordPlace(f"Conversation {self.items}", self.left, self._most_chars)
                made = normalised(self.source, item, self.items)
                if isinstance(made, dict) and self.source == "chatgpt":
                    self.left.canvas_edits += made.pop("canvas_edits", 0)
                if self.source in WITH_FILES:
                    self._export_files.fill(made, self.left)
                if talk := conversation(made, place):
                    self.accepted += 1
                    self.parts.count(talk)
                    if any(map(hints_in, _foreign_texts(talk))):
                        self.left.flag(_title(talk))
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
            elif name in STREAMED:
                self._take(name, value, around)
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

    def _take(self, name: str, value: Any, around: dict[str, Any]) -> None:
        """An item of a list besides the conversations: of our own format, or of somebody else's."""
        if around.get("format") == ours.FORMAT:
            self.parts.take(name, value, RecordPlace("", self.left, self._most_chars))
        elif name != FILES:
            around.setdefault(name, []).append(value)

    def _alone(self, around: dict[str, Any]) -> Iterator[Any]:
        """The content of a file that is not a list: the frame of our own format, or one conversation of another."""
        if around.get("format") == ours.FORMAT:
            ours.check(around)
            self.source = "roundtable"
        elif around and LISTED not in around:
            listed = next(
                (held for held in around.values() if isinstance(held, list) and held and source_of(held[0])), None
            )
            items = [around] if listed is None or source_of(around) else listed
            self.source = source_of(items[0])
            yield from items if self.source else []


def _nothing(name: str, data: bytes) -> File:
    raise FileRefused("missing")


def _foreign_texts(talk: ImportedConversation) -> Iterator[str]:
    """All that a person hardly typed."""
    for message in talk.messages:
        if message.role != "user" or is_pasted(message.text):
            yield message.text
        yield from (file.text for file in message.files)


def _title(talk: ImportedConversation) -> str:
    first = talk.messages[0].text if talk.messages else ""
    title: str = clean(talk.title or title_of(first))
    return title[:TITLE_CHARS]


def source_of(item: Any) -> str:
    """The program that wrote such a conversation; "" for an unknown one."""
    if not isinstance(item, dict):
        return ""
    if "mapping" in item:
        return "deepseek" if deepseek.is_conversation(item) else "chatgpt"
    if isinstance(item.get("chat_messages"), list):
        return "claude"
    if "chat" in item or "history" in item:
        return "openwebui"
    if {"messages", "leaf_id", "title_by_person"} <= set(item):
        return "roundtable"
    return "librechat" if librechat.is_conversation(item) else "plain" if plain.is_conversation(item) else ""


def normalised(source: str, item: Any, number: int) -> Any:
    """A conversation of that source in the shape of our own JSON, for `records.conversation`.

    A conversation of another program without an id is named by its place in the file, its title and its date.
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
            return librechat.to_our_shape(item)
        case "plain" if plain.is_conversation(item):
            return plain.to_our_shape(item)
        case _:
            return item
