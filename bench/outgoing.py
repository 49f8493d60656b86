"""How long it takes to search a question for secrets, personal data and hints of injection.

`python -m bench.outgoing` prints one JSON object: CPU milliseconds for 100 kB and for 1 MB, by kind of text, the
median of three runs. The hostile ones repeat what the patterns begin with; `worst` is the slowest of them, run once.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from random import Random

from core.safety.injection import hints_in
from core.safety.key_shapes import PREFIXES
from core.safety.personal import personal_in
from core.safety.secrets import secrets_in

SIZES, RUNS = (100_000, 1_000_000), 3
PIECES = (
    *(
        "eyJ-",
        "eyJaaaaaaaaa.",
        "-----BEGIN PRIVATE KEY-----",
        "api_key = ",
        "password: a",
        "密码是",
        "://a:",
        "a@a.aa ",
    ),
    *("1.1.1.1 ", "1:2:3:4:5:6:7:8 ", "1 ", "+1 ", "(222) ", "DE12 ", "tel: 1", "4111 1111 1111 1111 ", "12345678:AA"),
    *("ignore ", "act as ", "send ", "![a](http://a?", "忽略", "\n### "),
)


def texts() -> dict[str, str]:
    """A piece of each kind, to be repeated."""
    chance = Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(3000)]
    return {
        "english": " ".join(chance.choices(words, k=20_000)),
        "chinese": "".join(chr(chance.randint(0x4E00, 0x9FA5)) for _ in range(5000)),
        "base64": "".join(chance.choices("abcdefgXYZ0123456789+/", k=5000)),
        "log": "203.0.113.7 - - [29/Nov/2026:10:00:00] GET /a?id=123456 200 jane@example.org\n",
    }


def milliseconds(work: Callable[[str], object], text: str, runs: int) -> float:
    def once() -> float:
        began = time.process_time()
        work(text)
        return (time.process_time() - began) * 1000

    return round(statistics.median(once() for _ in range(runs)), 1)


def measured(piece: str, runs: int = RUNS) -> dict[str, list[float]]:
    """By search, the time for each size."""
    searches: dict[str, Callable[[str], object]] = {
        "secrets": secrets_in,
        "personal": personal_in,
        "injection": hints_in,
    }
    return {
        name: [milliseconds(work, (piece * (size // len(piece) + 1))[:size], runs) for size in SIZES]
        for name, work in searches.items()
    }


def main() -> None:
    secrets_in("sk-")  # compiles the patterns
    usual = {name: measured(piece) for name, piece in texts().items()}
    hostile = {piece: measured(piece, 1) for piece in (*PREFIXES, *PIECES)}
    worst = {
        name: max(((times[name], piece) for piece, times in hostile.items()), key=lambda pair: pair[0][-1])
        for name in ("secrets", "personal", "injection")
    }
    print(json.dumps({"bytes": SIZES, "usual": usual, "worst": worst}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
