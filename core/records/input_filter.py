"""What is done with a question before it is sent, as an argument of `build`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class InputFilter:
    """Holds for every request that says nothing else; where a field is None, the options decide.

    `secrets`: keys and passwords in a text stop it, are masked, or are sent. `personal_data`: mail addresses, phone,
    identity and card numbers; "mask" where the provider trains on text, "mask_all" everywhere; "warn" tells in a note
    what was sent. `injection`: the newest question's hints that it tries to instruct the model ("ignore all previous
    instructions", 忽略以上指令) become a note or stop it; ordinary texts about prompts look alike. `check` receives the
    text of the newest question and returns what is sent; it raises `BlockedInput` to stop it. It may be called in any
    thread, on the event loop too, so it must be quick.
    """

    secrets: Literal["stop", "mask", "allow"] | None = None
    personal_data: Literal["warn", "mask", "mask_all", "allow"] | None = None
    injection: Literal["allow", "note", "stop"] = "note"
    check: Callable[[str], str] | None = None


UNFILTERED = InputFilter(injection="allow")
