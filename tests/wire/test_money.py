"""The cost of recorded answers by their vendors' own counts, against sums worked out by hand.

The prices of all: 1 USD a million read, 0.1 cached, 10 written, 20 thought where thoughts have a price.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from core.providers.pricing import usage_cost_usd
from core.records import Model
from core.wire import FORMATS
from core.wire.reader import Answer, read_whole

PRICED = Model(
    "p/m",
    "m",
    "p",
    usd_per_million_in=Decimal(1),
    usd_per_million_out=Decimal(10),
    usd_per_million_cached=Decimal("0.1"),
)
THINKING = Model(
    "p/m",
    "m",
    "p",
    usd_per_million_in=Decimal(1),
    usd_per_million_out=Decimal(10),
    usd_per_million_cached=Decimal("0.1"),
    usd_per_million_reasoning=Decimal(20),
)


def openai(**usage: Any) -> tuple[str, dict[str, Any]]:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    return "openai", {"object": "chat.completion", "choices": [choice], "usage": usage}


def anthropic(**usage: Any) -> tuple[str, dict[str, Any]]:
    text = [{"type": "text", "text": "Hi"}]
    return "anthropic", {"type": "message", "content": text, "stop_reason": "end_turn", "usage": usage}


def gemini(**usage: Any) -> tuple[str, dict[str, Any]]:
    answer = {"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}
    return "gemini", {"candidates": [answer], "usageMetadata": usage}


def cohere(**usage: Any) -> tuple[str, dict[str, Any]]:
    return "cohere", {"message": {"content": [{"type": "text", "text": "Hi"}]}, "usage": usage}


def details(**counts: int) -> dict[str, int]:
    return counts


# What was counted, and what it costs in millionths of a dollar: at one price for all that is written, and where
# thoughts have their own.
COUNTED: dict[str, tuple[tuple[str, dict[str, Any]], int | float | None, int | float | None]] = {
    # 13 + 50 × 10; all 50 are thoughts, within the completion: 13 + 50 × 20
    "OpenAI, all reasoning": (
        openai(
            prompt_tokens=13,
            completion_tokens=50,
            total_tokens=63,
            prompt_tokens_details=details(cached_tokens=0, audio_tokens=0),
            completion_tokens_details=details(reasoning_tokens=50, audio_tokens=0),
        ),
        513,
        1013,
    ),
    # 1,920 of 2,006 are cached: 86 + 192 + 300 × 10
    "OpenAI, cached": (
        openai(
            prompt_tokens=2006,
            completion_tokens=300,
            total_tokens=2306,
            prompt_tokens_details=details(cached_tokens=1920),
        ),
        3278,
        3278,
    ),
    # 44 of 64 are a sound, whose price is another
    "OpenAI, a sound": (
        openai(
            prompt_tokens=64,
            completion_tokens=9,
            total_tokens=73,
            prompt_tokens_details=details(audio_tokens=44, cached_tokens=0, text_tokens=20),
        ),
        None,
        None,
    ),
    # xAI counts thoughts beside the completion: 32 + (9 + 228) × 10; 32 + 90 + 228 × 20
    "xAI": (
        openai(
            prompt_tokens=32,
            completion_tokens=9,
            total_tokens=269,
            prompt_tokens_details=details(cached_tokens=0),
            completion_tokens_details=details(reasoning_tokens=228),
        ),
        2402,
        4682,
    ),
    # 34 of 47 are thoughts: 17 + 470; 17 + 130 + 680
    "DeepSeek": (
        openai(
            prompt_tokens=17,
            completion_tokens=47,
            total_tokens=64,
            completion_tokens_details=details(reasoning_tokens=34),
            prompt_cache_hit_tokens=0,
            prompt_cache_miss_tokens=17,
        ),
        487,
        827,
    ),
    # 64 hits of 80: 16 + 6.4 + 100
    "DeepSeek, cached": (
        openai(
            prompt_tokens=80,
            completion_tokens=10,
            total_tokens=90,
            prompt_cache_hit_tokens=64,
            prompt_cache_miss_tokens=16,
        ),
        122.4,
        122.4,
    ),
    # 7 of 24 cached: 17 + 0.7 + 2,320
    "Z.ai": (
        openai(
            prompt_tokens=24, completion_tokens=232, total_tokens=256, prompt_tokens_details=details(cached_tokens=7)
        ),
        2337.7,
        2337.7,
    ),
    # 561 of 564 thoughts: 13 + 5,640; 13 + 30 + 11,220
    "Z.ai, all reasoning": (
        openai(
            prompt_tokens=13,
            completion_tokens=564,
            total_tokens=577,
            completion_tokens_details=details(reasoning_tokens=561),
        ),
        5653,
        11263,
    ),
    # the bare count of Moonshot: 100 of 120 cached: 20 + 10 + 50
    "Moonshot": (openai(prompt_tokens=120, completion_tokens=5, total_tokens=125, cached_tokens=100), 80, 80),
    "Groq": (
        openai(prompt_tokens=178, completion_tokens=94, total_tokens=272, queue_time=1.09, total_time=0.19),
        1118,
        1118,
    ),
    "Cerebras": (openai(prompt_tokens=91, completion_tokens=47, total_tokens=138), 561, 561),
    "Mistral": (openai(prompt_tokens=9, completion_tokens=100, total_tokens=109), 1009, 1009),
    "Together": (openai(prompt_tokens=41, completion_tokens=15, total_tokens=56, cached_tokens=0), 191, 191),
    # 46 + 2,340
    "Anthropic": (
        anthropic(input_tokens=46, cache_creation_input_tokens=0, cache_read_input_tokens=0, output_tokens=234),
        2386,
        2386,
    ),
    # 1,111 cached are beside the 4: 4 + 111.1 + 1,000
    "Anthropic, cached": (
        anthropic(input_tokens=4, cache_creation_input_tokens=0, cache_read_input_tokens=1111, output_tokens=100),
        1115.1,
        1115.1,
    ),
    # 54 of 270 thoughts: 19 + 2,700; 19 + 2,160 + 1,080
    "Anthropic, thinking": (
        anthropic(input_tokens=19, output_tokens=270, output_tokens_details=details(thinking_tokens=54)),
        2719,
        3259,
    ),
    # thoughts are beside the candidates: 11 + (703 + 713) × 10; 11 + 7,030 + 14,260
    "Gemini": (
        gemini(promptTokenCount=11, candidatesTokenCount=703, thoughtsTokenCount=713, totalTokenCount=1427),
        14171,
        21301,
    ),
    # nothing but thoughts: 18 + 1,990; 18 + 3,980
    "Gemini, all reasoning": (gemini(promptTokenCount=18, thoughtsTokenCount=199, totalTokenCount=217), 2008, 3998),
    # 2,041 of 2,152 cached, a picture of 258 among them: 111 + 204.1 + 70
    "Gemini, cached and a picture": (
        gemini(
            promptTokenCount=2152,
            cachedContentTokenCount=2041,
            candidatesTokenCount=7,
            totalTokenCount=2159,
            promptTokensDetails=[
                {"modality": "TEXT", "tokenCount": 1894},
                {"modality": "IMAGE", "tokenCount": 258},
            ],
        ),
        385.1,
        385.1,
    ),
    # what a tool of Google's read is read: 129 + 302 + (307 + 3,133) × 10; 431 + 3,070 + 62,660
    "Gemini, with its own tool": (
        gemini(
            promptTokenCount=129,
            candidatesTokenCount=307,
            toolUsePromptTokenCount=302,
            thoughtsTokenCount=3133,
            totalTokenCount=3871,
        ),
        34831,
        66161,
    ),
    "Gemini, a sound": (
        gemini(
            promptTokenCount=22,
            candidatesTokenCount=1,
            totalTokenCount=23,
            promptTokensDetails=[{"modality": "AUDIO", "tokenCount": 5}, {"modality": "TEXT", "tokenCount": 17}],
        ),
        None,
        None,
    ),
    "Gemini, a drawn picture": (
        gemini(
            promptTokenCount=8,
            candidatesTokenCount=1290,
            totalTokenCount=1298,
            candidatesTokensDetails=[{"modality": "IMAGE", "tokenCount": 1290}],
        ),
        None,
        None,
    ),
    # 431 and 661 of 2,190 and 1,257 are billed: 431 + 6,610
    "Cohere": (
        cohere(
            billed_units=details(input_tokens=431, output_tokens=661),
            tokens=details(input_tokens=2190, output_tokens=1257),
        ),
        7041,
        7041,
    ),
    # the 480 cached are of 553 that were read; 24 are billed: 24 + 630
    "Cohere, cached": (
        cohere(
            billed_units=details(input_tokens=24, output_tokens=63),
            cached_tokens=480,
            tokens=details(input_tokens=553, output_tokens=64),
        ),
        654,
        654,
    ),
}


@pytest.mark.parametrize("case", COUNTED)
def test_a_recorded_count_costs_what_its_vendor_would_charge(case: str) -> None:
    (wire, body), plain, thinking = COUNTED[case]
    answer = Answer()
    for event in read_whole(FORMATS[wire], json.dumps(body).encode()):
        answer.add(event)
    assert answer.usage
    for model, millionths in ((PRICED, plain), (THINKING, thinking)):
        cost = usage_cost_usd(model, answer.usage)
        assert cost == (None if millionths is None else Decimal(str(millionths)) / 1_000_000)
