"""How long agreement and the word diff take.

`python -m bench.agreement` prints one JSON object of milliseconds, the median of five runs of CPU time. The texts are
the simulator's prose, where answers share whole sentences, and sentences of words drawn by chance after Zipf's law.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import partial
from random import Random

from core.insight import differences
from core.insight.agreement import agree, reading
from core.records import Message
from core.simulator import answer

ANSWERS, SIZE_BYTES, RUNS = 8, 20_000, 5
STYLES = ("quick", "steady", "slow", "thinker")


def prose(size_bytes: int, number: int, question: str) -> str:
    """An answer of the simulator, gone on with until it is long enough."""
    parts: list[str] = []
    while sum(len(part.encode()) for part in parts) < size_bytes:
        messages = [Message("user", f"{question} {len(parts)}")]
        parts.append(answer.write(messages, STYLES[number % len(STYLES)], number + len(parts)).text)
    return "\n\n".join(parts).encode()[:size_bytes].decode("utf-8", "ignore")


def drawn(size_bytes: int, chance: Random, shared: list[str], *, chinese: bool) -> str:
    """Sentences by chance; two fifths are taken from `shared`, a sixth of their words left out."""
    parts: list[str] = []
    while sum(len(part.encode()) for part in parts) < size_bytes:
        words = sentence(chance, chinese=chinese)
        if chance.random() < 0.4:
            words = "".join(word for word in chance.choice(shared) if chinese or chance.random() > 0.03)
        parts.append(words)
    return " ".join(parts)


def sentence(chance: Random, *, chinese: bool) -> str:
    weights = [1 / (rank + 1) ** 0.9 for rank in range(3000)]
    if chinese:
        return "".join(chance.choices([chr(0x4E00 + rank) for rank in range(3000)], weights, k=25)) + "。"
    words = chance.choices([f"w{rank:x}ord" for rank in range(3000)], weights, k=14)
    return " ".join([*words, str(chance.randrange(10_000))]).capitalize() + "."


def median_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        forget()
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1000)
    return round(statistics.median(times), 1)


def forget() -> None:
    """Let every run read its sentences anew."""
    reading._parts.cache_clear()
    reading._stem.cache_clear()


def answers(size_bytes: int) -> dict[str, list[str]]:
    chance = Random(7)
    english = [sentence(chance, chinese=False) for _ in range(100)]
    chinese = [sentence(chance, chinese=True) for _ in range(100)]
    every = range(ANSWERS)
    return {
        "prose, English": [prose(size_bytes, number, "Explain recursion in 1000 words, part") for number in every],
        "prose, Chinese": [prose(size_bytes, number, "用1500字解释递归，第几部分：") for number in every],
        "drawn, English": [drawn(size_bytes, chance, english, chinese=False) for _ in every],
        "drawn, Chinese": [drawn(size_bytes, chance, chinese, chinese=True) for _ in every],
    }


def difflib_opcodes(left: list[str], right: list[str]) -> object:
    return SequenceMatcher(None, left, right, autojunk=False).get_opcodes()


def main() -> None:
    medians: dict[str, float] = {}
    for size_bytes in (SIZE_BYTES, 3 * SIZE_BYTES):
        for name, texts in answers(size_bytes).items():
            medians[f"agree, 8 x {size_bytes // 1000} kB, {name}"] = median_ms(partial(agree, texts))
    for name, texts in answers(SIZE_BYTES).items():
        left, right = texts[:2]
        words = [differences.words(text) for text in (left, right)]
        medians[f"diff, 2 x 20 kB, {name}"] = median_ms(partial(differences.differences, left, right))
        if name.startswith("drawn"):
            medians[f"difflib, 2 x 20 kB, {name}"] = median_ms(partial(difflib_opcodes, *words))
    print(json.dumps(medians, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
