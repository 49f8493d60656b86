"""Tokens of pictures against the examples that vendors give."""

from __future__ import annotations

import pytest

from core.picture_tokens import media_tokens, picture_tokens
from core.records import Document, Message, Picture, Sound


@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [
        ("gpt-4o", 1024, 1024, 765),  # OpenAI, Images and vision: tiles
        ("gpt-4o", 2048, 4096, 1105),
        ("openai/gpt-4.1", 4096, 8192, 1105),
        ("gpt-4o-mini", 512, 512, 8500),
        ("gpt-5-chat-latest", 1024, 1024, 630),
        ("o3", 1024, 1024, 675),
        ("gpt-5.2", 1024, 1024, 1024),  # patches
        ("gpt-5.2", 1800, 2400, 1452),  # made smaller to 1,056 × 1,408
        ("gpt-4.1-mini", 1024, 1024, 1659),  # times 1.62
        ("gpt-5-mini", 1800, 2400, 2353),
        ("gpt-5.4-nano", 1024, 1024, 2520),
        ("o4-mini", 1024, 1024, 1762),
        ("gpt-5.4", 2048, 2048, 2500),
        ("gpt-6-luna", 2048, 2048, 4096),  # not made smaller
        ("claude-sonnet-4-5", 200, 200, 64),  # Anthropic, Vision: up to 1,568 px and 1,568 tokens
        ("claude-sonnet-4-5", 1000, 1000, 1296),
        ("claude-sonnet-4-20250514", 1092, 1092, 1521),
        ("claude-haiku-4-5", 1920, 1080, 1560),
        ("anthropic/claude-sonnet-4.6", 2000, 1500, 1564),
        ("claude-opus-4-6", 3840, 2160, 1560),
        ("claude-opus-4-7", 1920, 1080, 2691),  # from 4.7 on up to 2,576 px and 4,784 tokens
        ("claude-sonnet-5-5", 2000, 1500, 3888),
        ("anthropic/claude-opus-4.8", 3840, 2160, 4784),
        ("gemini-2.5-flash", 300, 300, 258),  # Google, Understand and count tokens
        ("gemini-2.5-flash", 960, 540, 258 * 6),
        ("gemini-3.8-flash", 300, 300, 1120),  # Google, Media resolution
        ("gemma-3-27b-it", 800, 600, 256),
        ("google/gemma-4-31b-it", 800, 600, 280),
        ("qwen-vl-plus", 280, 280, 102),  # Alibaba Cloud, Vision: and two marks
        ("qwen3-vl-plus", 320, 320, 102),
        ("qwen3-vl-plus", 4000, 3000, 1232),
        ("pixtral-12b", 1540, 1540, 4096),
        ("mistral-small-2603", 1540, 1540, 3025),
        ("unknown", None, None, 1369),
        ("unknown", 1, 100_000, 56),
    ],
)
def test_a_picture_costs_what_its_vendor_says(model: str, width: int | None, height: int | None, tokens: int) -> None:
    assert picture_tokens(width, height, model) == tokens


@pytest.mark.parametrize("model", ["gpt-5.4", "gpt-5-mini", "claude-opus-5", "claude-3-haiku", "qwen3-vl", "pixtral"])
def test_no_picture_costs_nothing_or_more_than_the_most(model: str) -> None:
    for width in (1, 27, 28, 29, 512, 1568, 2049, 8000):
        for height in (1, 33, 1000, 6000):
            assert 1 <= picture_tokens(width, height, model) == picture_tokens(width, height, model.upper()) <= 4_784


def test_sounds_and_files_count_too() -> None:
    parts = (Sound("audio/wav", seconds=10), Document("a.pdf", page_count=3), Document("a.txt", "read"))
    assert media_tokens([Message("user", [*parts, Picture("image/png")])]) == 320 + 4_500 + 1_369
    assert media_tokens([Message("user", "text")]) == 0
    scan = [Message("user", [Document("scan.pdf", page_count=10)])]
    assert [media_tokens(scan, f"gemini-{name}-flash") for name in ("2.5", "3.8")] == [2_580, 5_600]
