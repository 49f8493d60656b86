"""The options of one call: its deadlines, its retries, its sizes."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CallOptions(BaseModel):
    connect_timeout_s: float = Field(default=10, gt=0, le=120, description="Name lookup, TCP and TLS.")
    headers_timeout_s: float = Field(default=30, gt=0, le=600, description="From the request sent to the status line.")
    first_token_timeout_s: float = Field(default=60, gt=0, le=1800, description="From the request sent to any text.")
    reasoning_first_token_timeout_s: float = Field(
        default=180, gt=0, le=3600, description="The same for models that think before they write."
    )
    gap_timeout_s: float = Field(default=45, gt=0, le=600, description="Silence between two pieces of an answer.")
    answer_timeout_s: float = Field(default=300, gt=0, le=7200, description="One whole answer, by the wall clock.")
    question_deadline_s: float = Field(
        default=120, gt=0, le=7200, description="All attempts until one starts to speak."
    )

    attempts: int = Field(default=3, ge=1, le=10, description="Most tries of one model, the first included.")
    longest_wait_s: float = Field(
        default=20, ge=0, le=600, description="Longest pause a server may ask for before a retry; 0: never wait."
    )

    first_backoff_s: float = Field(
        default=0.5,
        ge=0,
        le=60,
        description="Pause before the second try where the server asks for none; it doubles with each further one, and "
        "at random up to three quarters of it are left out.",
    )
    longest_backoff_s: float = Field(default=8, ge=0, le=600, description="Where that doubling ends.")

    max_line_bytes: int = Field(
        default=30_000_000, ge=1_000, le=100_000_000, description="One line of a stream; a picture comes in one."
    )
    max_answer_bytes: int = Field(
        default=2_000_000, ge=1_000, le=1_000_000_000, description="One answer, decompressed, without its pictures."
    )
    max_media_bytes: int = Field(
        default=32_000_000,
        ge=0,
        le=1_000_000_000,
        description="The pictures and sounds of one answer; more are left out.",
    )
    max_error_bytes: int = Field(default=64_000, ge=1_000, le=10_000_000, description="What is read of an error reply.")
