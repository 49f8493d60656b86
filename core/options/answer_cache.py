"""Which answers are given again, and how many are kept."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class AnswerCacheOptions(BaseModel):
    cache: Literal["off", "on", "faq"] = Field(
        default="on",
        description="Answers given again to the same question. on: to a person who wants that in a chat's settings, "
        "and to everybody for the questions that the administrator marked; faq: only those; off: none.",
    )
    cache_max_age_hours: float = Field(default=168, gt=0, le=8760, description="How long an answer may be given again.")
    cache_owner_bytes: int = Field(
        default=20_000_000, ge=0, le=10_000_000_000, description="Kept answers of one person; the oldest used go first."
    )
    cache_max_bytes: int = Field(
        default=1_000_000_000, ge=0, le=1_000_000_000_000, description="Kept answers of all people together."
    )
