"""HTML as Markdown."""

from __future__ import annotations

import codecs
import re
from html import unescape

from ...encodings import decode
from ..bounds import ReadingBounds
from .read import FoundPages, in_parts

STYLED_CHARS = 2_000_000  # above, and where tags are too many or nested too deep, the text alone is taken
STYLED_TAGS = 100_000  # beginnings and ends
DEEPEST = 20_000  # tags left open
UNSEEN = ("script", "style", "template", "svg", "head")
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
CELLS = ("td", "th")
_TAG = re.compile(r"<(?:(!--)|(/?)([a-zA-Z][a-zA-Z0-9:-]*)[^<>]*>?|[!?][^<>]*>)")
_CLOSING = {name: re.compile(f"</{name}[^<>]*>", re.IGNORECASE) for name in UNSEEN}
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
    tags = html.count("<")
    if len(html) <= STYLED_CHARS and tags <= STYLED_TAGS and tags - 2 * html.count("</") < DEEPEST:
        try:
            return _GAPS.sub("\n\n", _styled(html)).strip()
        except RecursionError:
            pass
    return _GAPS.sub("\n\n", plain(html)).strip()


def _styled(html: str) -> str:
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(html, "html.parser")
    for tag in soup("head"):  # where it is never closed, the whole page is in it
        for title in tag("title"):
            title.decompose()
        tag.unwrap()
    for tag in soup(list(UNSEEN)):
        tag.decompose()
    for tag in soup(["img", "picture", "video", "audio", "iframe", "object"]):
        tag.replace_with(str(tag.get("alt") or ""))
    converter = MarkdownConverter(
        heading_style="ATX", escape_underscores=False, escape_asterisks=False, escape_misc=False
    )
    return str(converter.convert_soup(soup))


def plain(html: str) -> str:
    """The text between the tags, in one pass: a page of a million tags takes a second."""
    pieces, at = [], 0
    while match := _TAG.search(html, at):
        pieces.append(html[at : match.start()])
        is_comment, is_end, name = match[1], match[2], (match[3] or "").lower()
        at = _end_of(html, "-->", match.end()) if is_comment else match.end()
        if name in BLOCKS:
            pieces.append("\n")
        elif is_end and name in CELLS:
            pieces.append("\t")
        elif name in UNSEEN and not is_end and not match[0].endswith("/>"):
            closing = _CLOSING[name].search(html, at)
            if closing or name in ("script", "style"):
                at = closing.end() if closing else len(html)
    pieces.append(html[at:])
    return unescape("".join(pieces))


def _end_of(html: str, mark: str, start: int) -> int:
    """Where what ends with `mark` ends: with the page where there is none."""
    place = html.find(mark, start)
    return place + len(mark) if place >= 0 else len(html)
