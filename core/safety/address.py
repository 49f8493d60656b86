"""Where a link really goes: read as the browser reads it, after Markdown has decoded the address."""

from __future__ import annotations

import html
import re

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WEB = re.compile(r"https?://([^/?#]+)(?:[/?#]|\Z)", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?(?::\d{1,5})?")
_MAIL = re.compile(r"mailto:([\w.+%-]+@[A-Za-z0-9.-]+)(?:\?|\Z)", re.IGNORECASE)


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
