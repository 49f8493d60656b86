"""OpenAI's newer shape: /responses, streaming in typed, numbered events and whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count as numbers
from typing import Any

from ...records import Delta, Finish, Message, Reasoning, ToolCallDelta, Usage
from ..plan import ReplyPlan
from ..wish import Unreadable
from . import response_parts
from .ask import Frame, ParsedRequest, dumps, sse, whole_number
from .openai import failure, headers

__all__ = ["count", "failure", "headers", "read", "response_id", "stream", "whole"]


def read(body: dict[str, Any], _path: str) -> ParsedRequest:
    items = body.get("input") or ""
    turns = [{"role": "user", "content": items}] if isinstance(items, str) else items
    if not isinstance(turns, list):
        raise Unreadable("The input must be a text or a list of items.")
    system = [Message("system", str(body["instructions"]))] if body.get("instructions") else []
    return ParsedRequest(
        model=str(body.get("model") or ""),
        messages=(*system, *response_parts.messages(turns)),
        stream=bool(body.get("stream")),
        max_tokens=whole_number(body.get("max_output_tokens")),
        follows=str(body.get("previous_response_id") or ""),
        wish=response_parts.wish(body),
    )


def stream(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> Iterator[Frame]:
    """`response.created`, the events of an item for the thoughts and one for the answer, `response.completed`."""
    number = numbers()

    def event(kind: str, **fields: Any) -> bytes:
        return sse({"type": kind, "sequence_number": next(number), **fields}, kind)

    def events(several: Iterator[tuple[str, dict[str, Any]]]) -> bytes:
        return b"".join(event(kind, **fields) for kind, fields in several)

    begun = _response(ask, plan, now, "in_progress", [], None)
    yield Frame(0.0, event("response.created", response=begun) + event("response.in_progress", response=begun))
    item: _Item | None = None
    items: list[_Item] = []
    for delay_s, piece in plan.pieces:
        match piece:
            case Delta(text) | Reasoning(text):
                data = b""
                kind = _Thoughts if isinstance(piece, Reasoning) else _Answer
                if not isinstance(item, kind):
                    data += events(item.closing()) if item else b""
                    item = kind(plan.reply_id, len(items))
                    items.append(item)
                    data += events(item.opening())
                item.text += text
                more: dict[str, Any] = {"logprobs": []} if kind is _Answer else {}
                yield Frame(delay_s, data + event(f"{item.event}.delta", **item.at, delta=text, **more), token=True)
            case ToolCallDelta(id=call_id, name=name, arguments=arguments):
                data = b""
                if name:
                    data += events(item.closing()) if item else b""
                    item = _FunctionCall(plan.reply_id, len(items), call_id=call_id, name=name)
                    items.append(item)
                    data += events(item.opening())
                assert item
                item.text += arguments
                if arguments:
                    data += event(f"{item.event}.delta", **item.at, delta=arguments)
                yield Frame(delay_s, data, token=True)
            case Finish():
                status = _status(plan)
                data = events(item.closing()) if item else b""
                ended = _response(ask, plan, now, status, items, plan.usage)
                yield Frame(delay_s, data + event(f"response.{status}", response=ended))


def whole(ask: ParsedRequest, plan: ReplyPlan, now: datetime) -> bytes:
    parts = [(kind, text) for kind, text in ((_Thoughts, plan.reasoning), (_Answer, plan.text)) if text]
    items: list[_Item] = [kind(plan.reply_id, place, text) for place, (kind, text) in enumerate(parts)]
    for call in plan.whole_calls:
        items.append(_FunctionCall(plan.reply_id, len(items), call.arguments, call_id=call.id, name=call.name))
    return dumps(_response(ask, plan, now, _status(plan), items, plan.usage))


def response_id(plan: ReplyPlan) -> str:
    return f"resp_{plan.reply_id}"


def count(tokens: int) -> bytes:
    """What /responses/input_tokens answers."""
    return dumps({"object": "response.input_tokens", "input_tokens": tokens})


def _status(plan: ReplyPlan) -> str:
    return "incomplete" if plan.finish and plan.finish.reason == "length" else "completed"


class _Item(ABC):
    """One item of the output while it is written: its events, and what it is in the end."""

    event = part_event = prefix = part_kind = part_index = ""

    def __init__(self, reply_id: str, place: int, text: str = "") -> None:
        self.id = f"{self.prefix}_{reply_id}"
        self.place = place
        self.text = text

    @property
    def at(self) -> dict[str, Any]:
        return {"item_id": self.id, "output_index": self.place, self.part_index: 0}

    def opening(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "response.output_item.added", {"output_index": self.place, "item": self.item("in_progress", [])}
        yield f"{self.part_event}.added", {**self.at, "part": self.part("")}

    def closing(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield f"{self.event}.done", {**self.at, "text": self.text}
        yield f"{self.part_event}.done", {**self.at, "part": self.part(self.text)}
        yield "response.output_item.done", {"output_index": self.place, "item": self.whole()}

    def whole(self) -> dict[str, Any]:
        return self.item("completed", [self.part(self.text)])

    def part(self, text: str) -> dict[str, Any]:
        return {"type": self.part_kind, "text": text}

    @abstractmethod
    def item(self, status: str, parts: list[dict[str, Any]]) -> dict[str, Any]: ...


class _Thoughts(_Item):
    event, part_event = "response.reasoning_summary_text", "response.reasoning_summary_part"
    prefix, part_kind, part_index = "rs", "summary_text", "summary_index"

    def item(self, status: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
        signed = {"encrypted_content": response_parts.SIGNATURE} if status == "completed" else {}
        return {"id": self.id, "type": "reasoning", "status": status, "summary": parts, **signed}


class _FunctionCall(_Item):
    event, prefix = "response.function_call_arguments", "fc"

    def __init__(self, reply_id: str, place: int, text: str = "", *, call_id: str, name: str) -> None:
        super().__init__(reply_id, place, text)
        self.id = f"{self.id}_{place}"
        self._call_id, self._name = call_id, name

    @property
    def at(self) -> dict[str, Any]:
        return {"item_id": self.id, "output_index": self.place}

    def opening(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "response.output_item.added", {"output_index": self.place, "item": self.item("in_progress", [])}

    def closing(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield f"{self.event}.done", {**self.at, "arguments": self.text, "name": self._name}
        yield "response.output_item.done", {"output_index": self.place, "item": self.whole()}

    def item(self, status: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
        arguments = self.text if status == "completed" else ""
        named = {"call_id": self._call_id, "name": self._name, "arguments": arguments}
        return {"id": self.id, "type": "function_call", "status": status, **named}


class _Answer(_Item):
    event, part_event = "response.output_text", "response.content_part"
    prefix, part_kind, part_index = "msg", "output_text", "content_index"

    def part(self, text: str) -> dict[str, Any]:
        return {**super().part(text), "annotations": [], "logprobs": []}

    def item(self, status: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "type": "message", "status": status, "role": "assistant", "content": parts}


def _response(
    ask: ParsedRequest, plan: ReplyPlan, now: datetime, status: str, items: Sequence[_Item], counts: Usage | None
) -> dict[str, Any]:
    created = int(now.timestamp())
    return {
        "id": response_id(plan),
        "object": "response",
        "created_at": created,
        "completed_at": created if status == "completed" else None,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": None,
        "max_output_tokens": ask.max_tokens,
        "metadata": {},
        "model": plan.named,
        "output": [item.whole() for item in items],
        "parallel_tool_calls": True,
        "previous_response_id": ask.follows or None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": _usage(counts) if counts else None,
        "user": None,
    }


def _usage(counts: Usage) -> dict[str, Any]:
    read, wrote = counts.input_tokens or 0, counts.output_tokens or 0
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": wrote,
        "output_tokens_details": {"reasoning_tokens": counts.reasoning_tokens or 0},
        "total_tokens": read + wrote,
    }
