"""A comparison with its lanes, removed ones included, and its rounds, read in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from .. import NotFound, tree
from ..database import Database
from ..round_tables import round_questions, rounds
from ..tables import conversations, jobs, lanes, messages, runs
from . import asked


@dataclass(frozen=True, slots=True)
class StoredLane:
    """A column: its conversation, the model that answers next in it, and its turns, question and answer in turn.

    `wishes` holds the settings in which it differs from the comparison. `turns` holds the rounds' questions in order,
    each with the answer that was continued, else the newest.
    """

    conversation_id: str
    title: str
    model_id: str
    version: int
    wishes: Mapping[str, Any]
    removed_at: datetime | None
    turns: tuple[tree.BranchMessage, ...]


@dataclass(frozen=True, slots=True)
class StoredRound:
    """A prompt, and its question in each lane. `follows`: the lane whose conversation all continued."""

    number: int
    prompt: str
    follows: str | None
    created_at: datetime
    questions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredComparison:
    """A comparison with all it holds."""

    id: str
    title: str
    pinned: bool
    version: int
    system: str | None
    settings: Mapping[str, Any]
    options: Mapping[str, Any]
    lanes: tuple[StoredLane, ...]
    rounds: tuple[StoredRound, ...]


def read(database: Database, owner_id: str, run_id: str, *, only: Collection[str] | None = None) -> StoredComparison:
    """NotFound for another owner's and for a deleted one. `only`: the ids of the answers to read, with their
    questions."""
    with database.read_of(run_id) as connection:
        run = _run(connection, owner_id, run_id)
        columns = _lanes(connection, owner_id, run_id)
        shown = _rounds(connection, run_id)
        talks = _talks(connection, owner_id, columns, shown, only)
    made = tuple(
        StoredLane(
            conversation_id=row.conversation_id,
            title=row.title,
            model_id=row.current or row.model_id,
            version=row.version,
            wishes=row.wishes or {},
            removed_at=row.removed_at,
            turns=talks[row.conversation_id],
        )
        for row in columns
    )
    return StoredComparison(
        run.id, run.title, run.pinned, run.version, run.system, run.settings, run.options, made, shown
    )


def _run(connection: Connection, owner_id: str, run_id: str) -> Row[Any]:
    query = (
        select(conversations, runs.c.options)
        .join_from(conversations, runs, runs.c.id == conversations.c.id)
        .where(conversations.c.id == run_id, conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None))
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such comparison.")
    return row


def _lanes(connection: Connection, owner_id: str, run_id: str) -> Sequence[Row[Any]]:
    c = conversations.c
    query = (
        select(lanes, c.title, c.model_id.label("current"), c.version, c.leaf_id)
        .join(conversations, c.id == lanes.c.conversation_id)
        .where(lanes.c.run_id == run_id, c.owner_id == owner_id)
        .order_by(lanes.c.position)
    )
    return connection.execute(query).all()


def _rounds(connection: Connection, run_id: str) -> tuple[StoredRound, ...]:
    rows: list[Any] = list(
        connection.execute(select(rounds).where(rounds.c.run_id == run_id).order_by(rounds.c.number)).mappings()
    )
    questions: dict[int, dict[str, str]] = defaultdict(dict)
    if rows:
        for row in connection.execute(select(round_questions).where(round_questions.c.run_id == run_id)):
            questions[row.number][row.conversation_id] = row.question_id
    else:
        rows = asked.inferred(connection, run_id)
        questions.update({row["number"]: row["questions"] for row in rows})
    return tuple(
        StoredRound(row["number"], row["prompt"], row["follows"], row["created_at"], questions[row["number"]])
        for row in rows
    )


def _talks(
    connection: Connection,
    owner_id: str,
    columns: Sequence[Row[Any]],
    shown: Sequence[StoredRound],
    only: Collection[str] | None,
) -> Mapping[str, tuple[tree.BranchMessage, ...]]:
    """The rounds' questions and their answers in each lane, in order."""
    ids = [row.conversation_id for row in columns]
    parts = (messages.c.id, messages.c.conversation_id, messages.c.parent_id)
    light = connection.execute(select(*parts).where(messages.c.conversation_id.in_(ids)).order_by(messages.c.seq)).all()
    parent_of = {row.id: row.parent_id for row in light}
    below: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for row in light:
        below[row.conversation_id, row.parent_id].append(row.id)
    wanted: dict[str, list[str]] = {}
    for lane in columns:
        branch = _branch(lane.leaf_id, parent_of) if only is None else only
        question_ids = [each.questions.get(lane.conversation_id) for each in shown]
        pairs = [(q, _answer(below[lane.conversation_id, q], branch)) for q in question_ids if q in parent_of]
        pairs = pairs if only is None else [pair for pair in pairs if pair[1] in only]
        wanted[lane.conversation_id] = [each for pair in pairs for each in pair if each]
    all_ids = [each for message_ids in wanted.values() for each in message_ids]
    rows = {row.id: row for row in connection.execute(select(messages).where(messages.c.id.in_(all_ids)))}
    job_rows = connection.execute(select(jobs).where(jobs.c.message_id.in_(all_ids), jobs.c.owner_id == owner_id))
    job_of = {job.message_id: job for job in job_rows}
    attached = tree.attached_to(connection, all_ids)
    return {
        lane_id: tuple(
            tree.turn_of(rows[each], below[lane_id, parent_of[each]], attached[each], job_of.get(each))
            for each in message_ids
        )
        for lane_id, message_ids in wanted.items()
    }


def _branch(leaf_id: str | None, parent_of: Mapping[str, str | None]) -> set[str]:
    """The messages that lead to the one shown last."""
    branch: set[str] = set()
    while leaf_id in parent_of and leaf_id is not None:
        branch.add(leaf_id)
        leaf_id = parent_of[leaf_id]
    return branch


def _answer(answers: Sequence[str], branch: Collection[str]) -> str | None:
    """The answer that was continued, else the newest."""
    return next((each for each in answers if each in branch), answers[-1] if answers else None)
