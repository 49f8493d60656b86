"""A mail or a saved page (MIME): who wrote it, its words, and the names of the files in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage

from ...encodings import readable
from . import web

SAID = ("From", "To", "Cc", "Date", "Subject")
MOST_PARTS = 500
_FIRST = re.compile(r"\s*[A-Za-z][A-Za-z-]{1,40}:[ \t]")
_MIME = re.compile(r"^mime-version:", re.IGNORECASE | re.MULTILINE)


def is_mail(ending: str, text: str) -> bool:
    head = text[:20_000].replace("\r", "").partition("\n\n")[0]
    return bool(_FIRST.match(head)) and (ending in ("eml", "mht", "mhtml") or bool(_MIME.search(head)))


def read(data: bytes) -> str:
    """Its text; "" where it cannot be taken apart, and is read as it stands."""
    from email import message_from_bytes, policy

    try:
        message = message_from_bytes(data.lstrip(), policy=policy.default)
        return "\n\n".join(filter(None, _texts(message)))
    except Exception:  # the parser raises what it likes for headers by strangers, nested parts among them
        return ""


def _texts(message: EmailMessage) -> Iterator[str]:
    yield "\n".join(f"{name}: {' '.join(str(message[name]).split())}" for name in SAID if message[name])
    files: list[str] = []
    has_plain = False
    for place, part in enumerate(message.walk()):
        if place >= MOST_PARTS:
            files.append("…")
            break
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), part.get_filename()
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            files += [name or kind] if kind != "text/html" or name else []
            continue
        if kind == "text/html" and has_plain:  # the same words again
            continue
        has_plain = has_plain or kind == "text/plain"
        text = _decoded(part)
        yield web.markdown(text).strip() if kind == "text/html" else text.strip()
    if files:
        yield f"[Files in this mail, not read: {', '.join(files)}]"


def _decoded(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset()
    try:
        return data.decode(charset) if charset else readable(data)
    except (LookupError, UnicodeError):
        return data.decode("utf-8", "replace")
