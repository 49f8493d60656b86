"""Books, pages, texts and files of other kinds, for `bench.document_files`."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

from .document_damage import BOMB, OLE, TEXT, TONGUES, Case, cut, damaged, remade


def book(chapters: int = 3, *, text: str = TEXT, drm: bool = False, doctype: str = "", missing: bool = False) -> bytes:
    held = io.BytesIO()
    names = [f"c{number}.xhtml" for number in range(chapters)]
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/epub+zip")
        packed.writestr(
            "META-INF/container.xml",
            f'{doctype}<container><rootfiles><rootfile full-path="o/b.opf"/></rootfiles></container>',
        )
        packed.writestr("o/b.opf", f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>")
        if drm:
            packed.writestr(
                "META-INF/encryption.xml", '<e><m Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></e>'
            )
        for number, name in enumerate(names if not missing else ()):
            packed.writestr(f"o/{name}", f"<html><body><h1>Chapter {number + 1}</h1><p>{text * 20}</p></body></html>")
    return held.getvalue()


def _books() -> Iterator[Case]:
    for chapters in (1, 30, 500):
        yield f"{chapters} chapters.epub", "read", partial(book, chapters)
    for tongue in ("zh", "ja", "ar", "ru"):
        yield f"{tongue}.epub", "read", partial(book, text=TONGUES[tongue])
    for tenths in (2, 5, 8):
        yield f"cut at {tenths}0 percent.epub", "broken", partial(cut, book, tenths)
    for seed in range(5):
        yield f"damaged {seed}.epub", "any", partial(damaged, partial(book, 20), seed)
    yield "protected.epub", "password", partial(book, drm=True)
    yield "entity bomb.epub", "unsafe", partial(book, doctype=BOMB)
    yield "chapters missing.epub", "broken", partial(book, missing=True)
    yield "zip bomb.epub", "too_large", partial(remade, book, "big", b"\0" * 260_000_000)


def _nested(depth: int) -> bytes:
    return b"<div>" * depth + b"deep"


def _encoded(text: str, codec: str) -> bytes:
    return (text * 5).encode(codec, "replace")


def _pages() -> Iterator[Case]:
    whole = f"<!DOCTYPE html><html><head><title>T</title></head><body><h1>Tides</h1><p>{TEXT}</p></body></html>"
    yield "page.html", "read", whole.encode
    yield "no ending", "read", whole.encode
    yield "table.html", "read", lambda: b"<table><tr><th>a</th><td>1</td></tr></table>"
    yield "declares koi8.html", "read", lambda: '<meta charset="koi8-r"><p>Приливы</p>'.encode("koi8-r")
    yield "declares what it is not.html", "read", lambda: '<meta charset="shift_jis"><p>Приливы</p>'.encode()
    yield "declares nonsense.html", "read", lambda: b'<meta charset="nonsense"><p>text</p>'
    yield "utf-16.html", "read", lambda: whole.encode("utf-16")
    yield "script alone.html", "empty", lambda: b"<html><script>alert(1)</script></html>"
    for depth in (1_000, 50_000, 300_000):
        yield f"nested {depth}.html", "read", partial(_nested, depth)
    yield "3 MB.html", "read", lambda: f"<html><body>{f'<p>{TEXT}</p>' * 50_000}".encode()
    yield "200000 attributes.html", "read", lambda: b"<html><p " + b"a=1 " * 200_000 + b">text</p>"
    yield "unclosed.html", "read", lambda: b"<html><b><i><p>text" * 2_000
    yield "xml entity bomb.xml", "read", lambda: BOMB.encode()
    yield "picture.svg", "read", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><text>Hi</text></svg>'


CODECS = {
    "utf-8": "en fr zh ja ru ar he ko el th",
    "utf-8-sig": "zh fr",
    "utf-16": "zh ru ar",
    "gb18030": "zh",
    "cp932": "ja",
    "iso2022_jp": "ja",
    "euc_jp": "ja",
    "cp949": "ko",
    "cp1252": "fr",
    "cp1251": "ru",
    "koi8_r": "ru",
    "cp866": "ru",
    "cp1253": "el",
    "cp1255": "he",
    "cp1256": "ar",
    "cp874": "th",
    "iso8859_15": "fr",
    "mac_roman": "fr",
}


def _texts() -> Iterator[Case]:
    for codec, tongues in CODECS.items():
        for tongue in tongues.split():
            yield f"{tongue} {codec}.txt", "read", partial(_encoded, TONGUES[tongue], codec)
    for ending in ("py", "js", "rs", "go", "c", "java", "sql", "sh", "tex", "yaml", "toml", "log", "diff", "md"):
        yield f"code.{ending}", "read", lambda: b"def tide(day):\n    return day * 2\n" * 40
    for ending, sign in (("csv", ","), ("tsv", "\t")):
        yield f"table.{ending}", "read", partial(_encoded, f"a{sign}b{sign}c\n", "ascii")
    yield "semicolons.csv", "read", lambda: "Größe;Preis\n1;2\n".encode("cp1252")
    yield "20 MB.txt", "read", lambda: TEXT.encode() * 380_000
    yield "one line of 5 MB.txt", "read", lambda: b"x" * 5_000_000
    yield "blanks.txt", "empty", lambda: b" \n" * 500
    yield "nothing.txt", "empty", lambda: b""
    yield "zeros.txt", "kind", lambda: bytes(5_000)
    yield "noise.txt", "kind", lambda: random.Random(3).randbytes(20_000)
    yield "mark alone.txt", "empty", lambda: b"\xef\xbb\xbf"
    yield "surrogates.txt", "any", lambda: b"\xed\xa0\x80text"


def notebook(cells: int) -> bytes:
    code = {"cell_type": "code", "source": ["print(1)\n"], "outputs": [{"output_type": "stream", "text": ["1\n"]}]}
    note = {"cell_type": "markdown", "source": "# Tides"}
    return json.dumps({"cells": [note, code] * cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _notebooks() -> Iterator[Case]:
    for cells in (1, 50, 5_000):
        yield f"{cells} cells.ipynb", "read", partial(notebook, cells)
    yield "cut.ipynb", "read", partial(cut, partial(notebook, 20), 5)  # as the text that it is
    yield "cells of another form.ipynb", "read", lambda: b'{"cells": [1, null, {"source": 5}], "nbformat": 4}'
    yield "nested json.ipynb", "read", lambda: b'{"cells":' + b"[" * 100_000


def _rich() -> Iterator[Case]:
    yield "plain.rtf", "read", lambda: rb"{\rtf1\ansi Hello \b world\b0\par}"
    yield "letters.rtf", "read", lambda: rb"{\rtf1\ansi\ansicpg1252 caf\'e9 \u8364?\par}"
    yield "chinese.rtf", "read", lambda: rb"{\rtf1\ansi\ansicpg936 \'b3\'b1\'cf\'ab\par}"
    yield "odd code page.rtf", "read", lambda: rb"{\rtf1\ansi\ansicpg99999 text\par}"
    yield "nested.rtf", "read", lambda: rb"{\rtf1 " + b"{" * 200_000 + b"deep"
    yield "5 MB.rtf", "read", lambda: rb"{\rtf1 " + rb"Tides rise.\par " * 300_000
    yield "pictures alone.rtf", "empty", lambda: rb"{\rtf1{\pict " + b"00" * 5_000 + b"}}"


HEADS = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff\xe0",
    "gif": b"GIF89a",
    "bmp": b"BM\x10\0",
    "webp": b"RIFF\0\0\0\0WEBP",
    "tif": b"II*\0",
    "ico": b"\0\0\1\0",
    "psd": b"8BPS",
    "mp3": b"ID3\3",
    "ogg": b"OggS",
    "wav": b"RIFF\0\0\0\0WAVE",
    "mp4": b"\0\0\0\x18ftypmp42",
    "mkv": b"\x1aE\xdf\xa3",
    "gz": b"\x1f\x8b\x08",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "rar": b"Rar!\x1a\x07",
    "bz2": b"BZh9",
    "xz": b"\xfd7zXZ\0",
    "exe": b"MZ\x90\0",
    "elf": b"\x7fELF",
    "class": b"\xca\xfe\xba\xbe",
}


def _foreign() -> Iterator[Case]:
    for ending, head in HEADS.items():
        yield f"file.{ending}", "kind", partial(bytes.__add__, head, bytes(3_000))
    yield "old.doc", "legacy", lambda: OLE + bytes(600) + "WordDocument".encode("utf-16-le")
    yield "unknown.msg", "legacy", lambda: OLE + bytes(5_000)
    for ending in ("odt", "ods", "odp"):
        yield f"open.{ending}", "legacy", partial(_open_document, ending)
    yield "files.zip", "kind", lambda: _zip({"a.txt": b"x"})
    yield "zip in zip.zip", "kind", lambda: _zip({"a.zip": _zip({"b.zip": _zip({"c": b"\0" * 5_000_000})})})
    yield "empty.zip", "kind", lambda: _zip({})


def _open_document(_ending: str) -> bytes:
    return _zip({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})


def _zip(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return held.getvalue()


GROUPS: tuple[Callable[[], Iterator[Case]], ...] = (_books, _pages, _texts, _notebooks, _rich, _foreign)
