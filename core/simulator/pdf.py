"""A glance at a PDF: how many pages it has, and the strings that stand in it plainly. Pure; all it reads is bounded.

It knows the filters that small writers use (Flate, ASCII85) and simple strings; fonts with an encoding of their own
stay unread.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

MOST_BYTES = 30_000_000
MOST_STREAMS = 200
MOST_UNPACKED = 2_000_000
MOST_TEXT = 200_000
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_COUNT = re.compile(rb"/Count\s+(\d{1,6})")
_STREAM = re.compile(rb"stream\r?\n")
_SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*(?:Tj|'|\")|\[((?:[^\[\]\\]|\\.)*)\]\s*TJ|(T\*|Td|TD|ET)\b")
_STRING = re.compile(rb"\(((?:[^()\\]|\\.)*)\)")
_ESCAPED = re.compile(rb"\\(\d{1,3}|.)", re.DOTALL)
_MARKS = {b"n": b"\n", b"r": b"\n", b"t": b" ", b"b": b"", b"f": b""}


@lru_cache(maxsize=8)
def pages(data: bytes) -> int:
    """At least 1; 0 for what is no PDF."""
    if not data.startswith(b"%PDF"):
        return 0
    data = data[:MOST_BYTES]
    plain = len(_PAGE.findall(data))
    counts = [int(number) for number in _COUNT.findall(data)]
    if not plain:  # the pages may stand in packed objects
        unpacked = b"\n".join(_unpacked(data))
        plain = len(_PAGE.findall(unpacked))
        counts += [int(number) for number in _COUNT.findall(unpacked)]
    return plain or max([*counts, 1])


@lru_cache(maxsize=8)
def text(data: bytes) -> str:
    """The readable strings in their order, line by line."""
    lines: list[str] = []
    line, size = "", 0
    for content in _unpacked(data[:MOST_BYTES]):
        if b"Tj" not in content and b"TJ" not in content:
            continue
        for shown, several, end in _SHOWN.findall(content):
            piece = _plain(shown) if shown else "".join(map(_plain, _STRING.findall(several)))
            line += piece
            size += len(piece)
            if end and line.strip():
                lines.append(line.strip())
                line = ""
            if size > MOST_TEXT:
                return "\n".join(lines)
    return "\n".join([*lines, *([line.strip()] if line.strip() else ())])


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The streams, unpacked up to a bound; those in filters that are not known here are left out."""
    left = MOST_UNPACKED
    for number, match in enumerate(_STREAM.finditer(data)):
        end = data.find(b"endstream", match.end())
        if number >= MOST_STREAMS or left <= 0 or end < 0:
            return
        head, packed = data[max(0, match.start() - 400) : match.start()], data[match.end() : end].rstrip(b"\r\n")
        head = head[head.rfind(b"obj") :]
        if b"ASCII85Decode" in head or b"/A85" in head:
            try:
                packed = base64.a85decode(packed.strip().removeprefix(b"<~").removesuffix(b"~>"))
            except ValueError:
                continue
        if b"FlateDecode" in head or b"/Fl" in head:
            try:
                packed = zlib.decompressobj().decompress(packed, left)
            except zlib.error:
                continue
        elif b"/DCTDecode" in head or b"/JPXDecode" in head:
            continue
        left -= len(packed)
        yield packed


def _plain(shown: bytes) -> str:
    def unescape(match: re.Match[bytes]) -> bytes:
        mark = match[1]
        return bytes([int(mark, 8) & 255]) if mark.isdigit() and not set(mark) & set(b"89") else _MARKS.get(mark, mark)

    value = _ESCAPED.sub(unescape, shown)
    string = value.decode("cp1252", "replace")
    return string if all(mark.isprintable() or mark in "\n\t" for mark in string) else ""
