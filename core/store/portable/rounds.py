"""The rounds of a comparison in our own JSON, out and in: which question of which lane belongs to which prompt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from ...views.imports import LeftOut
from ..round_tables import round_questions, rounds
from ..rows import insert_new
from .records import ImportedRound


def exported(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """The rounds of a comparison for the file."""
    questions_of: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in connection.execute(select(round_questions).where(round_questions.c.run_id == run_id)):
        questions_of[row.number].append({"conversation_id": row.conversation_id, "message_id": row.question_id})
    result = connection.execute(select(rounds).where(rounds.c.run_id == run_id).order_by(rounds.c.number))
    return [
        {
            "prompt": row.prompt,
            "created_at": row.created_at.isoformat(),
            "follows": row.follows,
            "questions": sorted(questions_of[row.number], key=lambda each: each["conversation_id"]),
        }
        for row in result
    ]


def keep(
    connection: Connection,
    run_id: str,
    imported: Sequence[ImportedRound],
    lanes: Mapping[str, str],
    messages: Mapping[tuple[str, str], str],
    left: LeftOut,
) -> None:
    """Write them, once. `lanes` and `messages` (by lane and id) map the ids of the file to ours.

    A question that is not in the file is left out of its round.
    """
    rows, questions = [], []
    for number, each in enumerate(imported, 1):
        row = {"run_id": run_id, "number": number, "request_id": f"import-{number}", "prompt": each.prompt}
        rows.append({**row, "follows": lanes.get(each.follows or ""), "created_at": each.created_at})
        for question in each.questions:
            if question_id := messages.get((question.conversation_id, question.message_id)):
                of = {"conversation_id": lanes[question.conversation_id], "question_id": question_id}
                questions.append({"run_id": run_id, "number": number, **of})
            else:
                left.add("detail", f"Round {number} of a comparison names a question that is not in the file")
    if rows and insert_new(connection, rounds, rows) == len(rows):
        insert_new(connection, round_questions, questions)
