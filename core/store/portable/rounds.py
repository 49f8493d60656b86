"""The rounds of a comparison in our own JSON, out and in: which question of which lane belongs to which prompt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from core.store import BadImport
from core.store.portable.checks import At
from core.store.rounds.tables import round_questions, rounds
from core.store.tables import clean, insert_new


@dataclass(frozen=True, slots=True)
class Prompt:
    """One round of a file; `questions` are (lane, question) pairs, by the file's ids."""

    prompt: str
    created_at: datetime
    follows: str | None
    questions: tuple[tuple[str, str], ...]


def told(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """The rounds of a comparison for the file."""
    asked: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in connection.execute(select(round_questions).where(round_questions.c.run_id == run_id)):
        asked[row.number].append({"conversation_id": row.conversation_id, "message_id": row.question_id})
    found = connection.execute(select(rounds).where(rounds.c.run_id == run_id).order_by(rounds.c.number))
    return [
        {
            "prompt": row.prompt,
            "created_at": row.created_at.isoformat(),
            "follows": row.follows,
            "questions": sorted(asked[row.number], key=lambda each: each["conversation_id"]),
        }
        for row in found
    ]


def read(talk: At) -> Iterator[Prompt]:
    """The rounds of a comparison in a file; BadImport at the first fault."""
    for at in talk.each("rounds", "round"):
        yield Prompt(
            prompt=at.text("prompt"),
            created_at=at.instant("created_at"),
            follows=at.maybe("follows"),
            questions=tuple(
                (each.text("conversation_id"), each.text("message_id")) for each in at.each("questions", "question")
            ),
        )


def keep(
    connection: Connection,
    run_id: str,
    found: tuple[Prompt, ...],
    lanes: Mapping[str, str],
    messages: Mapping[tuple[str, str], str],
) -> None:
    """Write them, once. `lanes` and `messages` (by lane and id) are the ids of the file as they are kept here."""
    rows, questions = [], []
    for number, each in enumerate(found, 1):
        row = {"run_id": run_id, "number": number, "request_id": f"import-{number}", "prompt": clean(each.prompt)}
        rows.append({**row, "follows": lanes.get(each.follows or ""), "created_at": each.created_at})
        for lane_id, question_id in each.questions:
            if (lane_id, question_id) not in messages:
                raise BadImport("A round of a comparison names a question that is not in the file.")
            asked = {"conversation_id": lanes[lane_id], "question_id": messages[lane_id, question_id]}
            questions.append({"run_id": run_id, "number": number, **asked})
    if rows and insert_new(connection, rounds, rows) == len(rows):
        insert_new(connection, round_questions, questions)
