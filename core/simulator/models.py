"""How fast and how reliable each simulated model is. Times are medians or means of log-normal distributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CONTEXT_TOKENS = 32_768  # as the lists report it; no prompt is refused for its length


@dataclass(frozen=True, slots=True)
class Profile:
    """`ttft_s` is the median time to the first token, `tokens_per_s` the mean speed after it.

    `head_share` is the part of the first-token time after which status and headers arrive; the `_share`s of faults
    are probabilities; `style` names the prose.
    """

    name: str
    ttft_s: float
    tokens_per_s: float
    style: str
    ttft_spread: float = 0.30
    gap_spread: float = 0.55
    request_spread: float = 0.07
    head_share: float = 0.35
    limited_share: float = 0.0
    down_share: float = 0.0
    cut_share: float = 0.0
    variant: int = 0


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile("quick", 0.25, 140, "quick"),
            Profile("steady", 0.6, 70, "steady"),
            Profile("slow", 2.2, 22, "slow", variant=1),
            Profile("flaky", 0.6, 70, "flaky", limited_share=0.22, down_share=0.13, cut_share=0.15, variant=1),
            Profile("thinker", 0.9, 60, "thinker", variant=2),
        )
    }
)


def find(model: str) -> tuple[Profile, str] | None:
    """The profile for "quick", "sim/quick" or "flaky:429", and what follows the colon; None for an unknown name."""
    name, _, option = model.rpartition("/")[2].partition(":")
    profile = PROFILES.get(name)
    return None if profile is None else (profile, option)
