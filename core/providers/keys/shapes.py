"""One key as it was found: its value, stripped of what was pasted along, its origin, and what is wrong with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from ...records import OWN_KEY, Provider
from .. import pasted

_SHORTEST, _LONGEST = 8, 512
_LONGEST_ACCOUNT = 20_000
_SHORTEST_SHOWN = 12
_SHOWN = 4
_ENDING = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as found. `name` is its variable (None when pasted); `fault` says why it cannot be used, if so. `label`
    tells several keys of one provider apart: "WORK" of GROQ_API_KEY_WORK."""

    value: str = field(repr=False)
    source: str
    name: str | None = None
    fault: str | None = None
    label: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether it is the server's, and not pasted by the person who asks."""
        return self.source != OWN_KEY

    @property
    def ending(self) -> str:
        """Its last four characters, the only ones that are ever shown; "" for a short key. Of a service account, those
        of the id of its private key."""
        text = _account_id(self.value) if self.value.startswith("{") else self.value
        return text[-_SHOWN:] if len(text) >= _SHORTEST_SHOWN and _ENDING.fullmatch(text[-_SHOWN:]) else ""


def read(value: str, source: str, name: str | None, provider: Provider, label: str = "") -> Key | None:
    """The key in a value, None where there is none."""
    text = value.strip("\ufeff \t\r\n") if provider.auth == "google" else pasted.key(value)
    if not text:
        return None
    return Key(text, source, name, _fault(text, f"in {name}" if name else "you pasted", provider), label)


def _account_id(text: str) -> str:
    try:
        return str(json.loads(text).get("private_key_id", ""))
    except (ValueError, AttributeError):
        return ""


def _fault(value: str, where: str, provider: Provider) -> str | None:
    if provider.auth == "google":
        return None if len(value) <= _LONGEST_ACCOUNT else f"The service account {where} is too long to be one."
    if not all("!" <= character <= "~" for character in value):
        return f"The key {where} has a character that no key has (a space, line break or accent); copy it again."
    if "***" in value or "..." in value:
        return f"The key {where} is hidden in part behind stars or dots; copy the whole key."
    shortest = 1 if provider.own or provider.local else _SHORTEST  # EMPTY, ollama, x: a server of one's own takes any
    if not shortest <= len(value) <= _LONGEST:
        return f"The key {where} is not {shortest} to {_LONGEST} characters long; copy it again."
    return None
