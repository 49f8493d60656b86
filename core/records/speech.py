"""What is said and what was written down of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

MOST_SOUND_BYTES = 25_000_000  # more is refused by every provider of the catalogue


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reply to a recording holds. `seconds` are those that it counts; None and "": it does not tell."""

    text: str
    language: str = ""
    seconds: Decimal | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said, in writing. `seconds`: how long the recording is. `cost_usd` None: not known."""

    text: str
    model_id: str
    language: str = ""
    seconds: Decimal | None = None
    cost_usd: Decimal | None = None
    simulated: bool = False
