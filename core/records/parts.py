"""What a message is made of, in no vendor's shapes.

`data` is empty where the bytes are kept elsewhere under their `sha256` and have not been read yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256

_FENCES = re.compile("`{3,}")


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of `width` × `height` pixels. Two with the same hash are equal, whether their bytes are read or not."""

    media_type: str
    data: bytes = field(default=b"", repr=False, compare=False)
    sha256: str = ""
    size_bytes: int = 0
    name: str = ""
    width: int | None = None
    height: int | None = None

    def __post_init__(self) -> None:
        _identify(self)


@dataclass(frozen=True, slots=True)
class Document:
    """A document: `text` is what was read of it, of the pages `pages` ("3-7"; "": all) of `page_count`.

    With `data` or `sha256` the file itself can be sent to a model that reads its type.
    """

    name: str
    text: str = ""
    media_type: str = "text/plain"
    data: bytes = field(default=b"", repr=False, compare=False)
    sha256: str = ""
    size_bytes: int = 0
    pages: str = ""
    page_count: int | None = None

    def __post_init__(self) -> None:
        _identify(self)

    def as_text(self) -> str:
        """Its text in a fence below its name; "" where nothing was read."""
        if not self.text:
            return ""
        longest = max((len(run) for run in _FENCES.findall(self.text)), default=2)
        fence = "`" * (longest + 1)
        return f"{self.name}:\n{fence}\n{self.text}\n{fence}"


@dataclass(frozen=True, slots=True)
class Sound:
    media_type: str
    data: bytes = field(default=b"", repr=False, compare=False)
    sha256: str = ""
    size_bytes: int = 0
    name: str = ""
    seconds: float | None = None

    def __post_init__(self) -> None:
        _identify(self)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model asks for a tool. `arguments` is JSON text as the model wrote it, which may be broken. `signature`
    belongs to it and is sent back with it, to the provider and the model that wrote it ("" without a signature)."""

    id: str
    name: str
    arguments: str = "{}"
    signature: str = ""
    provider_id: str = ""
    model_name: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    call_id: str
    name: str
    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Thought:
    """Reasoning that is sent back, unchanged and to the provider that wrote it: its text, its signature, or in place
    of a text what only that provider can read (`encrypted`). What is signed or encrypted goes to the model that wrote
    it and to no other; `model_name` "": stored before it was noted."""

    text: str = ""
    signature: str = ""
    encrypted: str = ""
    id: str = ""
    format: str = ""
    provider_id: str = ""
    model_name: str = ""


Media = Picture | Document | Sound
Part = Text | Picture | Document | Sound | ToolCall | ToolResult | Thought


def _identify(part: Media) -> None:
    """Fill in hash and size of the bytes that are here."""
    if part.data:
        if not part.sha256:
            object.__setattr__(part, "sha256", sha256(part.data).hexdigest())
        if not part.size_bytes:
            object.__setattr__(part, "size_bytes", len(part.data))
