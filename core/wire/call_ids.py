"""Ids of calls as a provider takes them: another one may have given them, or the same one twice."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..records import Message, Part, ToolCall, ToolResult


def with_own_ids(turns: Sequence[Message], pattern: re.Pattern[str]) -> Sequence[Message]:
    """The turns, each call with an id of its own that matches `pattern`, and its result with it. Ids that do stay
    as they are."""
    if not any(turn.tool_calls for turn in turns):
        return turns
    own_ids: set[str] = set()
    waiting: defaultdict[str, list[str]] = defaultdict(list)  # calls without their result, by the id that they had

    def changed(parts: Iterable[Part]) -> Iterable[Part]:
        for part in parts:
            match part:
                case ToolCall():
                    own_id = (
                        part.id
                        if pattern.fullmatch(part.id) and part.id not in own_ids
                        else _made(part.id, len(own_ids))
                    )
                    own_ids.add(own_id)
                    waiting[part.id].append(own_id)
                    yield replace(part, id=own_id)
                case ToolResult() if waiting[part.call_id]:
                    yield replace(part, call_id=waiting[part.call_id].pop(0))
                case _:
                    yield part

    return [Message(turn.role, changed(turn.parts), turn.model_id) for turn in turns]


def _made(had_id: str, place: int) -> str:
    return f"call_{hashlib.sha256(f'{place} {had_id}'.encode('utf-8', 'replace')).hexdigest()[:24]}"
