"""What the headers of a reply tell of the end of the model that it belongs to.

    Sunset: Tue, 01 Dec 2026 00:00:00 GMT                       RFC 8594: an HTTP date
    Deprecation: @1688169599                                    RFC 9745: seconds; drafts: true or an HTTP date
    Link: <https://host/v1/models/name>; rel="successor-version"   and rel="sunset" for a page about it

read(headers, now) -> EndNotice | None. What is not written as documented is ignored, as is a day that cannot be meant.
A reply tells of its own model alone, and names a successor only among the models of its provider: `successor`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, unquote, urlsplit

FARTHEST = timedelta(days=3653)
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
ADDRESS_CHARS = 300
_MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_CLOCK = r"\d\d:\d\d:\d\d"
_HTTP_DATE = re.compile(  # the form to send, and the two older ones to accept
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:{_MONTH}) \d{{4}} {_CLOCK} GMT"
    rf"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-(?:{_MONTH})-\d\d {_CLOCK} GMT"
    rf"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:{_MONTH}) [ \d]\d {_CLOCK} \d{{4}}"
)
_PARAMETERS = r"(?:\s*;[^;,]*)?"
_SECONDS = re.compile(rf"@(-?\d{{1,15}}){_PARAMETERS}")
_TRUE = re.compile(rf"(?:true|\?1){_PARAMETERS}", re.IGNORECASE)
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*!-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]+))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EndNotice:
    """`ends_on`: the first day on which the model is not served, None if only its deprecation is told. `successor_url`
    and `about_url` are as the reply has them: text to read and to show, never an address to call."""

    at: datetime
    ends_on: date | None = None
    deprecated: bool = False
    successor_url: str = ""
    about_url: str = ""


def read(headers: Mapping[str, str], now: datetime) -> EndNotice | None:
    """What a reply tells; header names in lower case. An end that has come already, of a model that still replies, is
    a deprecation: "expect it to go at any time"."""
    sunset = _http_date(headers.get("sunset", ""))
    if sunset is not None and not EARLIEST <= sunset <= now + FARTHEST:
        sunset = None
    deprecated = _is_deprecated(headers.get("deprecation", ""), now)
    if sunset is None and not deprecated:
        return None
    links = {rel: address for address, rels in _links(headers.get("link", "")) for rel in rels}
    comes = sunset is not None and sunset > now
    return EndNotice(
        now,
        sunset.date() if sunset and comes else None,
        deprecated or not comes,
        links.get("successor-version", ""),
        links.get("sunset", "") or links.get("deprecation", ""),
    )


def successor(notice: EndNotice, names: Collection[str]) -> str:
    """The name, among these of the same provider, that the successor's address ends with; "" for any other."""
    if not notice.successor_url:
        return ""
    try:
        address = urlsplit(notice.successor_url)
        in_query = parse_qs(address.query).get("model", [""])[-1]
    except ValueError:
        return ""
    path = f"/{unquote(address.path)}"
    fitting = [name for name in names if name == in_query or path.endswith((f"/{name}", f"/{name}:generateContent"))]
    return max(fitting, key=len, default="")


def _http_date(value: str) -> datetime | None:
    if not _HTTP_DATE.fullmatch(value.strip()):
        return None
    try:
        moment = parsedate_to_datetime(value.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _is_deprecated(value: str, now: datetime) -> bool:
    """Also where the day of the deprecation is still to come."""
    if _TRUE.fullmatch(value.strip()):
        return True
    moment = _http_date(value)
    if match := _SECONDS.fullmatch(value.strip()):
        try:
            moment = datetime.fromtimestamp(int(match[1]), UTC)
        except (ValueError, OverflowError, OSError):
            return False
    return moment is not None and EARLIEST <= moment <= now + FARTHEST


def _links(value: str) -> Iterator[tuple[str, list[str]]]:
    """Addresses with their relations, of a header with any number of links."""
    for match in _LINK.finditer(value):
        rel = _REL.search(match[2])
        if rel and len(match[1]) <= ADDRESS_CHARS and match[1].isprintable():
            yield match[1], (rel[1] or rel[2] or "").lower().split()
