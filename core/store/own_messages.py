"""A person's own questions and answers, for the Insights page: read by conversation, so that only new ones are read.

conversations_of(database, owner_id)      what exists, and when each changed
read(database, owner_id, ids)             the messages of these, copies left out
texts(database, owner_id, ids)            whole texts of a few messages
calls_by_hour(database, owner_id)         how often each model was called in each hour
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from ..views.conversation import CONTINUE
from ..views.insights import HourlyCalls, OwnConversation, OwnMessage, SettingCalls
from .database import Database
from .tables import calls, conversations, lanes, messages, runs
from .verdict_tables import verdicts
from .votes.blind import HIDES

QUESTION_CHARACTERS, ANSWER_CHARACTERS = 2000, 240
HOUR_US = 3_600_000_000
SETTINGS = ("effort", "response_format", "tools")
runs_of_lanes = conversations.alias("runs_of_lanes")


def conversations_of(database: Database, owner_id: str) -> list[OwnConversation]:
    """Chats and columns of comparisons; judgements and mergers are left out."""
    query = (
        select(
            conversations.c.id,
            type_coerce(conversations.c.updated_at, BigInteger).label("updated_us"),
            conversations.c.version,
            lanes.c.run_id,
        )
        .join(lanes, lanes.c.conversation_id == conversations.c.id, isouter=True)
        .join(
            runs_of_lanes,
            and_(runs_of_lanes.c.id == lanes.c.run_id, runs_of_lanes.c.owner_id == owner_id),
            isouter=True,
        )
        .join(verdicts, verdicts.c.conversation_id == conversations.c.id, isouter=True)
        .where(
            conversations.c.owner_id == owner_id,
            conversations.c.deleted_at.is_(None),
            runs_of_lanes.c.deleted_at.is_(None),
            conversations.c.kind != "comparison",
            verdicts.c.conversation_id.is_(None),
        )
        .order_by(conversations.c.created_at, conversations.c.id)
    )
    with database.read() as connection:
        return [OwnConversation(row.id, (row.updated_us, row.version), row.run_id) for row in connection.execute(query)]


def read(database: Database, owner_id: str, ids: Sequence[str]) -> list[OwnMessage]:
    """Messages in their order. A copy of a message (which has no words in the index) is left out, and "continue". An
    answer in a comparison that hides its models is running, as long as it does."""
    is_question = messages.c.role == "user"
    beginning = case((is_question, QUESTION_CHARACTERS), else_=ANSWER_CHARACTERS)
    completion = messages.c.completion
    query = (
        select(
            messages.c.id,
            messages.c.conversation_id,
            messages.c.parent_id.is_(None),
            messages.c.role,
            func.substr(messages.c.text, 1, beginning),
            func.length(messages.c.text),
            type_coerce(messages.c.created_at, BigInteger),
            messages.c.model_id,
            case((and_(~is_question, HIDES), "running"), else_=messages.c.state),
            completion[("finish", "reason")].as_string(),
            completion[("error", "kind")].as_string(),
            completion[("usage", "output_tokens")].as_integer(),
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(lanes, lanes.c.conversation_id == conversations.c.id, isouter=True)
        .join(runs, runs.c.id == lanes.c.run_id, isouter=True)
        .where(
            conversations.c.owner_id == owner_id,
            messages.c.conversation_id.in_(ids),
            or_(messages.c.words != "", and_(~is_question, messages.c.text == "")),
            messages.c.text != CONTINUE,
        )
        .order_by(messages.c.seq)
    )
    with database.read() as connection:
        return [OwnMessage(*row) for row in connection.execute(query)]


def texts(database: Database, owner_id: str, ids: Sequence[str]) -> Mapping[str, str]:
    """By id; those that are gone are missing."""
    query = (
        select(messages.c.id, messages.c.text)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.owner_id == owner_id, conversations.c.deleted_at.is_(None), messages.c.id.in_(ids))
    )
    with database.read() as connection:
        return {row.id: row.text for row in connection.execute(query)}


def calls_by_hour(database: Database, owner_id: str) -> list[HourlyCalls]:
    """Attempts that were sent, without probes, cached answers, and columns that hide their model."""
    hour = type_coerce(calls.c.at, BigInteger).op("/")(HOUR_US)
    failures = func.sum(case((calls.c.outcome == "ok", 0), else_=1))
    query = _sent_calls(owner_id, calls.c.model_id, hour.label("hour"), func.count().label("calls"), failures)
    with database.read() as connection:
        rows = connection.execute(query.group_by(calls.c.model_id, hour).order_by(hour, calls.c.model_id)).all()
    return [HourlyCalls(model_id, int(at), number, int(failed)) for model_id, at, number, failed in rows]


def calls_by_setting(database: Database, owner_id: str) -> list[SettingCalls]:
    """Of the same attempts, those in whose request an effort, a form of the answer or tools were sent, by each of
    these, the most first."""
    counted = []
    with database.read() as connection:
        for name in SETTINGS:
            value = cast(calls.c.settings[name].as_string(), Text)
            query = _sent_calls(owner_id, value, func.count()).where(value.is_not(None)).group_by(value)
            counted += [SettingCalls(name, *row) for row in connection.execute(query)]
    return sorted(counted, key=lambda each: (SETTINGS.index(each.name), -each.calls, each.value))


def _sent_calls(owner_id: str, *columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join_from(calls, lanes, lanes.c.conversation_id == calls.c.conversation_id, isouter=True)
        .join(runs, runs.c.id == lanes.c.run_id, isouter=True)
        .where(
            calls.c.owner_id == owner_id,
            calls.c.cached.is_(False),
            calls.c.sent.is_not(False),
            calls.c.probe.is_not(True),
            func.coalesce(HIDES, false()).is_(false()),
        )
    )
