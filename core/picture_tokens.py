"""About how many tokens a picture costs, by the rules that vendors publish. Estimates all: show them with a "~".

| models                  | rule                                                   | where it is published      |
|-------------------------|--------------------------------------------------------|----------------------------|
| gpt-4o, gpt-4.1, o1, o3 | a base, and a price a tile of 512 px after fitting     | OpenAI, Images and vision  |
| gpt-5-mini, o4-mini, …  | patches of 32 px, at most 1,536, times a factor        | OpenAI, Images and vision  |
| Claude                  | width × height / 750, after fitting 1,568 px           | Anthropic, Vision          |
| Gemini                  | 258 a tile of 768 px; 258 for a small one              | Google, Count tokens       |
| Qwen-VL                 | patches of 28 px                                       | Alibaba Cloud, Qwen-VL     |
| Pixtral, Mistral        | patches of 28 px, after fitting 1,540 px               | Mistral, Vision            |

For all others the rule of Claude stands in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from .records import Document, Media, Message, Picture, Sound

UNKNOWN_PX = 1024  # a side of a picture whose size is not known
TOKENS_A_SECOND = 32  # of sound, as Gemini counts; others are near it
TOKENS_A_PAGE = 1_500  # of a PDF that goes as it is: its text and its picture
TILES = (  # base, and each tile
    (re.compile(r"gpt-4o-mini"), 2_833, 5_667),
    (re.compile(r"gpt-5(?!.*(?:mini|nano))"), 70, 140),
    (re.compile(r"(?:^|/)o[13](?!.*mini)"), 75, 150),
    (re.compile(r"gpt-4o|gpt-4\.1(?!.*(?:mini|nano))|gpt-4\.5|gpt-4-turbo"), 85, 170),
)
PATCHES = (  # of 32 px, times a factor
    (re.compile(r"gpt-4\.1-nano|gpt-5.*nano"), 2.46),
    (re.compile(r"o4-mini"), 1.72),
    (re.compile(r"gpt-4\.1-mini|gpt-5.*mini"), 1.62),
)
MOST_PATCHES = 1_536


def picture_tokens(width_px: int | None, height_px: int | None, model_name: str = "") -> int:
    """About the input tokens of one picture."""
    width, height, name = width_px or UNKNOWN_PX, height_px or UNKNOWN_PX, model_name.lower()
    for pattern, factor in PATCHES:
        if pattern.search(name):
            return math.ceil(min(_cells(width, height, 32), MOST_PATCHES) * factor)
    for pattern, base, tile in TILES:
        if pattern.search(name):
            scale = min(1.0, 2048 / max(width, height))
            scale *= min(1.0, 768 / (min(width, height) * scale))
            return base + tile * _cells(width * scale, height * scale, 512)
    if "gemini" in name:
        if max(width, height) <= 384:
            return 258
        side = max(256, min(768, math.floor(min(width, height) / 1.5)))
        return 258 * _cells(width, height, side)
    if "qwen" in name or "qvq" in name:
        return _cells(width, height, 28)
    if "pixtral" in name or "mistral" in name:
        scale = min(1.0, 1540 / max(width, height))
        return _cells(width * scale, height * scale, 28)
    scale = min(1.0, 1568 / max(width, height))
    return max(1, min(1_600, math.ceil(width * scale * height * scale / 750)))


def media_tokens(messages: Iterable[Message], model_name: str = "") -> int:
    """About the input tokens of all that is no text in these messages."""
    return sum(_tokens(part, model_name) for message in messages for part in message.media)


def _tokens(part: Media, model_name: str) -> int:
    match part:
        case Picture():
            return picture_tokens(part.width, part.height, model_name)
        case Sound():
            return math.ceil((part.seconds or 0) * TOKENS_A_SECOND)
        case Document(text=""):
            return (part.page_count or 1) * TOKENS_A_PAGE
    return 0  # its text is counted as text


def _cells(width: float, height: float, side: int) -> int:
    return math.ceil(width / side) * math.ceil(height / side)
