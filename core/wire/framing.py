"""Bytes to frames: cuts a stream of SSE, NDJSON or bare JSON into parsed JSON values, whatever the network cut.

    feed(bytes) -> frame, frame, END ...       close() -> what was left without a last blank line

Lines end at CR, LF or CRLF bytes and nowhere else: U+2028 inside a text is text. The kind is the one requested; the
first non-blank byte corrects it, because servers answer a stream request with one JSON body, and the other way round.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from ..errors import BadReply
from ..records import Framing

Frame = Any
BOM = b"\xef\xbb\xbf"
MAX_UNREADABLE = 3


class _End:
    """The `[DONE]` mark."""

    def __repr__(self) -> str:
        return "END"


END: Final = _End()


def _refuse(word: str) -> None:
    raise ValueError(word)


_DECODER: Any = json.JSONDecoder(parse_constant=_refuse, strict=False)
_ODD_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)|\x00")
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(raw: bytes) -> Frame:
    """One JSON value; ValueError for everything else: NaN, huge integers, very deep nesting, a second value.

    Invalid UTF-8 and lone surrogates become U+FFFD and NUL disappears, so every text can be stored and encoded.
    """
    text = raw.decode("utf-8", "replace").strip()
    try:
        value, end = _DECODER.scan_once(text, 0)
    except (StopIteration, RecursionError, ValueError):
        raise ValueError("this is not JSON") from None
    if end != len(text):
        raise ValueError("this is not JSON but more than one value")
    return _clean(value) if (b"\\u" in raw or b"\x00" in raw) and _ODD_ESCAPE.search(raw) else value


def _clean(value: Any) -> Any:
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value).replace("\x00", "")
        case list():
            return [_clean(item) for item in value]
        case dict():
            return {_clean(key): _clean(item) for key, item in value.items()}
    return value


class Framer:
    """Incremental cutter of one reply. Raises BadReply for a web page, a line over `max_line_bytes`, or garbage."""

    def __init__(self, kind: Framing, max_line_bytes: int = 1_000_000) -> None:
        self.kind: Framing = kind
        self.max_line_bytes = max_line_bytes
        self.is_one_body = False  # one JSON object: the reply ends with it
        self._head: bytes | None = b""  # None after the first non-blank byte
        self._parts: list[bytes] = []  # an unfinished line
        self._parts_bytes = 0
        self._skip_lf = False  # the last byte was CR: an LF right after it belongs to it
        self._data: list[bytes] = []  # data lines of an unfinished event
        self._data_bytes = 0
        self._event = b""
        self._values = _Values()
        self._plain = False  # nothing unfinished: one whole event may take the fast path
        self._unreadable = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        if self._plain and self._is_one_event(data):
            try:
                value = parse(data[6:-2])
            except ValueError:
                yield from self._rescue(data[6:-2], [], b"")
            else:
                yield value
            return
        if self._head is not None:
            data = self._open(data)
        if not data:
            return
        if self.kind == "json":
            yield from self._feed_values(data)
        else:
            yield from self._feed_lines(data)
            self._plain = self.kind == "sse" and not (self._parts or self._data or self._event or self._skip_lf)

    def close(self) -> Iterator[Frame]:
        """The last line and the last event, even without a line end."""
        if self._parts:
            yield from self._line(b"".join(self._parts))
            self._parts = []
        yield from self._dispatch()

    def _is_one_event(self, data: bytes) -> bool:
        """The common case: exactly one whole event, `data: ...` and two line feeds."""
        return (
            data[:6] == b"data: "
            and data.find(b"\n") == len(data) - 2
            and data[-1:] == b"\n"
            and b"\r" not in data
            and len(data) <= self.max_line_bytes
        )

    def _open(self, data: bytes) -> bytes:
        head = (self._head or b"") + data
        if BOM.startswith(head):
            self._head = head
            return b""
        head = head.removeprefix(BOM)
        rest = head.lstrip(b" \t\r\n")
        if not rest:
            self._head = b"\n"
            return b""
        self._head = None
        first = rest[:1]
        if first == b"<":
            raise BadReply("received a web page instead of an answer")
        if first == b"[" or (first == b"{" and self.kind == "sse"):
            self.kind = "json"
        elif first in b"deir:":
            self.kind = "sse"
        self.is_one_body = self.kind == "json" and first == b"{"
        return rest

    def _feed_lines(self, data: bytes) -> Iterator[Frame]:
        if self._skip_lf and data[:1] == b"\n":
            data = data[1:]
        self._skip_lf = data[-1:] == b"\r"
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *lines = data.split(b"\n")
        if first:
            self._parts.append(first)
        self._parts_bytes += len(first)
        self._check(self._parts_bytes)
        for line in lines:
            whole = b"".join(self._parts)
            self._parts = [line] if line else []
            self._parts_bytes = len(line)
            yield from self._line(whole)
        self._check(self._parts_bytes)

    def _check(self, size_bytes: int) -> None:
        if size_bytes > self.max_line_bytes:
            raise BadReply(f"a line of the reply is too long (over {self.max_line_bytes} bytes)", retryable=False)

    def _line(self, line: bytes) -> Iterator[Frame]:
        if self.kind == "ndjson":
            if line.strip():
                yield from self._read(line)
        elif not line:
            yield from self._dispatch()
        elif line[:5] == b"data:":
            self._add(line[6:] if line[5:6] == b" " else line[5:])
        elif line[:6] == b"event:":
            self._event = line[6:].strip()
        elif line[:6] == b"error:":  # llama.cpp's own field
            self._event = b"error"
            self._add(line[6:])
        elif line[:8] == b'{"error"':  # a gateway's failure, written into the stream without a field
            self._add(line)

    def _add(self, data: bytes) -> None:
        self._data.append(data)
        self._data_bytes += len(data)
        self._check(self._data_bytes)

    def _dispatch(self) -> Iterator[Frame]:
        lines, event = self._data, self._event
        self._data, self._data_bytes, self._event = [], 0, b""
        if lines:
            yield from self._read(b"\n".join(lines), lines, event)

    def _read(self, raw: bytes, lines: list[bytes] | None = None, event: bytes = b"") -> Iterator[Frame]:
        """Frames of one event; several data lines that do not form one value are read one by one."""
        try:
            value = parse(raw)
        except ValueError:
            yield from self._rescue(raw, lines or [], event)
        else:
            yield _named_error(value) if event == b"error" else value

    def _rescue(self, raw: bytes, lines: list[bytes], event: bytes) -> Iterator[Frame]:
        word = raw.strip()
        if word == b"[DONE]":
            yield END
        elif len(lines) > 1:
            for line in lines:
                yield from self._read(line, None, event)
        elif event == b"error" and word:
            yield {"error": word.decode("utf-8", "replace")}
        elif word:
            self.unreadable()

    def unreadable(self) -> None:
        """Count one unreadable frame; the fourth ends the reply with BadReply."""
        self._unreadable += 1
        if self._unreadable > MAX_UNREADABLE:
            raise BadReply("the reply has an unexpected format")

    def _feed_values(self, data: bytes) -> Iterator[Frame]:
        for raw in self._values.feed(data):
            self._check(len(raw))
            yield from self._read(raw)
        self._check(self._values.size_bytes)


def _named_error(value: Any) -> Any:
    """`event: error` names the failure; some servers leave the wrapper out of the data."""
    return value if isinstance(value, dict) and value.get("error") else {"error": value}


class _Values:
    """Cuts the objects out of a JSON array that is still arriving, out of NDJSON, or out of one padded body."""

    _OUTSIDE = re.compile(rb"[{}\"]")
    _INSIDE = re.compile(rb"[\"\\]")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size_bytes = 0
        self._depth = 0
        self._quoted = False
        self._escaped = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        start = at = 0
        while (index := self._next(data, at)) >= 0:
            at = index + 1
            if data[index] == 0x7B:  # {
                self._depth += 1
                start = index if self._depth == 1 else start
            elif data[index] == 0x7D and self._depth:  # }
                self._depth -= 1
                if not self._depth:
                    yield b"".join((*self._parts, data[start:at]))
                    self._parts, self.size_bytes, start = [], 0, at
        if self._depth:
            self._parts.append(data[start:])
            self.size_bytes += len(data) - start

    def _next(self, data: bytes, at: int) -> int:
        """Where the next brace outside of strings is, or -1."""
        while at < len(data):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            token = (self._INSIDE if self._quoted else self._OUTSIDE).search(data, at)
            if not token:
                return -1
            at = token.end()
            match token.group():
                case b'"':
                    self._quoted = not self._quoted
                case b"\\":
                    self._escaped = True
                case _:
                    return token.start()
        return -1
