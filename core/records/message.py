"""One turn of a conversation, as a list of parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .parts import Document, Media, Part, Picture, Sound, Text, ToolCall, ToolResult

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """One turn. Its texts are stored raw and made safe only when drawn. `model_id`: the model that was asked for by
    name. The results of tools are turns of the role `tool`."""

    role: Role
    parts: tuple[Part, ...]
    model_id: str | None = None

    def __init__(self, role: Role, parts: str | Iterable[Part], model_id: str | None = None) -> None:
        """A text is the message's only part."""
        object.__setattr__(self, "role", role)
        object.__setattr__(self, "parts", (Text(parts),) if isinstance(parts, str) else tuple(parts))
        object.__setattr__(self, "model_id", model_id)

    @property
    def text(self) -> str:
        """What a model reads as text: the texts, the documents that were read, the results of tools."""
        if len(self.parts) == 1 and type(part := self.parts[0]) is Text:
            return part.text
        return "\n\n".join(filter(None, map(_read, self.parts)))

    @property
    def media(self) -> tuple[Media, ...]:
        """The pictures, documents and sounds."""
        return tuple(part for part in self.parts if isinstance(part, Picture | Document | Sound))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolCall))

    @property
    def is_plain(self) -> bool:
        """Whether it is text alone."""
        return all(type(part) is Text for part in self.parts)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that could be sent."""
        return all(type(part) is Text and not part.text.strip() for part in self.parts)

    def texts(self) -> tuple[str, ...]:
        """All that a model reads of it as text, piece by piece, names of documents too; `with_texts` takes as many."""
        return tuple(text for part in self.parts for text in _texts(part))

    def with_texts(self, texts: Sequence[str]) -> Message:
        """The same message with other texts. Raises ValueError where their number is another."""
        if len(texts) != len(self.texts()):
            raise ValueError(f"{len(self.texts())} texts are needed")
        rest = iter(texts)
        parts: list[Part] = []
        for part in self.parts:
            match part:
                case Text():
                    parts.append(replace(part, text=next(rest)))
                case ToolResult():
                    parts.append(replace(part, text=next(rest)))
                case Document():
                    parts.append(replace(part, name=next(rest), text=next(rest)))
                case _:
                    parts.append(part)
        return Message(self.role, parts, self.model_id)


def _texts(part: Part) -> tuple[str, ...]:
    match part:
        case Text(text=text) | ToolResult(text=text):
            return (text,)
        case Document(name=name, text=text):
            return (name, text)
    return ()


def _read(part: Part) -> str:
    match part:
        case Text(text=text) | ToolResult(text=text):
            return text
        case Document():
            return part.as_text()
    return ""
