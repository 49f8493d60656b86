"""Pictures as people have them: turned, huge, of odd kinds, broken, hostile; and what is sent of them."""

from __future__ import annotations

import io
import random
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image, ImageDraw

from core.pictures import MOST_BYTES, MOST_SIDE_PX, UnreadablePicture, is_picture, prepared, thumbnail


def saved(picture: Image.Image, form: str = "PNG", **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def marked(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Red in the upper left quarter, blue elsewhere."""
    picture = Image.new("RGB", size, "blue")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, size[1] // 2 - 1), fill="red")
    return picture


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_it_is_known_by_its_content(form: str) -> None:
    data = saved(marked(), form)
    assert is_picture(data)
    sent = prepared(data, "report.pdf")
    assert (sent.width, sent.height, sent.changed_size) == (40, 20, False)
    assert opened(sent.data).format in ("PNG", "JPEG")
    assert prepared(data) == sent


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright_and_tells_no_place(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    exif[0x010F] = "Camera of Ana"
    source = marked((400, 200))
    turned = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    data = saved(source.transpose(turned) if turned is not None else source, "JPEG", exif=exif, quality=95)
    assert b"Camera" in data
    sent = prepared(data)
    upright = opened(sent.data)
    red, _, blue = upright.convert("RGB").getpixel((50, 50))  # type: ignore[misc]
    assert (upright.size, red > blue) == ((400, 200), True)
    assert not dict(upright.getexif())
    assert b"Camera" not in sent.data
    assert b"Exif" not in sent.data


def test_a_large_one_is_made_smaller_and_stays_below_the_bound() -> None:
    noise = Image.effect_noise((3000, 2400), 120).convert("RGB")
    sent = prepared(saved(noise, "JPEG", quality=95))
    assert max(sent.width, sent.height) == MOST_SIDE_PX
    assert (sent.changed_size, len(sent.data) <= MOST_BYTES) == (True, True)
    assert (sent.width, sent.height) == (2048, 1638)


def test_a_large_one_that_was_turned_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    sent = prepared(saved(marked((2400, 1200)).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95))
    red, _, blue = opened(sent.data).convert("RGB").getpixel((50, 50))  # type: ignore[misc]
    assert ((sent.width, sent.height), red > blue) == ((2048, 1024), True)


def test_what_is_clear_stays_clear() -> None:
    clear = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    assert opened(prepared(saved(clear)).data).mode == "RGBA"
    palette = Image.new("P", (10, 10))
    assert prepared(saved(palette, "PNG", transparency=0)).media_type == "image/png"


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "I;16", "LA", "P", "F"])
def test_odd_kinds_of_colour_are_read(mode: str) -> None:
    source = Image.linear_gradient("L")
    picture = source.convert("I").convert("I;16") if mode == "I;16" else source.convert(mode)
    sent = prepared(saved(picture, "TIFF"))
    assert (sent.width, sent.height) == (256, 256)
    low, high = opened(sent.data).convert("L").getextrema()
    assert high - low > 200  # type: ignore[operator]


def test_an_animation_is_its_first_picture_and_says_so() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    sent = prepared(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert (sent.frames, opened(sent.data).convert("RGB").getpixel((1, 1))) == (3, (255, 0, 0))


def png_of_size(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png_of_size(60_000, 60_000), "more than 40 million pixels"),
        (png_of_size(9_000, 9_000), "more than 40 million pixels"),
        (saved(marked((400, 400)), "JPEG")[:600], "broken"),
        (saved(marked((400, 400)))[:100], "broken"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "broken"),
        (b"\x00\x00\x00\x18ftypheic" + b"\0" * 100, "is HEIC"),
        (b"GIF89a", "broken"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(data: bytes, words: str) -> None:
    assert is_picture(data)
    with pytest.raises(UnreadablePicture, match=words) as refusal:
        prepared(data, "x.png")
    assert str(refusal.value).startswith("x.png ")


def test_what_is_no_picture_is_not_taken_for_one() -> None:
    assert not any(map(is_picture, (b"", b"%PDF-1.7", b"<svg xmlns=''/>", b"BMW", b"Hello", b"RIFF....WAVE")))


def test_a_thumbnail_is_small() -> None:
    data, media_type = thumbnail(saved(marked((800, 400))), 100)
    assert (opened(data).size, media_type) == ((100, 50), "image/jpeg")
    with pytest.raises(UnreadablePicture):
        thumbnail(b"nothing", 100)


def test_a_scan_of_several_pages_is_not_sent_as_its_first() -> None:
    held, page = io.BytesIO(), Image.new("1", (9, 9))
    page.save(held, "TIFF", save_all=True, append_images=[page, page])
    with pytest.raises(UnreadablePicture, match=r"has 3 pages: save it as PDF") as caught:
        prepared(held.getvalue(), "fax.tif")
    assert caught.value.reason == "pages"


@pytest.mark.parametrize("mode", ["P", "LA", "1", "RGBA", "I;16"])
def test_a_large_picture_is_made_smaller_in_bands_and_stays_what_it_was(mode: str) -> None:
    picture, held = Image.new(mode, (8_500, 40)), io.BytesIO()
    picture.paste(1, (0, 0, 4_250, 40))
    picture.save(held, "PNG")
    ready = prepared(held.getvalue(), "a.png")
    assert (ready.width, ready.height, ready.changed_size) == (2048, 10, True)


@pytest.mark.parametrize("brand", [b"heic", b"hevc", b"heim", b"msf1", b"avis"])
def test_each_kind_of_heif_is_named(brand: bytes) -> None:
    data = b"\0\0\0\x18ftyp" + brand + bytes(20)
    assert is_picture(data)
    with pytest.raises(UnreadablePicture, match="save it as JPEG or PNG"):
        prepared(data)


def test_a_file_that_makes_the_decoder_stumble_is_broken_and_no_fault_of_the_page() -> None:
    held = io.BytesIO()
    Image.new("RGB", (20, 20)).save(held, "GIF", save_all=True, append_images=[Image.new("RGB", (20, 20), "red")])
    chance, whole = random.Random(1), held.getvalue()
    for _ in range(300):
        data = bytearray(whole[: chance.randrange(20, len(whole))])
        data[chance.randrange(6, len(data))] = chance.randrange(256)
        with suppress(UnreadablePicture):
            prepared(bytes(data))
