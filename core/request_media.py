"""The bytes of pictures, documents and sounds, put into a request just before it is encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .records import ChatRequest, Document, Message, Part, Picture, Sound


def with_bytes(request: ChatRequest, data_of: Mapping[str, bytes]) -> ChatRequest:
    """The request with the bytes of its media, by hash. What is missing stays as it is, and the format refuses it; a
    document still has its text."""
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
    return part if data is None else replace(part, data=data)
