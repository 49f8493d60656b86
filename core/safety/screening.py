"""What may be sent of a question: secrets stop it or are masked, personal data is told, masked or let through. Pure.

screened = screen(messages, secrets="mask", personal="mask")
screened.messages     the same messages with placeholders
screened.words        placeholder -> word, for `masking.Restorer`
screened.notes()      what a reader of the answer is told: kinds and numbers, no word
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from ..errors import BlockedInput
from ..records import Message, Note
from .findings import PERSONAL, SECRET, Finding, apart, counts
from .masking import Mask
from .personal import personal_in
from .secrets import secrets_in

Secrets = Literal["stop", "mask", "allow"]
Personal = Literal["warn", "mask", "allow"]
NOTHING: Mapping[str, str] = {}
STOPPED = "secrets"  # the code of the BlockedInput
WARNED = "personal_data"


@dataclass(frozen=True, slots=True)
class Screened:
    """`masked` and `sent` count by kind: what was replaced, and what personal data goes out as it is."""

    messages: tuple[Message, ...]
    words: Mapping[str, str] = field(default_factory=lambda: NOTHING, repr=False)
    masked: Mapping[str, int] = field(default_factory=dict)
    sent: Mapping[str, int] = field(default_factory=dict)

    def notes(self) -> tuple[Note, ...]:
        totals = (("masked", self.masked), ("personal_sent", self.sent))
        return tuple(Note(kind, listed(numbers)) for kind, numbers in totals if numbers)


def screen(
    messages: Sequence[Message], *, secrets: Secrets = "stop", personal: Personal = "allow", values: Iterable[str] = ()
) -> Screened:
    """Check messages before they are sent. `values` are keys to be found as they are.

    Raises BlockedInput (code `secrets`) where "stop" meets a secret in the newest message or the system prompt; earlier
    turns were decided on when they were sent, so their secrets are masked.
    """
    key_values = tuple(values)

    def secret_in(text: str) -> list[Finding]:
        return secrets_in(text, key_values) if secrets != "allow" else []

    def about_in(text: str) -> list[Finding]:
        return personal_in(text) if personal != "allow" else []

    texts = [message.texts() for message in messages]
    hidden = [list(map(secret_in, each)) for each in texts]
    if secrets == "stop":
        for number, message in enumerate(messages):
            if any(hidden[number]) and (message.role == "system" or number == len(messages) - 1):
                raise stopped()
    about = [list(map(about_in, each)) for each in texts]
    sent = counts(chain.from_iterable(about[-1])) if messages and personal == "warn" else {}
    replaced = [
        [apart([*first, *(second if personal == "mask" else ())]) for first, second in zip(*pair, strict=True)]
        for pair in zip(hidden, about, strict=True)
    ]
    if not any(map(any, replaced)):
        return Screened(tuple(messages), sent=sent)
    mask = Mask(chain.from_iterable(texts))
    masked = tuple(
        message.with_texts(list(map(mask.text, message.texts(), places)))
        for message, places in zip(messages, replaced, strict=True)
    )
    return Screened(masked, mask.words, mask.counts(), sent)


def stopped() -> BlockedInput:
    return BlockedInput(
        "The text contains a key, a password or another secret: mask it or take it out before you send it.",
        code=STOPPED,
        param="prompt",
    )


def listed(numbers: Mapping[str, int]) -> str:
    """Kinds and numbers as the detail of a note: `mail 2, phone 1`."""
    return ", ".join(f"{kind} {number}" for kind, number in numbers.items())


def read_list(detail: str) -> dict[str, int]:
    """The inverse of `listed`."""
    pairs = (part.rpartition(" ") for part in detail.split(", "))
    return {kind: int(number) for kind, _, number in pairs if kind and number.isdigit()}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What was found in a question before it is sent. `vendors` name whose keys are among the secrets."""

    secrets: Mapping[str, int] = field(default_factory=dict)
    personal: Mapping[str, int] = field(default_factory=dict)
    vendors: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.secrets or self.personal)


def alarm(
    texts: Iterable[str], *, secrets: bool, personal: bool, values: Iterable[str] = (), already: Iterable[str] = ()
) -> Alarm:
    """The secrets and the personal data of these texts, each if wanted; personal words that occur in `already`, texts
    that were sent before, are no news."""
    key_values = tuple(values)
    before = {text[each.start : each.end] for text in already for each in personal_in(text)} if personal else set()
    findings: list[Finding] = []
    for text in texts:
        both = apart([*(secrets_in(text, key_values) if secrets else ()), *(personal_in(text) if personal else ())])
        findings += [each for each in both if each.kind in SECRET or text[each.start : each.end] not in before]
    hidden = [each for each in findings if each.kind in SECRET]
    vendors = tuple(dict.fromkeys(each.vendor for each in hidden if each.vendor and each.vendor != "sk-"))
    return Alarm(counts(hidden), counts(each for each in findings if each.kind in PERSONAL), vendors)
