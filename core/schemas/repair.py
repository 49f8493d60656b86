"""JSON out of an answer that is almost JSON, and the question that asks a model for a valid one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .checking import LONGEST, Problem

Step = Literal["fence", "around", "comments", "commas"]
FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])|[^"/,]+|.', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Repaired:
    """`done`: a "fence" was removed, text "around" the JSON, "comments", trailing "commas"."""

    text: str
    done: tuple[Step, ...]


def locally(text: str) -> Repaired | None:
    """The JSON that is in a text, changed in nothing but the forms that are no JSON; None where there is none."""
    if len(text) > LONGEST:
        return None
    done: list[Step] = []
    body = text.strip()
    fences = FENCE.findall(body)
    if len(fences) == 1:
        done += ["fence"] if FENCE.fullmatch(body) else ["fence", "around"]
        body = fences[0].strip()
    elif body.startswith("```"):  # of one that was not closed
        done.append("fence")
        body = body.partition("\n")[2].strip()
    for candidate, steps in _candidates(body):
        if (repaired := _cleaned(candidate)) is not None:
            return Repaired(repaired[0], (*done, *steps, *repaired[1])) if (done or steps or repaired[1]) else None
    return None


def question(problems: Iterable[str], schema_json: str = "") -> str:
    """What is asked of the model once: in English, as the schema is for the model."""
    listed = "\n".join(f"- {problem}" for problem in problems)
    schema = f"\n\nThe schema:\n```json\n{schema_json}\n```" if schema_json else ""
    return (
        "Your last answer is not in the form that was asked for:\n"
        f"{listed}\n\nReply with the corrected JSON alone, without a code fence and without explanation.{schema}"
    )


def in_english(problem: Problem) -> str:
    """A problem as the model is told."""
    place = problem.place or "the answer"
    match problem.keyword:
        case "required":
            return f"{place} is missing"
        case "additionalProperties" | "unevaluatedProperties":
            return f"{place} is not in the schema"
        case "type":
            return f"{place} must be of type {problem.wanted}, not {problem.found}"
    wanted = f" {problem.wanted}" if problem.wanted else ""
    return f"{place} breaks {problem.keyword}{wanted}"


def _candidates(body: str) -> Iterable[tuple[str, tuple[Step, ...]]]:
    yield body, ()
    begins = [place for sign in "{[" if (place := body.find(sign)) >= 0]
    closing = [place for sign in "}]" if (place := body.rfind(sign)) >= 0]
    if begins and closing and min(begins) < max(closing):
        yield body[min(begins) : max(closing) + 1], ("around",)


def _cleaned(body: str) -> tuple[str, tuple[Step, ...]] | None:
    if _is_json(body):
        return body, ()
    done: list[Step] = []
    pieces = []
    for piece in PIECE.findall(body):
        step: Step | None = "comments" if piece.startswith(("//", "/*")) else "commas" if piece == "," else None
        if step == "commas":
            pieces.append(piece)
            continue
        if step:
            done.append(step)
        else:
            pieces.append(piece)
    without = "".join(pieces)
    final = _without_commas(without)
    if final != without:
        done.append("commas")
    return (final, tuple(dict.fromkeys(done))) if done and _is_json(final) else None


def _without_commas(text: str) -> str:
    return "".join(
        "" if piece.startswith(",") and _trails(text, place) else piece
        for piece, place in ((match[0], match.start()) for match in PIECE.finditer(text))
    )


def _trails(text: str, place: int) -> bool:
    return re.match(r",\s*[}\]]", text[place : place + 10_000]) is not None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
