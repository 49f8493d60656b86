"""What of a question may leave the server, and what others may see of it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class PrivacyOptions(BaseModel):
    secrets: Literal["stop", "mask", "allow"] = Field(
        default="stop", description="A question with keys or passwords: stop and ask, mask them, or send as written."
    )
    personal_data: Literal["warn", "mask", "allow"] = Field(
        default="warn", description="A question with mail addresses, phone, identity or card numbers: the same choice."
    )
    personal_data_for: Literal["training", "all"] = Field(
        default="training", description="Models to which that applies: whose provider trains on text, or all but own."
    )
    audit_text: Literal["hash", "text"] = Field(
        default="hash",
        description="What the administrator's audit page shows of a question: the hash of its text, or the text "
        "itself, while it is in a conversation. With text, every person is told so on the History page.",
    )
    audit_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Calls older than so many days leave the audit page, the usage calendar and the database; 0: none.",
    )
    inspect_kb: int = Field(
        default=64,
        ge=0,
        le=10_000,
        description="How much of a request and of its reply a person can look at, in kB; kept in memory. 0: nothing.",
    )
    inspect_minutes: float = Field(
        default=60, gt=0, le=1440, description="For how long; at most 500 answers of all people are kept."
    )
