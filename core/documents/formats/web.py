"""HTML as Markdown."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser

from ...encodings import decode
from ..bounds import ReadingBounds
from .read import FoundPages, in_parts

STYLED_CHARS = 2_000_000  # above, and where tags are nested too deep, the text alone is taken
DEEPEST = 20_000  # tags left open
UNSEEN = ("script", "style", "noscript", "template", "svg", "head")
BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "table",
        "ul",
        "ol",
        "pre",
        "blockquote",
        "dt",
        "dd",
    ]
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{2,30})""", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]{2,30})""", re.IGNORECASE)
_GAPS = re.compile(r"[ \t]*\n(?:[ \t]*\n){2,}")


def read(_name: str, data: bytes, budget: ReadingBounds) -> FoundPages:
    return in_parts(markdown(decoded(data)), budget)


def decoded(data: bytes) -> str:
    """The page's text by its mark, by what it declares, or by its letters. Raises UnicodeError."""
    match = _CHARSET.search(data[:4096]) or _XML.match(data[:200])
    if match and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(codecs.lookup(match[1].decode("ascii")).name)
        except (LookupError, UnicodeError, ValueError, AssertionError):
            pass  # it declares what it is not
    return decode(data).text


def markdown(html: str) -> str:
    """The visible text with headings, lists, links and tables."""
    depth = html.count("<") - 2 * html.count("</")
    if len(html) <= STYLED_CHARS and depth < DEEPEST:
        try:
            return _GAPS.sub("\n\n", _styled(html)).strip()
        except RecursionError:
            pass
    return _GAPS.sub("\n\n", plain(html)).strip()


def _styled(html: str) -> str:
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(html, "html.parser")
    for tag in soup(list(UNSEEN)):
        tag.decompose()
    for tag in soup(["img", "picture", "video", "audio", "iframe", "object"]):
        tag.replace_with(str(tag.get("alt") or ""))
    converter = MarkdownConverter(
        heading_style="ATX", escape_underscores=False, escape_asterisks=False, escape_misc=False
    )
    return str(converter.convert_soup(soup))


def plain(html: str) -> str:
    """The text between the tags."""
    collector = _Collector()
    collector.feed(html)
    collector.close()
    return "".join(collector.pieces)


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)
