"""How long a recording is, read from its container: WAV, FLAC, Ogg, MP3, MP4, WebM. Pure; nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_RATES_KBPS = (  # of MPEG layer III by the four bits of a frame's header: version 1, versions 2 and 2.5
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_SAMPLES_HZ = (44_100, 48_000, 32_000)
_EBML_DURATION, _EBML_SCALE = b"\x44\x89", b"\x2a\xd7\xb1"


def kind(data: bytes) -> str:
    """wav, flac, ogg, mp3, mp4 or webm by its first bytes; "" for what is no sound that is known here."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp":
        return "mp4"
    starts = {b"fLaC": "flac", b"OggS": "ogg", b"\x1a\x45\xdf\xa3": "webm", b"ID3": "mp3"}
    named = next((name for start, name in starts.items() if data.startswith(start)), "")
    return named or ("mp3" if len(data) > 3 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2 else "")


def seconds(data: bytes) -> float | None:
    """Its length; None where the file does not tell it."""
    reader = {"wav": _wav, "flac": _flac, "ogg": _ogg, "mp3": _mp3, "mp4": _mp4, "webm": _webm}.get(kind(data))
    try:
        length_s = reader(data) if reader else None
    except (struct.error, IndexError, ZeroDivisionError):
        return None
    return length_s if length_s is not None and 0 <= length_s < 1e6 else None


def _wav(data: bytes) -> float | None:
    """A stream's header announces more than came: what is there counts."""
    at, bytes_per_s = 12, 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if name == b"fmt ":
            bytes_per_s = struct.unpack_from("<I", data, at + 16)[0]
        if name == b"data":
            return float(min(size, len(data) - at - 8) / bytes_per_s)
        at += 8 + size + size % 2
    return None


def _flac(data: bytes) -> float | None:
    bits = int.from_bytes(data[18:26], "big")
    rate_hz, samples = bits >> 44, bits & (1 << 36) - 1
    return samples / rate_hz if samples else None


def _ogg(data: bytes) -> float | None:
    """The last page's position; Opus always counts at 48 kHz."""
    last = data.rfind(b"OggS")
    position: int = struct.unpack_from("<q", data, last + 6)[0]
    vorbis = data.find(b"\x01vorbis", 0, 200)
    rate_hz: int = struct.unpack_from("<I", data, vorbis + 12)[0] if vorbis >= 0 else 48_000
    return position / rate_hz if position > 0 else None


def _mp3(data: bytes) -> float | None:
    lengths_s = list(_mp3_frames(data))
    return sum(lengths_s) if lengths_s else None


def _mp3_frames(data: bytes) -> Iterator[float]:
    at = 0
    if data.startswith(b"ID3"):
        at = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] & 0xE6 == 0xE2:
        version = data[at + 1] >> 3 & 3  # 3: version 1, 2: version 2, 0: version 2.5
        kbps, rate_place = data[at + 2] >> 4, data[at + 2] >> 2 & 3
        if kbps in (0, 15) or rate_place == 3 or version == 1:
            return
        rate_hz = _SAMPLES_HZ[rate_place] >> (0, 0, 1, 0)[version] >> (2 if version == 0 else 0)
        samples = 1152 if version == 3 else 576
        yield samples / rate_hz
        at += samples // 8 * _RATES_KBPS[version != 3][kbps] * 1000 // rate_hz + (data[at + 2] >> 1 & 1)


def _mp4(data: bytes) -> float | None:
    at = data.find(b"mvhd")
    if at < 0:
        return None
    if data[at + 4] == 1:
        scale, duration = struct.unpack_from(">IQ", data, at + 24)
    else:
        scale, duration = struct.unpack_from(">II", data, at + 16)
    return float(duration / scale)


def _webm(data: bytes) -> float | None:
    """A recording of a browser often has no length, as it was written while it was made."""
    at = data.find(_EBML_DURATION, 0, 10_000)
    if at < 0 or data[at + 2] not in (0x84, 0x88):
        return None
    length: float = struct.unpack_from(">f" if data[at + 2] == 0x84 else ">d", data, at + 3)[0]
    scale_at = data.find(_EBML_SCALE, 0, 10_000)
    size = data[scale_at + 3] & 0x7F if scale_at >= 0 else 0
    scale_ns = int.from_bytes(data[scale_at + 4 : scale_at + 4 + size], "big") if size else 1_000_000
    return length * scale_ns / 1e9
