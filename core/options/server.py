"""How the process runs: its language, its log, its figures, how it stops."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from .values import Language


class ServerOptions(BaseModel):
    language: Language | None = Field(default=None, description="Of the pages; unset: the browser's.")
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
