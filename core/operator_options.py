"""The options of who runs the server: its log, its figures, how it stops. `Settings` has them with all others."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class OperatorOptions(BaseModel):
    fair_shares: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="People who share the server's keys: of every limit at least one part in so many is kept for each "
        "of them, and what they leave idle is lent to the others as the reset nears (docs/quota.md). 0: first come, "
        "first served.",
    )
    fair_share_weights: str = Field(
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
    person_day_zone: str = Field(
        default="UTC", max_length=64, description="Where that day begins at midnight, such as Europe/Berlin."
    )
    batch_approval_calls: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000_000,
        description="A batch with more calls than this with the server's keys waits until an administrator approves it "
        "(docs/batch.md). Unset: none waits.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Log lines as text, or as one JSON object each, for a log collector."
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Figures for Prometheus on this port (docs/operations.md); 0: none. Needs the extra metrics.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        max_length=200,
        description="The address on which the figures are served; by default only this computer can read them.",
    )
    stop_grace_s: float = Field(
        default=20,
        ge=0,
        le=3600,
        description="At SIGTERM running answers may end for so long, and new questions are refused; what runs longer "
        "is kept as interrupted. The container or service must allow some seconds more.",
    )
    sharing: Literal["off", "people", "anyone"] = Field(
        default="people",
        description="Read-only links of chats and comparisons. people: who may use this server can open them; anyone: "
        "whoever has the link, without signing in; off: none can be made, and those that were made do not open.",
    )
    sharing_days: int = Field(
        default=30,
        ge=0,
        le=36_500,
        description="How long a link may last, also one that was made earlier; 0: for as long as its owner wants.",
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
    visitor_tabs: int = Field(
        default=30,
        ge=2,
        le=10_000,
        description="How many tabs one visitor may have open; one network address may have eight times as many. Behind "
        "proxies set trusted_proxies, or all people share the proxy's address.",
    )
    visitor_answers: int = Field(
        default=24, ge=1, le=10_000, description="How many answers of one person may run at once, without batches."
    )
    visitor_batches: int = Field(
        default=5, ge=1, le=1000, description="How many batches of one person may run at once, in one process."
    )
    files_last: Literal["auto", "yes", "no"] = Field(
        default="auto",
        description="Whether the data folder outlives a restart. no: without PostgreSQL the pages say that chats do "
        "not last. auto: no on Streamlit Community Cloud, and on Hugging Face Spaces, Render, Railway and Fly without "
        "a volume.",
    )
    files_place: str = Field(
        default="",
        max_length=1000,
        description="Where these are kept: a folder that all replicas see, or `s3://bucket/prefix` with the extra `s3` "
        "(credentials and region as boto3 finds them). Empty: in the database.",
    )
    files_s3_endpoint: str = Field(
        default="",
        max_length=1000,
        description="Address of an S3-compatible store other than Amazon's, such as `https://minio.example:9000`.",
    )
