"""The bytes of pictures, documents and sounds, put into a request just before it is encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .errors import BadRequest
from .records import ChatRequest, Document, Media, Message, Part, Picture, Sound


def with_bytes(request: ChatRequest, data_of: Mapping[str, bytes]) -> ChatRequest:
    """The request with the bytes of its media, by hash. Raises BadRequest where those of a picture or a sound are
    missing; a document still has its text."""
    return replace(request, messages=[_message(message, data_of) for message in request.messages])


def _message(message: Message, data_of: Mapping[str, bytes]) -> Message:
    if not message.media:
        return message
    return Message(message.role, [_part(part, data_of) for part in message.parts], message.model_id)


def _part(part: Part, data_of: Mapping[str, bytes]) -> Part:
    if not isinstance(part, Picture | Document | Sound) or part.data or not part.sha256:
        return part
    data = data_of.get(part.sha256)
    if data is None and (isinstance(part, Document) and part.text):
        return replace(part, sha256="", size_bytes=0)
    if data is None:
        raise BadRequest(f"{_name(part)} is not stored any more: remove it from the question, or attach it again.")
    return replace(part, data=data)


def _name(part: Media) -> str:
    return part.name or {Picture: "A picture", Document: "A document", Sound: "A sound"}[type(part)]
