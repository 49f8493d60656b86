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
import struct
import warnings
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from PIL.Image import Image

ENDINGS = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff")
MOST_SIDE_PX = 2048
MOST_BYTES = 2_900_000  # below 4 MB as base64
MOST_PIXELS = 80_000_000  # of a JPEG, which is read at a fraction of its size
MOST_WHOLE_PIXELS = 40_000_000  # of all others: about 160 MB while they are open, WebP five times as much
LARGE_PIXELS = 4_000_000  # above, one at a time is open
BAND_PX = 256  # rows of a large picture that are converted at once, made smaller
MOST_PAGES = 50  # that are counted
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
QUALITIES = (90, 80, 65)
STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
# Kinds that are pictures to people, and that Pillow alone does not read.
OTHERS = dict.fromkeys((b"ftypheic", b"ftypheix", b"ftyphevc", b"ftyphevx", b"ftypheim", b"ftypheis"), "HEIC")
OTHERS |= {b"ftypmif1": "HEIF", b"ftypmsf1": "HEIF", b"ftypavif": "AVIF", b"ftypavis": "AVIF"}
# What Pillow and its decoders raise for files by strangers, beside OSError and SyntaxError.
FAULTS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    TypeError,
    LookupError,
    ArithmeticError,
    struct.error,
)
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # orientations of EXIF, and Pillow's number to undo each
ORIENTATION, SUBFILE, SUB_DIRECTORIES, DNG = 274, 254, 330, 50706  # tags of TIFF
_turn = Lock()


class UnreadablePicture(ValueError):
    """One sentence about what is wrong and what to do. `form` is the name of a form that is not read, such as HEIC, or
    the number of pages, or the most million pixels."""

    def __init__(
        self, sentence: str, reason: Literal["broken", "too_many_pixels", "form", "pages"], form: str = ""
    ) -> None:
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
    from PIL.Image import Transpose

    picture = _opened(data, name)
    with _open_alone(picture):
        if picture.format == "TIFF" and (pages := _pages(picture, name)) > 1:
            raise _several(name, pages)
        try:
            frames = int(getattr(picture, "n_frames", 1)) if picture.format in ("GIF", "WEBP", "PNG") else 1
            before = max(picture.size)
            picture.draft("RGB", (2 * MOST_SIDE_PX, 2 * MOST_SIDE_PX))
            plain = _in_srgb(_reduced(picture, MOST_SIDE_PX))
            if (turn := TURNS.get(picture.getexif().get(ORIENTATION, 1))) is not None:
                plain = plain.transpose(Transpose(turn))
            plain.thumbnail((MOST_SIDE_PX, MOST_SIDE_PX))
            lossless = picture.format in ("PNG", "GIF", "BMP") or plain.mode == "RGBA"
            data, media_type = _written(plain, lossless)
        except FAULTS as error:
            raise _broken(name) from error
    return Prepared(data, media_type, *plain.size, max(plain.size) < before, frames)


def thumbnail(data: bytes, side_px: int) -> tuple[bytes, str]:
    """A small copy that fits a square, and its media type. Raises UnreadablePicture."""
    picture = _opened(data, "")
    with _open_alone(picture):
        try:
            picture.draft("RGB", (2 * side_px, 2 * side_px))
            small = _in_srgb(_reduced(picture, side_px))
            small.thumbnail((side_px, side_px))
            return _written(small, small.mode == "RGBA")
        except FAULTS as error:
            raise _broken("") from error


def _open_alone(picture: Image) -> AbstractContextManager[object]:
    """Large pictures wait for each other: memory is bounded by one of them."""
    return _turn if picture.width * picture.height > LARGE_PIXELS else nullcontext()


def _reduced(picture: Image, side_px: int) -> Image:
    """A large picture at a whole fraction of its size, still larger than needed, band by band: converted whole,
    one of a few kilobytes takes a gigabyte."""
    from PIL import Image

    factor = max(picture.size) * 2 // (3 * side_px)
    picture.load()
    if factor < 2:
        return picture
    is_deep = picture.mode.startswith("I;16") or picture.mode in ("I", "F")
    mode = "F" if is_deep else "CMYK" if picture.mode == "CMYK" else "RGBA" if _is_clear(picture) else "RGB"
    small = Image.new(mode, (-(-picture.width // factor), -(-picture.height // factor)))
    for top in range(0, picture.height, BAND_PX * factor):
        band = picture.crop((0, top, picture.width, min(picture.height, top + BAND_PX * factor)))
        band.info = picture.info
        small.paste(band.convert(mode).reduce(factor), (0, top // factor))
    if "icc_profile" in picture.info:
        small.info["icc_profile"] = picture.info["icc_profile"]
    return small


def _is_clear(picture: Image) -> bool:
    return "A" in picture.mode or "a" in picture.mode or "transparency" in picture.info


def _pages(picture: Any, name: str) -> int:
    """Of a TIFF, without small copies of other pages. Raises UnreadablePicture for a camera's raw file, of which only a
    small copy could be read."""
    tags = picture.tag_v2
    if DNG in tags or (tags.get(SUBFILE, 0) & 1 and SUB_DIRECTORIES in tags):
        raise _of_form(name, "RAW")
    pages = 0
    with suppress(*FAULTS):
        for place in range(MOST_PAGES):
            picture.seek(place)
            pages += not picture.tag_v2.get(SUBFILE, 0) & 1
    picture.seek(0)
    return pages


def _opened(data: bytes, name: str) -> Image:
    from PIL import Image, UnidentifiedImageError

    if kind := OTHERS.get(data[4:12]):
        raise _of_form(name, kind)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many(name, MOST_WHOLE_PIXELS) from error
    except (UnidentifiedImageError, *FAULTS) as error:
        raise _broken(name) from error
    most_pixels = MOST_PIXELS if picture.format in ("JPEG", "MPO") else MOST_WHOLE_PIXELS
    if picture.width * picture.height > most_pixels:
        raise _too_many(name, most_pixels)
    return picture


def _in_srgb(picture: Image) -> Image:
    """Eight bits a channel, RGB or RGBA, in the colours that screens show; nothing else of the file is kept."""
    from PIL import Image, ImageCms

    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        low, high = picture.getextrema()
        scale = 255 / (float(high) - float(low) or 1)  # type: ignore[arg-type]
        picture = picture.convert("F").point(lambda value: (value - float(low)) * scale).convert("L")  # type: ignore[arg-type]
    mode = "RGBA" if _is_clear(picture) else "RGB"
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


def _too_many(name: str, most_pixels: int) -> UnreadablePicture:
    most = str(most_pixels // 1_000_000)
    sentence = f"{name or 'The picture'} has more than {most} million pixels: make it smaller first."
    return UnreadablePicture(sentence, "too_many_pixels", most)


def _of_form(name: str, form: str) -> UnreadablePicture:
    sentence = f"{name or 'The picture'} is {form}, which cannot be read here: save it as JPEG or PNG."
    return UnreadablePicture(sentence, "form", form)


def _several(name: str, pages: int) -> UnreadablePicture:
    sentence = f"{name or 'The picture'} has {pages} pages: save it as PDF, or each page as a picture of its own."
    return UnreadablePicture(sentence, "pages", str(pages))
