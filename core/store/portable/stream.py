"""A JSON file read as a stream: the items of its list one by one, however long the list is.

JsonReader(file).items()    a list gives ("", item) for each; an object gives (name, value) for each of its members,
                            and ("conversations", BEGIN), then each item of that list; each item of the lists STREAMED

One item at a time is in memory. A file is JSON in UTF-8; a zip is opened by `archive`.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Protocol

from .. import BadImport

LISTED = "conversations"
FILES = "files"
STREAMED = (FILES, "batches", "batch_rows", "prompts", "line_ups", "settings", "checks")
BEGIN = object()
PIECE = 1_000_000
MOST_CHARS = 32_000_000  # of one conversation
MOST_BYTES = 20_000_000_000  # of a file, unpacked
_SPACE = re.compile(r"[ \t\n\r]*")
_scan = json.JSONDecoder().raw_decode


class Source(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class JsonReader:
    """Reads one JSON file. `read_bytes` grows while `items` is consumed."""

    def __init__(self, file: Source, most_chars: int = MOST_CHARS, most_bytes: int = MOST_BYTES) -> None:
        self.read_bytes = 0
        self._file = file
        self._most_chars, self._most_bytes = most_chars, most_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._lines, self._columns = 1, 1  # of where `_text` begins
        self._ended = False

    def items(self) -> Iterator[tuple[str, Any]]:
        """The items of the file in order. Raises BadImport on reaching a part that is not JSON."""
        if self._peek() == "\ufeff":
            self._at += 1
        if self._peek() == "[":
            yield from (("", item) for item in self._list())
        elif self._peek() == "{":
            yield from self._members()
        else:
            yield "", self._value()
        while self._peek() == "{":  # one conversation a line
            yield "", self._value()
        if self._peek():
            raise self._fault(self._at)

    def _members(self) -> Iterator[tuple[str, Any]]:
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                raise self._fault(self._at)
            name = self._value()
            self._take(":")
            if name == LISTED and self._peek() == "[":
                yield LISTED, BEGIN
                yield from ((LISTED, item) for item in self._list())
            elif name in STREAMED and self._peek() == "[":
                yield from ((name, item) for item in self._list())
            else:
                yield name, self._value()
            if self._take(",}") == "}":
                return

    def _list(self) -> Iterator[Any]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if self._take(",]") == "]":
                return

    def _peek(self) -> str:
        """The next character that is no space, "" at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(PIECE):
                return ""

    def _take(self, wanted: str) -> str:
        character = self._peek()
        if not character or character not in wanted:
            raise self._fault(self._at)
        self._at += 1
        return character

    def _value(self) -> Any:
        self._peek()
        size = PIECE
        while True:
            try:
                value, end = _scan(self._text, self._at)
                if end < len(self._text) or not self._more(PIECE):  # a number may go on in the next piece
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                beyond = error.pos - self._at
                if not self._more(size):
                    raise self._fault(self._at + beyond) from None
                size *= 2
            except (ValueError, RecursionError):
                raise BadImport(
                    "The file cannot be read as JSON: a number is too long or it is nested too deep."
                ) from None

    def _more(self, size: int) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        self._forget()
        if len(self._text) > self._most_chars:
            most = self._most_chars // 1_000_000
            raise BadImport(f"The file has a conversation of more than {most} million characters: line {self._lines}.")
        data = self._file.read(size)
        if not self.read_bytes and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-16")()
        pending = len(self._decoder.getstate()[0])
        try:
            self._text += self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            place = self.read_bytes - pending + error.start + 1
            raise BadImport(f"The file is not text in UTF-8: byte {place}.") from None
        self.read_bytes += len(data)
        if self.read_bytes > self._most_bytes:
            raise BadImport(f"The file is larger than {self._most_bytes // 1_000_000} MB.")
        self._ended = not data
        return bool(data)

    def _forget(self) -> None:
        """Drop what was read, and remember how many lines that was."""
        self._lines, self._columns = self._place(self._at)
        self._text, self._at = self._text[self._at :], 0

    def _place(self, at: int) -> tuple[int, int]:
        newlines = self._text.count("\n", 0, at)
        if newlines:
            return self._lines + newlines, at - self._text.rfind("\n", 0, at)
        return self._lines, self._columns + at

    def _fault(self, at: int) -> BadImport:
        line, column = self._place(at)
        return BadImport(f"The file is not JSON: line {line}, column {column}.")
