"""Judgements in our own JSON, out and in: models' verdicts on a comparison, and a person's on the choices of "auto".

A verdict is a conversation of its own with `"verdict": {"run_id": "…", "kind": "judge", "model_id": "…", "answers":
["…"]}`, the ids of the answers in the order of their letters. A choice of "auto" is `"routed": {…}` at its answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from ..routed_answers import routed_answers
from ..rows import derived, insert_new
from ..tables import conversations, lanes, messages, runs
from ..verdict_tables import verdicts
from .messages import ImportedMessage
from .records import ImportedConversation


def links(connection: Connection, owner_id: str, entries: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The verdicts on these comparisons by their conversations, in the order in which they were asked for."""
    query = (
        select(verdicts)
        .join(conversations, conversations.c.id == verdicts.c.conversation_id)
        .where(verdicts.c.run_id.in_(entries), conversations.c.owner_id == owner_id)
        .where(conversations.c.deleted_at.is_(None))
        .order_by(verdicts.c.created_at, verdicts.c.conversation_id)
    )
    return {
        row.conversation_id: {
            "run_id": row.run_id,
            "kind": row.kind,
            "model_id": row.model_id,
            "answers": list(row.answers),
            "created_at": row.created_at.isoformat(),
        }
        for row in connection.execute(query)
    }


def routed(connection: Connection, owner_id: str, answer_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The choices of "auto" that gave these answers, with the person's verdicts, by answer."""
    c = routed_answers.c
    query = select(routed_answers).where(c.owner_id == owner_id, c.message_id.in_(answer_ids))
    return {
        row.message_id: {
            "tier": row.tier,
            "difficulty": row.difficulty,
            "by_difficulty": row.by_difficulty,
            "at": row.at.isoformat(),
            "verdict": row.verdict,
            "judged_at": row.judged_at.isoformat() if row.judged_at else None,
        }
        for row in (connection.execute(query) if answer_ids else ())
    }


def routed_rows(owner_id: str, talk: Sequence[ImportedMessage], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of imported messages, by their new names."""
    return [
        {"message_id": names[message.id], "owner_id": owner_id, **message.routed.model_dump()}
        for message in talk
        if message.routed and message.role == "assistant"
    ]


def keep(
    connection: Connection, owner_id: str, verdict_id: str, talk: ImportedConversation, runs_by_name: Mapping[str, str]
) -> int | None:
    """Join a verdict to its comparison; how many are new, None where the comparison or one of the answers is not here.
    `runs_by_name`: our ids of comparisons by those of the file."""
    assert talk.verdict
    run_id = runs_by_name[talk.verdict.run_id]
    c = conversations.c
    columns = (
        select(lanes.c.conversation_id)
        .join(runs, runs.c.id == lanes.c.run_id)
        .join(conversations, conversations.c.id == runs.c.id)
        .where(runs.c.id == run_id, c.owner_id == owner_id, c.kind == "comparison")
    )
    of_run = list(connection.execute(columns).scalars())
    maybe = {name: [name, *(derived(lane, "import", name) for lane in of_run)] for name in talk.verdict.answers}
    within = messages.c.id.in_([each[:36] for candidates in maybe.values() for each in candidates])
    query = select(messages.c.id).where(within, messages.c.conversation_id.in_(of_run))
    stored_ids = set(connection.execute(query).scalars()) if of_run else set()
    answers = [next((each for each in maybe[name] if each in stored_ids), None) for name in talk.verdict.answers]
    if not answers or None in answers:
        return None
    link = {"conversation_id": verdict_id, "run_id": run_id, "kind": talk.verdict.kind, "answers": answers}
    row = {**link, "model_id": talk.verdict.model_id, "created_at": talk.verdict.created_at or talk.created_at}
    return insert_new(connection, verdicts, [row])
