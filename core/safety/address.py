"""Where a link really leads: read like the browser, after Markdown has decoded the address."""

from __future__ import annotations

import html
import re

BREAK = "\u2060"  # a word joiner: invisible, and separates what a parser would join
_AT = re.compile(r"@|&(?:#0{0,6}64|#[xX]0{0,6}40|commat);")
_WORD = re.compile(r"\S+")
_USERINFO = re.compile(r"(?:https?://|www\.)[^/?#\s]*@", re.IGNORECASE)
_SCHEME = re.compile(r"https?\\?:|www(?=\\?\.)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_HIDDEN_SCHEME = re.compile(r"(?<!\S)(?!\S*https?://)\S*?(?:www|[&\\])\S*", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WEB = re.compile(r"https?://([^/?#]+)(?:[/?#]|\Z)", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?(?::\d{1,5})?")
_MAIL = re.compile(r"mailto:([\w.+%-]+@[A-Za-z0-9.-]+)(?:\?|\Z)", re.IGNORECASE)


def has_userinfo(text: str) -> bool:
    """Whether a word, as the browser decodes it, is an address with a name before its host
    (`https://bank.com@evil.com`), which leads to another host than it seems to."""
    return _USERINFO.search(_decoded(text)) is not None


def unlinked(text: str) -> str:
    """The text with every such address broken by a word joiner, so that no browser or viewer makes it a link."""
    if not _AT.search(text):
        return text
    return _WORD.sub(lambda word: parted(word[0]) if has_userinfo(word[0]) else word[0], text)


def undisguised(text: str) -> str:
    """`unlinked` for the addresses without a literal `http://`: `www.bank.com@evil.com`, and those that appear only
    when entities and backslashes are decoded. The others are broken where they are drawn, outside code."""
    if "@" not in text and "&" not in text:
        return text
    return _HIDDEN_SCHEME.sub(lambda word: unlinked(word[0]), text)


class UndisguisedSoFar:
    """`undisguised` of a growing text; a word that is whole is read once."""

    def __init__(self) -> None:
        self._read = self._parted = ""

    def update(self, text: str) -> str:
        if not text.startswith(self._read):
            self._read = self._parted = ""
        whole = text.rfind(" ") + 1
        if whole > len(self._read):
            self._parted += undisguised(text[len(self._read) : whole])
            self._read = text[:whole]
        return self._parted + undisguised(text[whole:])


def as_text(rest: str) -> str:
    """The rest of such an address, from its `://` on, written so that the whole is no address."""
    broken = rest.replace("://", f":{BREAK}//")
    return f":{BREAK}{parted(rest[1:])}" if has_userinfo(broken) else broken


def parted(word: str) -> str:
    """The same word without an address in it. Entities are shown literally: none becomes part of an address."""
    word = _ENTITY.sub(lambda entity: "&amp;" + entity[0][1:], word)
    return _SCHEME.sub(rf"\g<0>{BREAK}", word)


def _decoded(text: str) -> str:
    return _ESCAPED.sub(r"\1", _ENTITY.sub(lambda entity: html.unescape(entity[0]), text))


def shown_address(url: str) -> str | None:
    """The host (or mail address) to show beside a link, in ASCII; None when the link must not be drawn as one.

    Refused are other schemes, relative addresses, user names in front of the host (`https://bank.com@evil.com`) and
    anything a browser would silently repair: control characters, white space, backslashes.
    """
    real = _ENTITY.sub(lambda entity: html.unescape(entity[0]), url)
    if re.search(r"[\x00-\x20\x7f-\x9f\\]", real):
        return None
    if mail := _MAIL.match(real):
        return mail[1]
    web = _WEB.match(real)
    return _ascii_host(web[1]) if web else None


def _ascii_host(authority: str) -> str | None:
    if not authority.isascii():
        host, _, port = authority.partition(":")
        try:
            authority = host.encode("idna").decode() + (f":{port}" if port else "")
        except UnicodeError:
            return None
    return authority.lower() if _HOST.fullmatch(authority) else None
