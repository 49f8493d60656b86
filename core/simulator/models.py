"""How fast and how reliable each simulated model is. Times are medians or means of log-normal distributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from . import one_word

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


ONE_WORD = Profile(one_word.NAME, 0.2, 90, "one word")  # not listed, as the router
RATIONED = "two-a-minute"  # `quick`, which refuses the third question of a minute by the clock, and all that follow
RATION = 2
ROUTER, LATEST, SERVED_AS = "router", "-latest", "as="
ROUTED = ("quick", "steady", "slow")  # who answers when the router is asked
HOSTS = ("North", "South")  # where the router's models are served
RELEASE = "-2026-11"  # what a name that ends in -latest stands for


@dataclass(frozen=True, slots=True)
class Found:
    """Who is asked under a name: the profile that answers, the option after the colon, and whom the reply names.

    `served_by` is the host behind the router, "" elsewhere.
    """

    profile: Profile
    option: str
    served: str
    served_by: str = ""


def find(model: str, draw: int = 0) -> Found | None:
    """The profile for "quick", "sim/quick" or "flaky:429"; None for an unknown name.

    The reply names the model that was asked, but for four: `router` picks one by `draw`, `steady-latest` is answered
    by a dated `steady`, and `steady:as=other` by "other". `oneword` is named so at every host, with any weights.
    `two-a-minute` is `quick` with a limit, which its transport counts.
    """
    name, _, option = model.rpartition("/")[2].partition(":")
    if name == ROUTER:
        chosen = ROUTED[draw % len(ROUTED)]
        return Found(PROFILES[chosen], option, chosen, HOSTS[draw // len(ROUTED) % len(HOSTS)])
    if name == ONE_WORD.name:
        return Found(ONE_WORD, option, name)
    profile = PROFILES.get("quick" if name == RATIONED else name.removesuffix(LATEST))
    if profile is None:
        return None
    if option.startswith(SERVED_AS):
        return Found(profile, option, option.removeprefix(SERVED_AS) or name)
    return Found(profile, option, profile.name + RELEASE if name.endswith(LATEST) else model)
