"""EPUB: a zip of HTML files, in the order of its spine; each is a chapter."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from ..bounds import ReadingBounds
from ..kinds import broken, fault
from ..reading import DocumentPage
from . import packed, web
from .read import FoundPages

FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_ALGORITHM = re.compile(r'Algorithm="([^"]+)"')
_TITLE = re.compile(r"<(h1|h2|h3|title)\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)


def read(name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    members = packed.opened(name, data)
    names = set(members.namelist())
    if "META-INF/encryption.xml" in names:
        used = _ALGORITHM.findall(members.read("META-INF/encryption.xml").decode("utf-8", "replace"))
        if any(algorithm not in FONTS for algorithm in used):
            raise fault(f"{name} is copy-protected: only its seller's programs can read it.", "password")
    root = _xml(name, members, "META-INF/container.xml")
    package = next((element.get("full-path", "") for element in root.iter() if _is(element, "rootfile")), "")
    opf = _xml(name, members, package)
    files = {element.get("id"): element.get("href", "") for element in opf.iter() if _is(element, "item")}
    spine = [files.get(element.get("idref"), "") for element in opf.iter() if _is(element, "itemref")]
    folder = posixpath.dirname(package)
    paths = [posixpath.normpath(posixpath.join(folder, unquote(href))) for href in spine if href]
    chapters = [path for path in paths if path in names]
    if not chapters:
        raise broken(name)
    return FoundPages("chapter", _pages(members, chapters, budget), len(chapters))


def _pages(members: zipfile.ZipFile, chapters: list[str], budget: ReadingBounds) -> Iterator[DocumentPage]:
    for number, path in enumerate(chapters, 1):
        if not budget.takes(number):
            continue
        if budget.over():
            return
        html = web.decoded(members.read(path))
        titles = {match[1].lower(): " ".join(web.plain(match[2]).split()) for match in _TITLE.finditer(html)}
        title = next((titles[tag] for tag in ("h1", "h2", "h3", "title") if titles.get(tag)), "")
        yield DocumentPage(number, title[:120], web.markdown(html))


def _xml(name: str, members: zipfile.ZipFile, path: str) -> Any:
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(members.read(path))
    except KeyError:
        raise broken(name) from None


def _is(element: Any, tag: str) -> bool:
    return str(element.tag).rpartition("}")[2] == tag
