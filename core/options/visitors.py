"""How much one visitor and one network address may take of the server."""

from __future__ import annotations

from pydantic import BaseModel, Field


class VisitorOptions(BaseModel):
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="How many proxies in front of this server add to X-Forwarded-For; by the entry before them wrong "
        "passwords, tabs and uploads are counted. 0: by the address that connects.",
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
    upload_mb: int = Field(
        default=200,
        ge=1,
        le=4000,
        description="Largest file that can be handed in on a page (attachments, batch files), in MB, and all files of "
        "one visitor together; they are held in memory. What is imported into the history is bounded by import_mb. A "
        "proxy in front must let as much pass (nginx: client_max_body_size).",
    )
    uploads_mb: int = Field(
        default=600,
        ge=1,
        le=100_000,
        description="Files of all visitors together, in MB; what has no room is refused. One network address may hold "
        "half of it.",
    )
