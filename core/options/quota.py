"""How much one person may use of the server's keys, and what waits for a limit."""

from __future__ import annotations

from pydantic import BaseModel, Field

from .values import ShareWeights, TimeZone


class QuotaOptions(BaseModel):
    fair_shares: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="People who share the server's keys: of every limit at least one part in so many is kept for each "
        "of them, and what they leave idle is lent to the others as the reset nears (docs/quota.md). 0: first come, "
        "first served.",
    )
    fair_share_weights: ShareWeights = Field(
        default="",
        max_length=8000,
        description="Whose share is larger, as name=weight separated by spaces: admins=2 ana@example.org=3. People are "
        "named by verified mail address or by subject; all others have weight 1.",
    )
    person_requests_per_day: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000_000,
        description="The most requests of one person in a day with the server's keys; pasted keys are free of it, and "
        "administrators can decide otherwise for a person or a group (docs/security.md). Unset: no limit; 0: none.",
    )
    person_tokens_per_day: int | None = Field(
        default=None, ge=0, le=1_000_000_000_000, description="The most tokens in the same way, read and written."
    )
    person_usd_per_day: float | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="The most money in the same way, by the catalogue's prices: 0.5 is half a dollar. Free models go "
        "on when it is used up.",
    )
    person_day_zone: TimeZone = Field(
        default="UTC", max_length=64, description="Where that day begins at midnight, such as Europe/Berlin."
    )
    batch_approval_calls: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000_000,
        description="A batch with more calls than this with the server's keys waits until an administrator approves it "
        "(docs/batch.md). Unset: none waits.",
    )
    scheduled_questions: int = Field(
        default=20,
        ge=0,
        le=1000,
        description="How many questions of one person may wait for a limit to reset, to be sent by themselves; "
        "0: none.",
    )
