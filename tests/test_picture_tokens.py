"""Tokens of pictures against the examples that vendors give."""

from __future__ import annotations

import pytest

from core.picture_tokens import media_tokens, picture_tokens
from core.records import Document, Message, Picture, Sound


@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [
        ("gpt-4o", 1024, 1024, 765),  # OpenAI, Images and vision
        ("gpt-4o", 2048, 4096, 1105),
        ("openai/gpt-4.1", 4096, 8192, 1105),
        ("gpt-4.1-mini", 1024, 1024, 1659),  # 1,024 patches times 1.62
        ("gpt-4o-mini", 512, 512, 8500),
        ("claude-sonnet-4-5", 1000, 1000, 1334),  # Anthropic, Vision: about 1,334
        ("claude-sonnet-4-5", 1092, 1092, 1590),
        ("gemini-2.5-flash", 300, 300, 258),  # Gemini, Understand and count tokens
        ("gemini-2.5-flash", 960, 540, 258 * 6),
        ("qwen-vl-plus", 280, 280, 100),
        ("pixtral-12b", 1540, 1540, 3025),
        ("unknown", None, None, 1399),
    ],
)
def test_a_picture_costs_what_its_vendor_says(model: str, width: int | None, height: int | None, tokens: int) -> None:
    assert picture_tokens(width, height, model) == tokens


def test_sounds_and_files_count_too() -> None:
    parts = (Sound("audio/wav", seconds=10), Document("a.pdf", page_count=3), Document("a.txt", "read"))
    assert media_tokens([Message("user", [*parts, Picture("image/png")])]) == 320 + 4_500 + 1_399
    assert media_tokens([Message("user", "text")]) == 0
