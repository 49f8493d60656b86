"""Any picture as a PNG or a JPEG that every vendor takes.

| vendor    | takes                                                    | where it says so          |
|-----------|----------------------------------------------------------|---------------------------|
| Anthropic | 8,000 px a side, 5 MB; above 1,568 px it is made smaller | Vision                    |
| OpenAI    | made smaller to fit 2,048 × 2,048                        | Images and vision         |
| Groq      | 4 MB as base64, 33 megapixels                            | Images and vision         |
| Gemini    | 20 MB a request; png jpeg webp heic heif                 | Image understanding       |
| llama.cpp | png jpeg bmp gif, no webp                                | stb_image, which reads it |
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image

ENDINGS = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff")
MOST_SIDE_PX = 2048
MOST_BYTES = 2_900_000  # below 4 MB as base64
MOST_PIXELS = 80_000_000  # of what is read: about 320 MB while it is open
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
QUALITIES = (90, 80, 65)
STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
# Kinds that are pictures to people, and that Pillow alone does not read.
OTHERS = {b"ftypheic": "HEIC", b"ftypheix": "HEIC", b"ftypmif1": "HEIF", b"ftypavif": "AVIF"}


class UnreadablePicture(ValueError):
    """One sentence about what is wrong and what to do. `form` is the name of a form that is not read, such as HEIC."""

    def __init__(self, sentence: str, reason: Literal["broken", "too_many_pixels", "form"], form: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.form = form


@dataclass(frozen=True, slots=True)
class Prepared:
    """A PNG or JPEG of `width` × `height` pixels. `changed_size`: it was made smaller; `frames`: of an animation, of
    which this is the first."""

    data: bytes
    media_type: str
    width: int
    height: int
    changed_size: bool = False
    frames: int = 1


def is_picture(data: bytes) -> bool:
    """Whether the bytes begin as a picture does, whatever its name says."""
    if data.startswith(STARTS) and not (data.startswith(b"BM") and len(data) < 26):
        return True
    return (data.startswith(b"RIFF") and data[8:12] == b"WEBP") or data[4:12] in OTHERS


def prepared(data: bytes, name: str = "") -> Prepared:
    """The same bytes always give the same bytes. Raises UnreadablePicture."""
    from PIL import ImageOps

    picture = _opened(data, name)
    frames = int(getattr(picture, "n_frames", 1)) if picture.format in ("GIF", "WEBP", "PNG") else 1
    before = max(picture.size)
    try:
        picture.draft("RGB", (2 * MOST_SIDE_PX, 2 * MOST_SIDE_PX))  # a large JPEG is read at a fraction of its size
        if picture.mode in ("RGB", "RGBA", "L", "CMYK") and "transparency" not in picture.info:
            picture.thumbnail((MOST_SIDE_PX, MOST_SIDE_PX))  # before it is copied, each time with all its pixels
        upright = ImageOps.exif_transpose(picture)
        plain = _in_srgb(upright)
        plain.thumbnail((MOST_SIDE_PX, MOST_SIDE_PX))
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise _broken(name) from error
    lossless = picture.format in ("PNG", "GIF", "BMP") or plain.mode == "RGBA"
    data, media_type = _written(plain, lossless)
    return Prepared(data, media_type, *plain.size, max(plain.size) < before, frames)


def thumbnail(data: bytes, side_px: int) -> tuple[bytes, str]:
    """A small copy that fits a square, and its media type. Raises UnreadablePicture."""
    picture = _opened(data, "")
    try:
        picture.draft("RGB", (2 * side_px, 2 * side_px))
        small = _in_srgb(picture)
        small.thumbnail((side_px, side_px))
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise _broken("") from error
    return _written(small, small.mode == "RGBA")


def _opened(data: bytes, name: str) -> Image:
    from PIL import Image, UnidentifiedImageError

    if kind := OTHERS.get(data[4:12]):
        sentence = f"{name or 'The picture'} is {kind}, which cannot be read here: save it as JPEG or PNG."
        raise UnreadablePicture(sentence, "form", kind)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many(name) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise _broken(name) from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many(name)
    return picture


def _in_srgb(picture: Image) -> Image:
    """Eight bits a channel, RGB or RGBA, in the colours that screens show; nothing else of the file is kept."""
    from PIL import Image, ImageCms

    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        low, high = picture.getextrema()
        scale = 255 / (float(high) - float(low) or 1)  # type: ignore[arg-type]
        picture = picture.convert("F").point(lambda value: (value - float(low)) * scale).convert("L")  # type: ignore[arg-type]
    clear = "A" in picture.mode or "transparency" in picture.info
    mode = "RGBA" if clear else "RGB"
    if profile := picture.info.get("icc_profile"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if picture.mode in ("RGB", "CMYK", "L", "RGBA"):
                target = ImageCms.createProfile("sRGB")
                alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
                base = picture.convert("RGB") if alpha else picture
                changed = ImageCms.profileToProfile(base, source, target, outputMode="RGB")
                if changed is not None:
                    picture = changed
                    if alpha:
                        picture.putalpha(alpha)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # an odd profile: the numbers are taken as they are
    converted = picture.convert(mode)
    bare = Image.new(mode, converted.size)
    bare.paste(converted)
    return bare


def _written(picture: Image, lossless: bool) -> tuple[bytes, str]:
    out = io.BytesIO()
    if lossless:
        picture.save(out, "PNG", compress_level=6)
        if out.tell() <= MOST_BYTES:
            return out.getvalue(), "image/png"
    from PIL import Image

    if picture.mode == "RGBA":
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        picture = white
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality)
            if out.tell() <= MOST_BYTES:
                return out.getvalue(), "image/jpeg"
        picture = picture.resize((max(1, picture.width * 3 // 4), max(1, picture.height * 3 // 4)))


def _broken(name: str) -> UnreadablePicture:
    return UnreadablePicture(
        f"{name or 'The picture'} is broken or no picture: open it, save it again as PNG or JPEG, and attach that.",
        "broken",
    )


def _too_many(name: str) -> UnreadablePicture:
    most = MOST_PIXELS // 1_000_000
    return UnreadablePicture(
        f"{name or 'The picture'} has more than {most} million pixels: make it smaller first.", "too_many_pixels"
    )
