"""The questions that a person asked a model, with its answers: found through the log of calls, by owner and model.

    models(database, owner)                   the ids of the models that answered this person in chats and comparisons
    number(database, owner, model_id)         how many questions, counted up to MOST_COUNTED
    newest(database, owner, model_id, most)   the newest ones and how they were asked
    of_batches(...)                           the same of rows of batches with an expected answer

A question that was asked again counts once, with its newest answer. Left out are answers of blind comparisons that are
still open, judgements and mergers, "continue", and what is deleted. Imported conversations have no calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CTE, Connection, Row, Select, and_, func, literal, or_, select, text

from ..views.batches import PastQuestion
from ..views.conversation import CONTINUE, SAMPLING, File, asked_with, pairs
from .attachments import file_of, of_json
from .batches.tables import HIDDEN, batches, items, rows
from .database import Database
from .tables import attachments, calls, conversations, jobs, lanes, messages
from .verdict_tables import verdicts
from .votes import blind

ANSWERED = text("calls.outcome = 'ok' AND calls.conversation_id IS NOT NULL")  # as the index `calls_of_model` has it
MOST_COUNTED = 1000
MOST_ABOVE = 40  # messages of the conversation above a question
BATCHES_READ = 50
answers, questions = messages.alias("answers"), messages.alias("questions")


def models(database: Database, owner_id: str) -> list[str]:
    """By a loose index scan, so that the log is not read."""
    owned = (calls.c.owner_id == owner_id, ANSWERED)
    first = select(func.min(calls.c.model_id).label("model_id")).where(*owned)
    named = first.cte("named", recursive=True)
    after = select(func.min(calls.c.model_id)).where(*owned, calls.c.model_id > named.c.model_id).scalar_subquery()
    query = select(named.union_all(select(after).where(named.c.model_id.is_not(None))).c.model_id)
    with database.read() as connection:
        return [name for name in connection.execute(query).scalars() if name]


def number(database: Database, owner_id: str, model_id: str) -> int:
    """MOST_COUNTED + 1: more than are counted."""
    matches = _answered_calls(owner_id, model_id, questions.c.id).distinct().limit(MOST_COUNTED + 1)
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(matches.subquery())).scalar_one())


def newest(database: Database, owner_id: str, model_id: str, most: int) -> list[PastQuestion]:
    """At most so many, the newest first."""
    columns = (
        questions.c.id,
        questions.c.text.label("prompt"),
        answers.c.text.label("answer"),
        calls.c.at,
        conversations.c.id.label("conversation_id"),
        conversations.c.kind,
        conversations.c.system,
        conversations.c.settings,
    )
    query = (
        _answered_calls(owner_id, model_id, *columns)
        .order_by(calls.c.at.desc(), questions.c.seq.desc())
        .limit(2 * most)
    )
    with database.read() as connection:
        by_question: dict[str, Row[Any]] = {}
        for row in connection.execute(query):
            by_question.setdefault(row.id, row)
        lane_ids = [row.conversation_id for row in by_question.values() if row.kind == "lane"]
        hidden = blind.hidden_lanes(connection, owner_id, lanes.c.conversation_id.in_(lane_ids)) if lane_ids else {}
        shown = [row for row in by_question.values() if row.conversation_id not in hidden][:most]
        above = _above(connection, [row.id for row in shown])
        own_files = _files(connection, [row.id for row in shown])
    return [
        PastQuestion(
            row.id,
            row.prompt,
            row.answer,
            row.at,
            "chat",
            tuple(above.get(row.id, ())),
            row.system or "",
            {name: row.settings[name] for name in SAMPLING if row.settings.get(name) is not None},
            files=tuple(own_files.get(row.id, ())),
        )
        for row in shown
    ]


def of_batches(database: Database, owner_id: str, model_id: str, most: int) -> list[PastQuestion]:
    """The newest rows with an expected answer, of the newest batches that are no rehearsals."""
    query = (
        select(batches)
        .where(batches.c.owner_id == owner_id, batches.c.rehearsal.is_(None), batches.c.state != HIDDEN)
        .order_by(batches.c.created_at.desc())
        .limit(BATCHES_READ)
    )
    past: list[PastQuestion] = []
    with database.read() as connection:
        for batch in connection.execute(query).all():
            if (batch.rule or batch.fields) and model_id in batch.model_ids and len(past) < most:
                past += _of_batch(connection, owner_id, batch, model_id, most - len(past))
    return past


def _of_batch(connection: Connection, owner_id: str, batch: Row[Any], model_id: str, most: int) -> list[PastQuestion]:
    query = (
        select(
            rows.c.n,
            rows.c.prompt,
            rows.c.files,
            rows.c.expected,
            rows.c.expected_fields,
            items.c.text,
            items.c.ended_at,
        )
        .join_from(rows, items, and_(items.c.batch_id == rows.c.batch_id, items.c.n == rows.c.n))
        .join(batches, batches.c.id == rows.c.batch_id)
        .where(
            batches.c.owner_id == owner_id,
            rows.c.batch_id == batch.id,
            or_(rows.c.expected.is_not(None), rows.c.expected_fields.is_not(None)),
            items.c.place == list(batch.model_ids).index(model_id),
            items.c.state == "done",
        )
        .order_by(rows.c.n)
        .limit(most)
    )
    settings, system, rule = dict(batch.settings), batch.system, batch.rule
    return [
        PastQuestion(
            f"{batch.id}-{row.n}", row.prompt, row.text, row.ended_at or batch.created_at, "batch", (), system,
            settings, row.expected, rule, row.expected_fields or {}, tuple(map(of_json, row.files or ())),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _answered_calls(owner_id: str, model_id: str, *columns: Any) -> Select[Any]:
    """These columns of each call that answered a question which is still there."""
    return (
        select(*columns)
        .join_from(calls, jobs, and_(jobs.c.owner_id == calls.c.owner_id, jobs.c.request_id == calls.c.request_id))
        .join(conversations, conversations.c.id == jobs.c.conversation_id)
        .join(answers, answers.c.id == jobs.c.message_id)
        .join(questions, questions.c.id == answers.c.parent_id)
        .join(verdicts, verdicts.c.conversation_id == conversations.c.id, isouter=True)
        .where(
            calls.c.owner_id == owner_id,
            calls.c.model_id == model_id,
            ANSWERED,
            conversations.c.owner_id == owner_id,
            conversations.c.deleted_at.is_(None),
            answers.c.state == "done",
            answers.c.text != "",
            questions.c.text != CONTINUE,
            verdicts.c.conversation_id.is_(None),
        )
    )


def _above(connection: Connection, question_ids: Sequence[str]) -> Mapping[str, list[tuple[str, str]]]:
    """By question: the (role, text) of the conversation above it, oldest first, as `pairs` makes them."""
    first = select(messages.c.id.label("root"), messages.c.parent_id.label("at"), literal(1).label("step"))
    up: CTE = first.where(messages.c.id.in_(question_ids)).cte("up", recursive=True)
    higher = select(up.c.root, messages.c.parent_id, up.c.step + 1).join_from(up, messages, messages.c.id == up.c.at)
    up = up.union_all(higher.where(up.c.step < MOST_ABOVE))
    query = (
        select(up.c.root, messages.c.id, messages.c.role, messages.c.text)
        .join_from(up, messages, messages.c.id == up.c.at)
        .order_by(up.c.root, up.c.step.desc())
    )
    found_rows = connection.execute(query).all()
    files = _files(connection, [row.id for row in found_rows if row.role == "user"])
    talks: dict[str, list[tuple[str, str, None]]] = defaultdict(list)
    for row in found_rows:
        turns = talks[row.root]
        if row.role == "user":
            turns.append((asked_with(row.text, files[row.id]).text, "", None))
        elif turns:
            turns[-1] = (turns[-1][0], row.text, None)
    return {root: [(message.role, message.text) for message in pairs(turns)] for root, turns in talks.items()}


def _files(connection: Connection, message_ids: Sequence[str]) -> Mapping[str, list[File]]:
    """The files that these questions have, as the chat kept them."""
    by_question: dict[str, list[File]] = defaultdict(list)
    ordered = select(attachments).where(attachments.c.message_id.in_(message_ids)).order_by(attachments.c.position)
    for row in connection.execute(ordered) if message_ids else ():
        by_question[row.message_id].append(file_of(row))
    return by_question
