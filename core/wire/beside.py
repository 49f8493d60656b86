"""What an answer has beside its text: calls of tools and thoughts that arrive in pieces, pictures and sounds.

Beside      gives each piece its place in the answer, and bounds how much there may be
Collected   puts the pieces together: `parts`
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..records import MediaPart, Part, Thought, ThoughtDelta, ToolCall, ToolCallDelta, Unshown
from .base64_media import KIND_OF
from .shape import RepeatedCall, RepeatedThought, WholeCall, WholeThought

MAX_MEDIA_BYTES = 32_000_000
MOST_CALLS = 64
MOST_THOUGHTS = 256
MOST_MEDIA = 16

Piece = ToolCallDelta | ThoughtDelta | MediaPart


@dataclass
class _Begun:
    """A call, as far as it has come."""

    id: str
    name: str
    arguments: str = ""

    def is_another(self, piece: ToolCallDelta) -> bool:
        """Whether a piece with a name begins another call: of another id, or without ids after whole arguments."""
        if piece.id and self.id:
            return piece.id != self.id
        begins = piece.arguments.lstrip().startswith("{")
        return begins and not piece.id and not self.id and _is_whole(self.arguments)


def _is_whole(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        return False


@dataclass
class Beside:
    """Of one answer while it is read. Servers number calls as they like, or not at all: here they are 0, 1, 2."""

    max_media_bytes: int = MAX_MEDIA_BYTES
    _calls: list[_Begun] = field(default_factory=list)
    _call_at: dict[int, int] = field(default_factory=dict)  # the server's number: ours
    _ids_before_names: dict[int, str] = field(default_factory=dict)
    _thoughts: int = 0
    _thought_at: dict[int, int] = field(default_factory=dict)
    _media: list[str] = field(default_factory=list)
    _media_bytes: int = 0

    def size_of(self, piece: Piece) -> int:
        """Its characters, which count as those of the answer do; pictures have a bound of their own."""
        if isinstance(piece, MediaPart):
            return 0
        texts = (piece.arguments,) if isinstance(piece, ToolCallDelta) else (piece.text, piece.encrypted)
        return sum(map(len, (*texts, piece.signature)))

    def placed(self, piece: Piece) -> Piece | Unshown | None:
        """The piece in its place; None where it was there before, Unshown for what is too much."""
        match piece:
            case ToolCallDelta():
                return self._placed_call(piece)
            case ThoughtDelta():
                return self._placed_thought(piece)
        if piece.part.sha256 in self._media:
            return None
        self._media_bytes += len(piece.part.data)
        if self._media_bytes > self.max_media_bytes or len(self._media) >= MOST_MEDIA:
            return Unshown(KIND_OF[type(piece.part)])
        self._media.append(piece.part.sha256)
        return piece

    def _placed_call(self, piece: ToolCallDelta) -> ToolCallDelta | Unshown | None:
        if isinstance(piece, RepeatedCall):
            if any(piece.id == call.id if piece.id else piece.name == call.name for call in self._calls):
                return None
            place = None
        elif isinstance(piece, WholeCall):  # without a name it goes on with the call before it
            place = None if piece.name or not self._calls else len(self._calls) - 1
        else:
            place = self._call_at.get(piece.index)
        if place is not None and piece.name and self._calls[place].is_another(piece):
            place = None  # another call under the same number
        if place is None:
            if not piece.name:
                if len(self._ids_before_names) < MOST_CALLS:
                    self._ids_before_names[piece.index] = piece.id
                return None
            if len(self._calls) >= MOST_CALLS:
                return Unshown("tool_call", piece.name)
            place = len(self._calls)
            piece = replace(piece, id=piece.id or self._ids_before_names.pop(piece.index, ""))
            self._calls.append(_Begun(piece.id, piece.name))
            if not isinstance(piece, WholeCall | RepeatedCall):
                self._call_at[piece.index] = place
        elif piece.name == self._calls[place].name:
            piece = replace(piece, name="")  # some repeat it in every piece
        self._calls[place].arguments += piece.arguments
        return ToolCallDelta(place, piece.id, piece.name, piece.arguments, piece.signature)

    def _placed_thought(self, piece: ThoughtDelta) -> ThoughtDelta | None:
        if isinstance(piece, RepeatedThought) and self._thoughts and piece.index in self._thought_at:
            return None
        place = None if isinstance(piece, WholeThought) else self._thought_at.get(piece.index)
        if place is None:
            if self._thoughts >= MOST_THOUGHTS:
                return None
            place, self._thoughts = self._thoughts, self._thoughts + 1
            if not isinstance(piece, WholeThought):
                self._thought_at[piece.index] = place
        return ThoughtDelta(place, piece.text, piece.signature, piece.encrypted, piece.id, piece.format)


@dataclass
class Collected:
    """Pieces in, parts out."""

    _calls: dict[int, list[ToolCallDelta]] = field(default_factory=dict)
    _thoughts: dict[int, list[ThoughtDelta]] = field(default_factory=dict)
    _media: list[MediaPart] = field(default_factory=list)

    def add(self, piece: Piece) -> None:
        match piece:
            case ToolCallDelta():
                self._calls.setdefault(piece.index, []).append(piece)
            case ThoughtDelta():
                self._thoughts.setdefault(piece.index, []).append(piece)
            case _:
                self._media.append(piece)

    def parts(self, provider_id: str, hide: Callable[[str], str], model_name: str = "") -> tuple[Part, ...]:
        """The thoughts that the provider wants back, the pictures and sounds, the calls."""
        if not (self._calls or self._thoughts or self._media):
            return ()
        thoughts = [_thought(pieces, provider_id, model_name) for _, pieces in sorted(self._thoughts.items())]
        calls = [_call(place, pieces, (provider_id, model_name), hide) for place, pieces in sorted(self._calls.items())]
        wanted = [
            thought for thought in thoughts if calls or thought.signature or thought.encrypted or _is_due(thought)
        ]
        return (*wanted, *(media.part for media in self._media), *calls)


def _is_due(thought: Thought) -> bool:
    """Whether it goes back in any case: plain text that nothing signs is in the answer's reasoning already."""
    signed = thought.signature or thought.encrypted
    return bool(signed or (thought.format and "#text#" not in thought.format))


def _thought(pieces: list[ThoughtDelta], provider_id: str, model_name: str) -> Thought:
    return Thought(
        text="".join(piece.text for piece in pieces),
        signature="".join(piece.signature for piece in pieces),
        encrypted="".join(piece.encrypted for piece in pieces),
        id=next((piece.id for piece in pieces if piece.id), ""),
        format=next((piece.format for piece in pieces if piece.format), ""),
        provider_id=provider_id,
        model_name=model_name,
    )


def _call(place: int, pieces: list[ToolCallDelta], signer: tuple[str, str], hide: Callable[[str], str]) -> ToolCall:
    """A call without an id gets one that every server takes: nine letters and digits."""
    name = "".join(piece.name for piece in pieces)
    arguments = hide("".join(piece.arguments for piece in pieces)) or "{}"
    own_id = next((piece.id for piece in pieces if piece.id), "")
    made = hashlib.sha256(f"{place} {name} {arguments}".encode("utf-8", "replace")).hexdigest()[:9]
    signature = "".join(piece.signature for piece in pieces)
    return ToolCall(own_id or made, name, arguments, signature, *(signer if signature else ()))
