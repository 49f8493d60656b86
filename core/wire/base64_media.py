"""Pictures, sounds and files on the wire: base64 out of their bytes, and back, bounded and checked.

What comes from a server is believed by its first bytes only: a picture is one of the four kinds that are drawn, a sound
one of those that are played. Everything else, and what is too large, is None: the reader then notes what it was.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Literal

from ..errors import BadRequest
from ..records import Document, Picture, Sound

MAX_BYTES = 20_000_000
MIN_BYTES = 24  # no picture and no sound is shorter
_DATA_URL = re.compile(r"\s*data:([\w.+/-]{0,100})(?:;[\w=.+-]{0,100}){0,4};base64,", re.IGNORECASE)
_FIRST_BYTES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
)
KIND_OF: Mapping[type, Literal["picture", "sound", "file"]] = {Picture: "picture", Sound: "sound", Document: "file"}
SOUND_FORMATS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/webm": "webm",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
}


def base64_of(part: Picture | Document | Sound) -> str:
    """Raises BadRequest where its bytes are not here."""
    if not part.data:
        name = part.name or "A file"
        raise BadRequest(f"{name} is not stored any more: remove it from the question, or attach it again.")
    return b64encode(part.data).decode()


def data_url(part: Picture | Document | Sound) -> str:
    return f"data:{part.media_type};base64,{base64_of(part)}"


def from_url(url: object) -> Picture | Sound | Document | None:
    """What a data URL holds; None for an address elsewhere, which is never fetched."""
    match = _DATA_URL.match(url) if isinstance(url, str) else None
    return from_base64(url[match.end() :]) if match and isinstance(url, str) else None


def from_base64(data: object, name: str = "") -> Picture | Sound | Document | None:
    if not isinstance(data, str) or len(data) > MAX_BYTES * 4 // 3 + 4:
        return None
    try:
        content = b64decode(data.translate(_URL_SAFE) + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    media_type = kind_of(content) if len(content) > MIN_BYTES else ""
    if media_type.startswith("image/"):
        return Picture(media_type, content, name=name)
    if media_type.startswith("audio/"):
        return Sound(media_type, content, name=name)
    return Document(name or "answer.pdf", media_type=media_type, data=content) if media_type else None


def kind_of(content: bytes) -> str:
    """The media type that the first bytes show; "" for any other."""
    if content[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(content[8:12], "")
    return next((kind for first, kind in _FIRST_BYTES if content.startswith(first)), "")


_URL_SAFE = str.maketrans("-_", "+/", "\r\n ")
