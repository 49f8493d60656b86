"""What is attached to a question, really looked at: pictures, documents, recordings.

A picture's size and main colour are computed with Pillow. A document's words are counted and its first line quoted;
of a PDF only what stands in it in plain strings (pdf.py). Nothing of it is understood, and the answers say so.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..records import Document, Message, Picture, Sound, Text
from . import pdf, sound
from .wish import Unreadable

MOST_PIXELS = 50_000_000
PICTURE_TOKENS = 258
PAGE_TOKENS = 258
TOKENS_A_SECOND = 32
SHADES = 24  # of each channel, when pixels are counted
FENCED = re.compile(r"(?:^|\n\n)([^\n]{1,200}):\n(`{3,})\n(.*?)\n\2(?=\n\n|\Z)", re.DOTALL)
READABLE = {"PNG", "JPEG", "WEBP", "GIF"}
COLOURS = {
    (0, 0, 0): ("black", "黑色"),
    (128, 128, 128): ("grey", "灰色"),
    (255, 255, 255): ("white", "白色"),
    (220, 30, 30): ("red", "红色"),
    (255, 140, 0): ("orange", "橙色"),
    (240, 220, 40): ("yellow", "黄色"),
    (40, 160, 60): ("green", "绿色"),
    (0, 160, 170): ("turquoise", "青色"),
    (30, 80, 210): ("blue", "蓝色"),
    (120, 50, 170): ("purple", "紫色"),
    (240, 120, 180): ("pink", "粉色"),
    (130, 80, 40): ("brown", "棕色"),
    (240, 220, 180): ("beige", "米色"),
}


@dataclass(frozen=True, slots=True)
class SeenAttachments:
    """`question` is the message's text without its documents, `seen` a sentence for each thing attached to it."""

    question: str
    seen: tuple[str, ...]


def look(message: Message, chinese: bool) -> SeenAttachments:
    """Raises Unreadable for a picture that cannot be read."""
    questions, seen = [], []
    for part in message.parts:
        match part:
            case Text(text=text):
                text, documents = _fenced(text)
                questions.append(text)
                seen += [_of_text(name, body, chinese) for name, body in documents]
            case Picture():
                seen.append(_of_picture(part, chinese))
            case Document(data=data) if data.startswith(b"%PDF"):
                seen.append(_of_pdf(part, chinese))
            case Document(text=text, data=data):
                seen.append(_of_text(part.name, text or data.decode("utf-8", "replace"), chinese))
            case Sound():
                seen.append(_of_sound(part, chinese))
    return SeenAttachments("\n\n".join(filter(None, (text.strip() for text in questions))), tuple(seen))


def without_documents(message: Message) -> str:
    """The question alone: a document's lines are no question."""
    return "\n\n".join(_fenced(part.text)[0] for part in message.parts if isinstance(part, Text)).strip()


def tokens_of(message: Message) -> int:
    """What its attachments cost beside the text."""
    return sum(map(_cost, message.parts))


def _cost(part: object) -> int:
    match part:
        case Picture():
            return PICTURE_TOKENS
        case Document(data=data) if data:
            return PAGE_TOKENS * max(1, pdf.pages(data))
        case Sound(data=data):
            return int(TOKENS_A_SECOND * (sound.seconds(data) or 1.0))
    return 0


def _fenced(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Documents that were put into a text, each in a fence below its name."""
    documents = [(name, body) for name, _, body in FENCED.findall(text) if "." in name]
    return (FENCED.sub("", text), documents) if documents else (text, [])


def _of_text(name: str, body: str, chinese: bool) -> str:
    first = next((line.strip() for line in body.splitlines() if line.strip()), "")
    quoted = first if len(first) <= 120 else f"{first[:119]}…"
    words = len(re.findall(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+", body))
    if chinese:
        return f"**{name}**：{words:,} 个词，{len(body):,} 个字符。第一行是：“{quoted}”"
    return f"**{name}**: {_number(words, 'word')}, {_number(len(body), 'character')}. Its first line is: “{quoted}”"


def _of_pdf(document: Document, chinese: bool) -> str:
    pages, text = pdf.pages(document.data), pdf.text(document.data)
    name = document.name or "PDF"
    if not text.strip():
        if chinese:
            return f"**{name}**：PDF，{pages} 页，其中没有模拟器能读的文字。"
        return f"**{name}**: a PDF of {_number(pages, 'page')}, without any text that the simulator can read."
    summary = _of_text(name, text, chinese)
    return (
        summary.replace("：", f"：PDF，{pages} 页，", 1)
        if chinese
        else summary.replace(": ", f": {_number(pages, 'page')}, ", 1)
    )


def _of_sound(part: Sound, chinese: bool) -> str:
    length_s = sound.seconds(part.data)
    name = part.name or ("录音" if chinese else "The recording")
    if length_s is None:
        return (
            f"**{name}**：时长未知，没有听。" if chinese else f"**{name}**: of unknown length. Nothing was listened to."
        )
    if chinese:
        return f"**{name}**：{length_s:.1f} 秒，没有听。"
    return f"**{name}**: {length_s:.1f} seconds long. Nothing was listened to."


def _of_picture(picture: Picture, chinese: bool) -> str:
    width, height, kind, colour, share = measured(picture.data)
    names = COLOURS[min(COLOURS, key=lambda known_colour: _distance(known_colour, colour))]
    code = "#{:02x}{:02x}{:02x}".format(*colour)
    label = picture.name or ("图片" if chinese else "The picture")
    if chinese:
        return f"**{label}**：{width} × {height} 像素（{kind}），主要颜色是{names[1]}（{code}，约 {share:.0%}）。"
    return (
        f"**{label}**: {width} × {height} pixels ({kind}); its main colour is {names[0]} "
        f"({code}, about {share:.0%} of it)."
    )


def measured(data: bytes) -> tuple[int, int, str, tuple[int, int, int], float]:
    """Width and height in pixels, the format, the main colour and its share of the picture."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height, kind = image.width, image.height, str(image.format)
            if kind not in READABLE:
                raise Unreadable("The picture has a format that is not supported: send PNG, JPEG, WebP or GIF.")
            if width * height > MOST_PIXELS:
                raise Unreadable(f"The picture has more than {MOST_PIXELS:,} pixels.")
            image.draft("RGB", (64, 64))
            small = image.convert("RGBA").resize((32, 32), Image.Resampling.BOX)
            pixels = [(red, green, blue) for red, green, blue, alpha in _pixels(small.tobytes()) if alpha > 127]
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("The picture could not be read.") from None
    pixels = pixels or [(255, 255, 255)]
    shades = Counter(tuple(channel // SHADES for channel in pixel) for pixel in pixels)
    shade, number = shades.most_common(1)[0]
    alike = [pixel for pixel in pixels if tuple(channel // SHADES for channel in pixel) == shade]
    red, green, blue = (round(sum(channel) / len(alike)) for channel in zip(*alike, strict=True))
    return width, height, kind, (red, green, blue), number / len(pixels)


def _pixels(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    for at in range(0, len(data), 4):
        yield data[at], data[at + 1], data[at + 2], data[at + 3]


def _distance(first: tuple[int, int, int], second: tuple[int, int, int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True))


def _number(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
