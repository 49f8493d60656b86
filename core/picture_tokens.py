"""About how many tokens a picture costs, by the rules that vendors publish. Estimates all: show them with a "~".

| models                  | rule                                                   | where it is published      |
|-------------------------|--------------------------------------------------------|----------------------------|
| gpt-4o, gpt-5, o1, o3   | a base, and a price a tile of 512 px after fitting     | OpenAI, Images and vision  |
| other OpenAI models     | patches of 32 px within a budget, some times a factor  | OpenAI, Images and vision  |
| Claude                  | patches of 28 px within the bounds of its generation   | Anthropic, Vision          |
| Gemini from 3 on        | 1,120, whatever the size                               | Google, Media resolution   |
| Gemini before           | 258 a tile of 768 px; 258 for a small one              | Google, Count tokens       |
| Gemma                   | 256, from 4 on 280                                     | Google, processor_config   |
| Qwen                    | patches of 32 px, before 3 of 28 px; at most 1,280     | Alibaba Cloud, Vision      |
| Mistral; Pixtral        | patches of 28 px after fitting 1,540 px; of 16, 1,024  | Mistral, Vision            |

For all others the rule of the older Claude models stands in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from .records import Document, Media, Message, Picture, Sound

UNKNOWN_PX = 1024  # a side of a picture whose size is not known
TOKENS_A_SECOND = 32  # of sound, as Gemini counts; others are near it or below
TOKENS_A_PAGE = 1_500  # of a PDF that goes as it is: its text and its picture
TILES = (  # base, and each tile
    (re.compile(r"gpt-4o-mini"), 2_833, 5_667),
    (re.compile(r"gpt-5(\.1)?(?!\.\d)(?!.*(?:mini|nano|codex))"), 70, 140),
    (re.compile(r"(?:^|/)o[13](?!.*mini)"), 75, 150),
    (re.compile(r"computer-use"), 65, 129),
    (re.compile(r"gpt-4o|gpt-4\.1(?!.*(?:mini|nano))|gpt-4\.5|gpt-4-turbo"), 85, 170),
)
PATCHES = (  # of 32 px, times a factor; the most of them, and the longest side in pixels
    (re.compile(r"gpt-4\.1-nano|gpt-5.*nano"), 2.46, 1_536, 2_048),
    (re.compile(r"o4-mini"), 1.72, 1_536, 2_048),
    (re.compile(r"gpt-4\.1-mini|gpt-5.*mini"), 1.62, 1_536, 2_048),
    (re.compile(r"gpt-5\.4"), 1, 2_500, 2_048),
    (re.compile(r"gpt-5\.5"), 1, 10_000, 6_000),
    (re.compile(r"gpt-5\.[6-9]|gpt-[6-9]"), 1, 30_000, 65_535),
    (re.compile(r"gpt-5\.[23]|codex"), 1, 1_536, 2_048),
)
# The longest side in pixels and the most tokens: of models up to 4.6, and from 4.7 on.
OLDER_CLAUDE, CLAUDE = (1_568, 1_568), (2_576, 4_784)
_OLDER_CLAUDE = re.compile(r"claude-(v?[123]|instant|(opus|sonnet|haiku)-4(?![-.][7-9]))")
_OLDER_GEMINI = re.compile(r"gemini-[12]\b")


@lru_cache(maxsize=4_096)
def picture_tokens(width_px: int | None, height_px: int | None, model_name: str = "") -> int:
    """About the input tokens of one picture."""
    width, height, name = width_px or UNKNOWN_PX, height_px or UNKNOWN_PX, model_name.lower()
    for pattern, factor, most, side in PATCHES:
        if pattern.search(name):
            return math.ceil(_patches(*_within(width, height, side), most) * factor)
    for pattern, base, tile in TILES:
        if pattern.search(name):
            across, down = _within(width, height, 2048)
            scale = min(1.0, 768 / min(across, down))
            return base + tile * _cells(across * scale, down * scale, 512)
    if "gemini" in name:
        return _gemini(width, height) if _OLDER_GEMINI.search(name) else 1_120
    if "gemma" in name:
        return 256 if re.search(r"gemma-?[123]", name) else 280
    if "qwen" in name or "qvq" in name:
        return _qwen(width, height, 28 if re.search(r"qwen-?(vl|2)|qvq", name) else 32)
    if "pixtral" in name:
        return _cells(*_within(width, height, 1024), 16)
    if "mistral" in name or "magistral" in name:
        return _cells(*_within(width, height, 1540), 28)
    is_new = "claude" in name and not _OLDER_CLAUDE.search(name)
    return _claude(width, height, *(CLAUDE if is_new else OLDER_CLAUDE))


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
            return (part.page_count or 1) * _page_tokens(model_name.lower())
    return 0  # its text is counted as text


def _page_tokens(name: str) -> int:
    """Gemini counts a page as a picture and its text as nothing."""
    if "gemini" not in name:
        return TOKENS_A_PAGE
    return 258 if _OLDER_GEMINI.search(name) else 560


def _within(width: float, height: float, side: int) -> tuple[float, float]:
    """Both sides after the longer one was made to fit; never larger."""
    scale = min(1.0, side / max(width, height))
    return width * scale, height * scale


def _cells(width: float, height: float, side: int) -> int:
    return math.ceil(width / side) * math.ceil(height / side)


def _patches(width: float, height: float, most: int) -> int:
    """Patches of 32 px; a picture of too many is made smaller, until one side is a whole number of them."""
    if (patches := _cells(width, height, 32)) <= most:
        return patches
    scale = math.sqrt(32 * 32 * most / (width * height))
    across, down = width * scale / 32, height * scale / 32
    scale *= min(max(1, math.floor(across)) / across, max(1, math.floor(down)) / down)
    return min(most, _cells(int(width * scale), int(height * scale), 32))


def _claude(width: int, height: int, side: int, most: int) -> int:
    """Patches of 28 px of the largest picture of this shape that fits both bounds."""
    shape = max(width, height) / min(width, height)
    longest = min(max(width, height), side, math.isqrt(math.ceil(most * 28 * 28 * shape)) + 1)
    for long in range(longest, 0, -1):
        if (tokens := _cells(long, max(1, round(long / shape)), 28)) <= most:
            return tokens
    return most


def _gemini(width: int, height: int) -> int:
    if max(width, height) <= 384:
        return 258
    return 258 * _cells(width, height, max(256, min(768, math.floor(min(width, height) / 1.5))))


def _qwen(width: int, height: int, side: int) -> int:
    """From 4 to 1,280 patches, and a mark at either end."""
    across, down = max(1, round(width / side)), max(1, round(height / side))
    if across * down > 1_280:
        scale = math.sqrt(1_280 * side * side / (width * height))
        across, down = max(1, math.floor(width * scale / side)), max(1, math.floor(height * scale / side))
    return min(1_280, max(4, across * down)) + 2
