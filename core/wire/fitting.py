"""What a request asks for and a model cannot have: told before it is sent, and what is done about it.

    lacking(request, provider, model)    what it cannot have, each with what happens: refused, left out, replaced
    fitted(request, provider, model)     the request as it is sent, with the notes that tell the difference

What a model can have at all: `capabilities`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from ..errors import BadRequest
from ..records import (
    ChatRequest,
    Document,
    Message,
    Model,
    Note,
    Part,
    Picture,
    Provider,
    ResponseFormat,
    Sound,
    Text,
    Thought,
    Tool,
    ToolCall,
    ToolResult,
)
from . import effort as efforts
from .capabilities import MOST_STOPS, Feature, carries, form_or_tools, ignored, refused, takes
from .closed_schema import closed

Then = Literal["refused", "left_out", "instead"]
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Lack:
    """`what` was asked for and cannot be had (a `Feature`, or a field of `ChatRequest`), because of the format and its
    provider ("wire") or of the "model".

    `then`: the question is not sent ("refused"), goes without it ("left_out"), or `instead` is sent: "text" (what was
    read of a document), "prompt" (the form of the answer asked for in words; "with_tools": because tools go with it),
    "json" (any JSON, its schema in words),
    an effort ("low", "on", "8192"), the number of `stop` texts that it takes. `number` of pictures and the like.
    """

    what: str
    of: Literal["wire", "model"]
    then: Then
    instead: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class FittedRequest:
    """A request as it is sent; `refused`: what must not be sent at all."""

    request: ChatRequest
    lacks: tuple[Lack, ...] = ()

    @property
    def refused(self) -> tuple[Lack, ...]:
        return tuple(lack for lack in self.lacks if lack.then == "refused")

    def notes(self) -> tuple[Note, ...]:
        return tuple(note for lack in self.lacks for note in _noted(lack))


def lacking(request: ChatRequest, provider: Provider, model: Model) -> tuple[Lack, ...]:
    """What the request asks for and this model cannot have; () where it can have all, as far as is known."""
    return tuple(_lacks(request, provider, model))


def fitted(request: ChatRequest, provider: Provider, model: Model) -> FittedRequest:
    """The request without what the model cannot have, or with what is sent instead of it."""
    lacks = lacking(request, provider, model)
    if not lacks:
        return FittedRequest(request)
    changes: dict[str, Any] = {}
    messages: Sequence[Message] = request.messages
    for lack in lacks:
        match lack.what:
            case "picture" | "sound" if lack.then == "left_out":
                kind = Picture if lack.what == "picture" else Sound
                messages = [_without(message, kind) for message in messages]
            case "document":
                messages = [_as_text(message) for message in messages]
            case "json" | "schema":
                form = request.response_format or ResponseFormat()
                messages = instructed(messages, form)
                changes["response_format"] = ResponseFormat("json") if lack.instead == "json" else None
            case "effort":
                unthinking = "none" if lack.instead == "none" else request.effort
                changes["effort"] = unthinking if lack.then == "instead" else None
            case "tools":
                changes |= {"tools": (), "tool_choice": None}
                messages = [_without_tools(message) for message in messages]
            case "tool_choice":
                changes |= {"tool_choice": None, "tools": _chosen_tools(request)}
            case "stop":
                changes["stop"] = request.stop[: int(lack.instead or 0)]
            case name if lack.then == "left_out":
                changes[name] = None
    return FittedRequest(replace(request, messages=messages, **changes), lacks)


def refusal(lack: Lack, model: Model, provider: Provider) -> BadRequest:
    """Why a question is not sent."""
    subject = model.name if lack.of == "model" else provider.label
    if since := refused(lack.what, model):
        error = _refused_before(lack.what, model, provider, since)
        error.param = lack.what
        return error
    match lack.what:
        case "picture":
            error = BadRequest(f"{subject} cannot see pictures: choose a model that can, or remove the pictures.")
        case "sound":
            error = BadRequest(f"{subject} cannot hear recordings: choose a model that can, or remove the recordings.")
        case _:
            error = BadRequest(
                f"{subject} cannot read PDF files without text: choose a model that can, or remove them."
            )
    error.param = lack.what
    return error


def _refused_before(feature: str, model: Model, provider: Provider, at: datetime) -> BadRequest:
    day = f"{at:%Y-%m-%d}"
    match feature:
        case "picture":
            return BadRequest(
                f"{provider.label} refused pictures for {model.name} on {day}: choose another model, or have them "
                "tried again on the Providers page."
            )
        case "sound":
            return BadRequest(
                f"{provider.label} refused recordings for {model.name} on {day}: choose another model, or have them "
                "tried again on the Providers page."
            )
    return BadRequest(
        f"{provider.label} refused PDF files for {model.name} on {day}: choose another model, or have them tried again "
        "on the Providers page."
    )


def instructed(messages: Sequence[Message], form: ResponseFormat) -> tuple[Message, ...]:
    """The messages with the form of the answer asked for in words, at the end of the system prompt."""
    text = "Answer with one JSON object and nothing else: no explanation and no code fence around it."
    if form.kind == "schema":
        text += f" It must conform to this JSON schema:\n{form.schema_json}"
    if messages and messages[0].role == "system":
        first = Message("system", (*messages[0].parts, Text(text)), messages[0].model_id)
        return (first, *messages[1:])
    return (Message("system", text), *messages)


def sends_file(part: Document) -> bool:
    """Whether a document should go as the file that it is: it has one, and not only some of its pages were chosen."""
    return bool((part.data or part.sha256) and not part.pages and part.media_type == PDF)


def check_forms(request: ChatRequest) -> None:
    """Raises BadRequest for a schema that is none."""
    form = request.response_format
    try:
        if form and form.kind == "schema" and not form.schema:
            raise BadRequest("The JSON schema is empty.", param="response_format")
        for tool in request.tools:
            tool.parameters  # noqa: B018
    except ValueError:
        raise BadRequest("A JSON schema must be a JSON object.", param="response_format") from None


def with_masked_as_text(before: Iterable[Message], after: Sequence[Message]) -> tuple[Message, ...]:
    """The messages `after` words were masked in them: a document with such words goes as text, since its file still
    holds them."""
    if not any(isinstance(part, Document) for message in after for part in message.media):
        return tuple(after)
    raw = [message for message in before if not message.is_empty]
    return tuple(_as_masked(message, was) for message, was in zip(after, raw, strict=True))


def _as_masked(message: Message, was: Message) -> Message:
    if message.parts == was.parts:
        return message
    parts = [
        replace(part, data=b"", sha256="") if isinstance(part, Document) and part != old else part
        for part, old in zip(message.parts, was.parts, strict=True)
    ]
    return Message(message.role, parts, message.model_id)


def _lacks(request: ChatRequest, provider: Provider, model: Model) -> Iterator[Lack]:
    for name in ignored(request, provider, model):
        yield Lack(name, "wire", "left_out")
    yield from _parts_lacking(request, provider, model)
    if takes("tools", provider, model) is False and (request.tools or any(map(_has_calls, request.messages))):
        yield _lack("tools", provider, "left_out")
    elif request.tool_choice and (not carries("tool_choice", provider) or refused("tool_choice", model)):
        yield _lack("tool_choice", provider, "left_out")
    if (form := request.response_format) and form.kind != "text":
        yield from _form_lacking(request, form, provider, model)
    yield from _effort_lacking(request, provider, model)
    most = provider.quirks.get("most_stops", MOST_STOPS.get(provider.wire, len(request.stop)))
    if request.stop and takes("stop", provider, model) is False:
        yield _lack("stop", provider, "left_out", number=len(request.stop))
    elif len(request.stop) > most:
        yield Lack("stop", "wire", "instead", str(most), len(request.stop))


def _parts_lacking(request: ChatRequest, provider: Provider, model: Model) -> Iterator[Lack]:
    """Pictures and sounds of the question itself are refused; those of earlier turns are left out."""
    media = [(part, number) for number, message in enumerate(request.messages) for part in message.media]
    if not media:
        return
    newest = max((n for n, message in enumerate(request.messages) if message.role == "user"), default=-1)
    kinds: tuple[tuple[Literal["picture", "sound"], type[Part]], ...] = (("picture", Picture), ("sound", Sound))
    for feature, kind in kinds:
        places = [number for part, number in media if isinstance(part, kind)]
        if places and takes(feature, provider, model) is False:
            in_question = sum(number == newest for number in places)
            yield _lack(feature, provider, "refused" if in_question else "left_out", number=in_question or len(places))
    files = [part for part, _ in media if isinstance(part, Document) and sends_file(part)]
    takes_files = takes("document", provider, model) if files else True
    unread = [part for part in files if not part.text]
    if unread and takes_files is False:
        yield _lack("document", provider, "refused", number=len(unread))
    elif takes_files is not True and len(files) > len(unread):  # where nobody knows, its text is sure to be read
        yield _lack("document", provider, "instead", "text", len(files) - len(unread))


def _form_lacking(request: ChatRequest, form: ResponseFormat, provider: Provider, model: Model) -> Iterator[Lack]:
    has_json = carries("json", provider) and not refused("json", model)
    if request.tools and form_or_tools(provider, model) and takes("tools", provider, model) is not False:
        yield Lack(form.kind, "wire", "instead", "with_tools")
    elif form.kind == "json":
        if not has_json:
            yield _lack("json", provider, "instead", "prompt")
    elif provider.wire == "anthropic" and closed(form.schema) is None:  # it would be refused
        yield Lack("schema", "wire", "instead", "prompt")
    elif takes("schema", provider, model) is False:
        yield _lack("schema", provider, "instead", "json" if has_json else "prompt")


def _effort_lacking(request: ChatRequest, provider: Provider, model: Model) -> Iterator[Lack]:
    effort = request.effort
    if effort is not None and takes("effort", provider, model) is False:
        if efforts.level_of(effort) != "none" or not carries("effort", provider) or refused("effort", model):
            yield _lack("effort", provider, "left_out")
        return
    sent = efforts.planned(request, provider, model)
    if sent is None:
        if effort is not None:
            yield Lack("effort", "model", "left_out")
    elif not sent.exact:
        yield Lack("effort", "model", "instead", sent.word)


def _lack(feature: Feature, provider: Provider, then: Then, instead: str = "", number: int = 1) -> Lack:
    return Lack(feature, "model" if carries(feature, provider) else "wire", then, instead, number)


def _without(message: Message, kind: type[Part]) -> Message:
    rest = [part for part in message.parts if not isinstance(part, kind)]
    return message if len(rest) == len(message.parts) else Message(message.role, rest, message.model_id)


def _as_text(message: Message) -> Message:
    """The same with documents as the text that was read of them."""
    if not any(isinstance(part, Document) and sends_file(part) for part in message.parts):
        return message
    parts = [
        replace(part, data=b"", sha256="") if isinstance(part, Document) and part.text else part
        for part in message.parts
    ]
    return Message(message.role, parts, message.model_id)


def without_thoughts(message: Message) -> Message:
    """The same without what its model signed."""
    if message.is_plain:
        return message
    parts = [
        replace(part, signature="", provider_id="", model_name="") if isinstance(part, ToolCall) else part
        for part in message.parts
        if not isinstance(part, Thought)
    ]
    return Message(message.role, parts, message.model_id)


def _chosen_tools(request: ChatRequest) -> tuple[Tool, ...]:
    """The tools that may be called, where it cannot be said which: none, or the one that was named."""
    chosen = request.tool_choice
    named = tuple(tool for tool in request.tools if tool.name == chosen)
    return () if chosen == "none" else named or tuple(request.tools)


def _has_calls(message: Message) -> bool:
    return not message.is_plain and any(isinstance(part, ToolCall | ToolResult) for part in message.parts)


def _without_tools(message: Message) -> Message:
    """Calls of tools and their results as text, for a model that has no tools."""
    if not _has_calls(message):
        return message
    calls = [Text(f"{call.name}({call.arguments})") for call in message.tool_calls]
    rest = [part for part in message.parts if not isinstance(part, ToolCall | ToolResult)]
    results = [Text(f"{part.name}: {part.text}") for part in message.parts if isinstance(part, ToolResult)]
    return Message("user" if message.role == "tool" else message.role, (*rest, *calls, *results), message.model_id)


def _noted(lack: Lack) -> Iterator[Note]:
    match lack:
        case Lack(then="refused"):
            return
        case Lack(what="picture" | "sound", number=number):
            yield Note(f"{lack.what}s_left_out", str(number))
        case Lack(what="document"):
            yield Note("document_as_text", str(lack.number))
        case Lack(what="json" | "schema"):
            yield Note("form_in_prompt", lack.instead if lack.instead == "with_tools" else lack.what)
        case Lack(what="effort", then="instead"):
            yield Note("effort_sent", lack.instead)
        case Lack(what="stop", then="instead"):
            yield Note("stops_sent", lack.instead)
        case _:
            yield Note("parameter_dropped", lack.what)
