"""An answer as lines of text or of JSON. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import zip_longest
from typing import Any, NamedTuple

from ..records import Completion
from ..safety.characters import cleaned
from . import form

NARROWEST = 28  # in narrower columns the answers are printed below each other
GAP = "  │ "
EARLY = {
    "length": "The answer was cut at its longest length; --max-tokens allows more.",
    "filter": "The provider's filter ended the answer.",
    "refusal": "The model declined to answer.",
    "truncated": "The answer broke off.",
}

NOTES = {
    "masked": "Sent with placeholders for: {}.",
    "personal_sent": "Personal data was sent: {}. --mask sends placeholders instead.",
    "served_as": "Served as {}: the same model, quantised.",
    "document_as_text": "Documents were sent as text: {}.",
    "form_in_prompt": "This model takes no JSON schema: the form was asked for in words.",
    "effort_sent": "The effort was sent as {}, the nearest that this model has.",
    "parameter_dropped": "Not sent, because the model does not take it: {}.",
}


class AnswerColumn(NamedTuple):
    """One model's answer; `answer` is None while it is still streaming."""

    name: str
    text: str
    answer: Completion | None


def ended_early(answer: Completion) -> str:
    """A sentence that says why the answer ended early; "" for a normal end."""
    return EARLY.get(answer.finish.reason, "") if answer.finish else ""


def noted(answer: Completion) -> Iterator[str]:
    """What was not sent as it was asked for, a sentence each."""
    for note in answer.notes:
        if sentence := NOTES.get(note.kind):
            yield sentence.format(note.detail)


def answerer(answer: Completion) -> str:
    """The model that answered instead of the requested one, and the host behind a gateway; "" if neither."""
    other = f"answered by {answer.answered_by}" if answer.answered_by != answer.model_id else ""
    return " ".join(filter(None, (other, answer.served_by and f"at {answer.served_by}")))


def figures(answer: Completion | None) -> str:
    """Another answering model, time to first token, total time, tokens and price, as far as they are known."""
    if answer is None:
        return "stopped"
    timing, usage = answer.timing, answer.usage
    parts = ["failed"] if answer.error else []
    parts += filter(None, [answerer(answer)])
    if timing.ttft_ms is not None:
        parts.append(f"first token {timing.ttft_ms / 1000:.2f} s")
    if timing.total_ms is not None:
        parts.append(f"{timing.total_ms / 1000:.2f} s")
    if usage and usage.output_tokens is not None:
        parts.append(f"{'~' if usage.estimated else ''}{usage.output_tokens} tokens")
    if answer.cost_usd is not None:
        parts.append(f"${answer.cost_usd:.6f}".rstrip("0").rstrip("."))
    return " · ".join(parts)


def as_json(requested_id: str | None, answer: Completion) -> str:
    """One line; `model` is the requested model, `answered_by` the one that answered. Times are in milliseconds."""
    error = answer.error
    fields: dict[str, Any] = {
        "model": requested_id or answer.model_id,
        "answered_by": answer.answered_by,
        "response_model": answer.response_model,
        "served_by": answer.served_by,
        "system_fingerprint": answer.system_fingerprint,
        "text": answer.text,
        "reasoning": answer.reasoning,
        "finish": answer.finish.reason if answer.finish else None,
        "usage": asdict(answer.usage) if answer.usage else None,
        "timing": asdict(answer.timing),
        "cost_usd": answer.cost_usd,
        "attempts": [asdict(attempt) for attempt in answer.attempts],
        "notes": [asdict(note) for note in answer.notes],
        "form_problems": form.problems(answer) if answer.response_format else None,
        "error": error and {"kind": error.kind, "message": error.message, "retry_after_s": error.retry_after_s},
    }
    return json.dumps(fields, ensure_ascii=False, default=str)


def side_by_side(columns: Sequence[AnswerColumn], width: int) -> str:
    """The columns beside each other in `width` cells, or below each other where that would be too narrow."""
    each = (width - len(GAP) * (len(columns) - 1)) // len(columns)
    if each < NARROWEST:
        return "\n\n".join("\n".join(lines(column, width)) for column in columns)
    rows = zip_longest(*(lines(column, each) for column in columns), fillvalue="")
    return "\n".join(GAP.join(padded(cell, each) for cell in row).rstrip() for row in rows)


def lines(column: AnswerColumn, width: int) -> Iterator[str]:
    yield from wrapped(column.name, width)
    yield "─" * width
    text, _ = cleaned(column.text.strip("\n"))
    for line in text.expandtabs(4).split("\n") if text else ():
        yield from wrapped(line, width)
    answer = column.answer
    says = (answer.error.message if answer.error else ended_early(answer)) if answer else ""
    if says:
        yield from (*([""] if text else []), *wrapped(cleaned(says)[0], width))
    yield ""
    yield from wrapped(figures(answer), width)


def wrapped(line: str, width: int) -> list[str]:
    """A line in pieces of at most `width` cells, cut at spaces where possible."""
    pieces, piece = [], ""
    for word in words(line):
        rest = word
        if piece.strip() and cells(piece + rest) > width:
            pieces.append(piece)
            piece, rest = "", rest.lstrip()
        while cells(piece + rest) > width:
            cut = fitting(piece + rest, width)
            pieces.append((piece + rest)[:cut])
            piece, rest = "", (piece + rest)[cut:]
        piece += rest
    return [*pieces, piece]


def words(line: str) -> list[str]:
    """Words with the spaces before them; text without spaces, as Chinese is written, in single characters."""
    parts = re.findall(r"\s*\S+", line)
    return [piece for part in parts for piece in (part if any(map(is_wide, part)) else [part])]


def fitting(text: str, width: int) -> int:
    """How many characters of a text fit, at least one."""
    total = 0
    for index, character in enumerate(text):
        total += cells(character)
        if total > width:
            return max(index, 1)
    return len(text)


def padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def cells(text: str) -> int:
    """The width of a text in terminal cells."""
    drawn = (character for character in text if unicodedata.category(character) not in ("Cf", "Mn", "Me"))
    return sum(1 + is_wide(character) for character in drawn)


def is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
