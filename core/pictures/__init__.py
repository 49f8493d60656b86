"""Pictures made ready to be sent: read by their content, turned upright, made smaller, without their metadata.

prepared(data, "IMG_1.jpg")   ->  Prepared(data, "image/jpeg", 1536, 2048)
thumbnail(data, 320)          ->  the bytes of a small one

Pillow is imported when the first picture comes. What cannot be read raises UnreadablePicture with one sentence.
"""

from __future__ import annotations

from .prepare import (
    ENDINGS,
    MOST_BYTES,
    MOST_PIXELS,
    MOST_SIDE_PX,
    Prepared,
    UnreadablePicture,
    is_picture,
    prepared,
    thumbnail,
)

__all__ = [
    "ENDINGS",
    "MOST_BYTES",
    "MOST_PIXELS",
    "MOST_SIDE_PX",
    "Prepared",
    "UnreadablePicture",
    "is_picture",
    "prepared",
    "thumbnail",
]
