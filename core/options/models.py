"""Which models are asked when nobody names one, where models are looked for, and the simulated ones."""

from __future__ import annotations

from pydantic import BaseModel, Field

from .values import TimeZone


class ModelOptions(BaseModel):
    default_model: str | None = Field(
        default=None,
        max_length=240,
        pattern=r"^(auto|[a-z0-9-]+/\S+)$",
        description='Asked when a request names none: "provider/model" or "auto"; unset: the program chooses.',
    )
    default_max_output_tokens: int = Field(
        default=2048,
        ge=1,
        le=1_000_000,
        description="Asked for when a request names none. Modest: Groq and Cerebras count it against the minute's "
        "tokens before they run, so a large default fails every call of a free plan.",
    )
    max_prompt_chars: int = Field(default=200_000, ge=1, le=10_000_000, description="One message a person may send.")
    local_servers: bool = Field(default=True, description="Look for Ollama, llama.cpp, LM Studio and vLLM here.")
    catalog_url: str | None = Field(
        default=None,
        max_length=600,
        description="A file of facts about providers and their models, fetched once a day (docs/catalogue.md).",
    )
    nightly_probe: bool = Field(
        default=False,
        description="Ask every model for one token each night with the keys of this installation, so that its state "
        "and its first token are known. The Latency page tells beforehand what a night costs.",
    )
    nightly_probe_zone: TimeZone | None = Field(
        default=None, description="The zone of that night, such as Europe/Berlin; unset: this computer's."
    )
    simulator_seed: int = Field(default=1, ge=0, le=2**63 - 1, description="Same seed, same simulated answers.")
    simulator_speed: float = Field(default=1, gt=0, le=1_000_000, description="2: simulated answers twice as fast.")
