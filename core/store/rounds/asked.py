"""Writing rounds. A round is stored before its questions, so that every answer belongs to a visible round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select, update

from .. import NotFound
from ..columns import from_us, to_us
from ..database import Database
from ..round_tables import round_questions, rounds
from ..rows import clean, derived, insert_new
from ..tables import conversations, lanes, messages

FIRST = "first"


def question_id(owner_id: str, request_id: str) -> str:
    """The id that the question of this request has, or will have."""
    return derived(owner_id, clean(request_id), "question")


def begin(
    database: Database,
    owner_id: str,
    run_id: str,
    request_id: str,
    prompt: str,
    questions: Mapping[str, str],
    *,
    follows: str | None = None,
) -> None:
    """Add a round to a comparison, once per request id. `questions`: question ids by lane.

    NotFound for another owner's. Spooled while the database is unreachable.
    """
    values = {
        "owner_id": owner_id,
        "run_id": run_id,
        "request_id": clean(request_id),
        "prompt": clean(prompt),
        "follows": follows,
        "questions": dict(questions),
        "at_us": to_us(database.now()),
    }
    database.save("round", values)


def insert(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `begin`; False when the round existed."""
    run_id = values["run_id"]
    _hold(connection, values["owner_id"], run_id)
    request_id = values["request_id"]
    existing = select(rounds.c.number).where(rounds.c.run_id == run_id, rounds.c.request_id == request_id)
    if connection.execute(existing).first():
        return False
    last = select(func.max(rounds.c.number)).where(rounds.c.run_id == run_id)
    number = connection.execute(last).scalar() or _write_inferred(connection, run_id)
    row = {"run_id": run_id, "number": number + 1, "request_id": request_id, "prompt": values["prompt"]}
    row |= {"follows": values["follows"], "created_at": from_us(values["at_us"])}
    insert_new(connection, rounds, [row])
    _ask(connection, run_id, number + 1, values["questions"])
    moved = update(conversations).where(conversations.c.id == run_id, conversations.c.owner_id == values["owner_id"])
    connection.execute(moved.values(updated_at=from_us(values["at_us"])))
    return True


def join(database: Database, owner_id: str, run_id: str, number: int, questions: Mapping[str, str]) -> None:
    """Add lanes to an existing round. NotFound for another owner's."""
    named = {"owner_id": owner_id, "run_id": run_id, "number": number, "questions": dict(questions)}
    database.save("join", named)


def insert_questions(connection: Connection, values: Mapping[str, Any]) -> bool:
    """The operation behind `join`."""
    run_id = values["run_id"]
    _hold(connection, values["owner_id"], run_id)
    if connection.execute(select(rounds.c.number).where(rounds.c.run_id == run_id)).first() is None:
        _write_inferred(connection, run_id)
    _ask(connection, run_id, values["number"], values["questions"])
    return True


def inferred(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """The rounds of a comparison that was stored without any (an import, an older version), inferred from its lanes
    turn by turn. Each as a row of `rounds` with its `questions` by lane."""
    query = (
        select(messages.c.id, messages.c.conversation_id, messages.c.depth, messages.c.text, messages.c.created_at)
        .join(lanes, lanes.c.conversation_id == messages.c.conversation_id)
        .where(lanes.c.run_id == run_id, messages.c.role == "user")
        .order_by(messages.c.depth, lanes.c.position, messages.c.seq)
    )
    made: dict[int, dict[str, Any]] = {}
    for row in connection.execute(query):
        fresh = {"prompt": row.text, "created_at": row.created_at, "follows": None, "questions": {}}
        made.setdefault(row.depth, fresh)["questions"][row.conversation_id] = row.id
    return [
        {**made[depth], "run_id": run_id, "number": number, "request_id": f"{FIRST}-{number}"}
        for number, depth in enumerate(sorted(made), 1)
    ]


def _write_inferred(connection: Connection, run_id: str) -> int:
    """Store the inferred rounds; returns the number of the last one."""
    rows = inferred(connection, run_id)
    insert_new(connection, rounds, [{name: row[name] for name in row if name != "questions"} for row in rows])
    for row in rows:
        _ask(connection, run_id, row["number"], row["questions"])
    return len(rows)


def _ask(connection: Connection, run_id: str, number: int, questions: Mapping[str, str]) -> None:
    own = select(func.count()).where(lanes.c.run_id == run_id, lanes.c.conversation_id.in_(list(questions)))
    if connection.execute(own).scalar_one() < len(questions):
        raise NotFound("There is no such lane in this comparison.")
    rows = [
        {"run_id": run_id, "number": number, "conversation_id": lane_id, "question_id": question}
        for lane_id, question in questions.items()
    ]
    insert_new(connection, round_questions, rows)


def _hold(connection: Connection, owner_id: str, run_id: str) -> None:
    """Lock the comparison, so that no other process numbers rounds meanwhile."""
    owned = select(conversations.c.id).where(
        conversations.c.id == run_id, conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None)
    )
    if connection.execute(owned.with_for_update()).first() is None:
        raise NotFound("There is no such comparison.")
