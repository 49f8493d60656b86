"""The example that anybody can run without a key: twelve prompts in two languages, with a word expected in each."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_name("example.csv")
MODELS = ("sim/quick", "sim/steady", "sim/thinker")


def data() -> bytes:
    return FILE.read_bytes()
