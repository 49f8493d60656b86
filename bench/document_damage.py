"""What the makers of documents share, for `bench.document_files`."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

Make = Callable[[], bytes]
Case = tuple[str, str, Make]
TEXT = "Tides rise twice a day because the Moon pulls the sea. "
TONGUES = {
    "en": TEXT,
    "fr": "Les marées montent deux fois par jour, à cause de la Lune. ",
    "zh": "潮汐每天涨落两次，是月亮引起的。",
    "ja": "潮は一日に二度満ち引きします。",
    "ru": "Приливы бывают дважды в сутки из-за Луны. ",
    "ar": "يحدث المد مرتين في اليوم بسبب القمر. ",
    "he": "הגאות מתרחשת פעמיים ביום בגלל הירח. ",
    "ko": "밀물과 썰물은 하루에 두 번 일어난다. ",
    "el": "Οι παλίρροιες συμβαίνουν δύο φορές. ",
    "th": "น้ำขึ้นน้ำลงวันละสองครั้งเพราะดวงจันทร์ ",
}
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";"}{("&" + chr(97 + n) + ";") * 9}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def cut(make: Make, tenths: int) -> bytes:
    data = make()
    return data[: len(data) * tenths // 10]


def damaged(make: Make, seed: int) -> bytes:
    """With two hundred bytes changed."""
    chance = random.Random(seed)
    data = bytearray(make())
    for _ in range(200):
        data[chance.randrange(8, len(data))] = chance.randrange(256)
    return bytes(data)


def remade(make: Make, member: str, content: bytes | None, more: dict[str, bytes] | None = None) -> bytes:
    """A zip with one member replaced (None: left out) and others added."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make())) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != member and name not in (more or {}):
                new.writestr(name, old.read(name))
        for name, data in (({} if content is None else {member: content}) | (more or {})).items():
            new.writestr(name, data)
    return held.getvalue()
