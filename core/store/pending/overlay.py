"""Unsaved changes, readable as if they were saved: a database in memory with the conversations that the spool changes.

A conversation is copied here, with its comparison if it has one, before the first operation on it is played; from then
on it is read here, until nothing waits any more. Everything else is read from the real database.

    play(operation, values)     the result it will have once it is saved; StoreError when it never can be
    look(conversation_id)       a connection to read it with, None when nothing of it waits
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, select

from .. import Health, StoreError, Unavailable
from ..backends import sqlite
from ..backends.spool import Spool, SpoolPosition, Values, read
from ..columns import from_us, metadata
from ..database import Read
from ..round_tables import round_questions, rounds
from ..running import interrupt_jobs, is_gone
from ..tables import attachments, conversations, jobs, lanes, messages, runs
from ..turns import insert
from .operations import OPERATIONS

ABOVE_ALL = 2**40  # no saved message has so high a number, and what is played here gets a higher one
UNSEEN = {"begin", "finish", "calls", "run", "round"}  # spooled even where their result cannot be shown now
WHOLE = {"copy", "fork"}  # a part of a conversation must not pass for all of it
log = logging.getLogger("roundtable.store")


class Overlay:
    """The overlay of one database, whose saved part `base` reads. Thread-safe."""

    def __init__(self, spool: Spool, base: Read) -> None:
        self._spool = spool
        self._base = base
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._mark: SpoolPosition | None = None
        self._copied: set[str] = set()
        self._partial: set[str] = set()
        self._settings: set[tuple[str, str]] = set()
        self._why = Health("down")

    def keep(self, operation: str, values: Values) -> Any:
        """Play the operation and put it into the spool, unless it changes nothing; returns its result, None if
        unknown."""
        with self._lock:
            self._forget()
            self._catch_up()
            result = self.play(operation, values)
            if result is not False and not (isinstance(result, dict) and result.get("fresh") is False):
                try:
                    self._spool.add(operation, values)
                except StoreError:
                    self._close()
                    raise
                self._mark = self._spool.mark()
        return result

    @contextmanager
    def look(self, conversation_id: str | None = None) -> Iterator[Connection | None]:
        """A connection to one conversation's waiting state, or to that of all; None while nothing of it waits."""
        if self._spool.empty:
            self._forget()
            yield None
            return
        with self._lock:
            self._catch_up()
            if self._engine is None or (conversation_id and conversation_id not in self._copied):
                yield None
                return
            with self._engine.connect() as connection, connection.begin():
                yield connection

    def is_partial(self, conversation_id: str) -> bool:
        """Whether it holds only the waiting part, because the saved part could not be read."""
        return conversation_id in self._partial

    def has_setting(self, owner_id: str, key: str) -> bool:
        return (owner_id, key) in self._settings

    def play(self, operation: str, values: Values) -> Any:
        """Play one operation here, on what was saved before it."""
        engine = self._open()
        whole = self._fetch(engine, operation, values)
        if not whole and operation in WHOLE:
            raise Unavailable(self._why)
        try:
            with engine.begin() as connection:
                if not whole and operation == "begin" and values["parent_id"]:
                    return _play_alone(connection, values)
                return OPERATIONS[operation](connection, values)
        except StoreError:
            if whole:
                raise
            if operation in UNSEEN:
                return None
            raise Unavailable(self._why) from None
        finally:
            if operation == "setting":
                self._settings.add((values["owner_id"], values["key"]))

    def _forget(self) -> None:
        if self._engine is None:
            return
        with self._lock:
            if self._spool.empty:
                self._close()

    def _close(self) -> None:
        """Drop it; it is rebuilt from the spool when needed."""
        if self._engine:
            self._engine.dispose()
        self._engine = self._mark = None
        for names in (self._copied, self._partial, self._settings):
            names.clear()

    def _open(self) -> Engine:
        if self._engine is None:
            self._engine = sqlite.connect(None)
            with self._engine.begin() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # it holds only a part of everything
                connection.exec_driver_sql("BEGIN")
                metadata.create_all(connection)
                connection.execute(messages.insert(), _first_number())
        return self._engine

    def _catch_up(self) -> None:
        """Play what another process, or this one before it was started again, left in the spool."""
        mark = self._spool.mark()
        if mark == self._mark:
            return
        previous, self._mark = self._mark, mark
        grew = previous is not None and previous.file == mark.file and previous.size <= mark.size
        for line in self._spool.lines(previous.size if previous and grew else 0, memory=previous is None):
            entry = read(line)
            if entry:
                try:
                    self.play(entry["operation"], entry["values"])
                except Exception as error:  # the database will say the same, and the line is set aside then
                    log.warning("a change that waits cannot be shown: %s", type(error).__name__)
        if previous is None and self._engine is not None:
            self._interrupt()

    def _interrupt(self) -> None:
        """Interrupt the answers of ended processes."""
        assert self._engine
        with self._engine.begin() as connection:
            names = connection.execute(select(jobs.c.owner_process).where(jobs.c.state == "running").distinct())
            interrupt_jobs(
                connection, jobs.c.owner_process.in_([name for name in names.scalars() if is_gone(name, "")])
            )

    def _fetch(self, engine: Engine, operation: str, values: Values) -> bool:
        """Copy the rows that the operation changes, if not done yet; False when they could not be read."""
        try:
            for conversation_id in self._touched(engine, operation, values):
                if conversation_id in self._partial:
                    return False
                if conversation_id not in self._copied:
                    self._copy(engine, conversation_id)
        except Unavailable as error:
            self._why = error.health
            if operation not in ("begin", "run"):
                return False
            starts = operation == "run" or values["starts"]
            (self._copied if starts else self._partial).update(self._touched(engine, operation, values))
            self._copied |= self._partial
            return bool(starts)
        return True

    def _touched(self, engine: Engine, operation: str, values: Values) -> Collection[str]:
        """The conversations, comparisons and lanes that the operation names."""
        named = [values[name] for name in ("conversation_id", "run_id", "source_id") if values.get(name)]
        if operation == "run":
            named += [lane_id for lane_id, _ in values["lanes"]]
        if operation == "finish":
            owned = (jobs.c.owner_id == values["owner_id"], jobs.c.request_id == values["request_id"])
            query = select(jobs.c.conversation_id).where(*owned)
            with engine.connect() as connection:
                job_conversation = connection.execute(query).scalar()
            if job_conversation is None:
                with self._base() as connection:
                    job_conversation = connection.execute(query).scalar()
            named += [job_conversation] if job_conversation else []
        return named

    def _copy(self, engine: Engine, conversation_id: str) -> None:
        with self._base() as source:
            rows = _family(source, conversation_id)
        with engine.begin() as connection:
            for table, table_rows in rows:
                if table_rows:
                    connection.execute(table.insert(), table_rows)
        self._copied |= {conversation_id, *(row["id"] for row in rows[0][1])}


def _family(source: Connection, conversation_id: str) -> list[tuple[Any, list[dict[str, Any]]]]:
    """All rows of a conversation; for a comparison those of its lanes too, and for a lane those of its comparison."""
    run_id = source.execute(select(lanes.c.run_id).where(lanes.c.conversation_id == conversation_id)).scalar()
    run_id = run_id or conversation_id
    beside = source.execute(select(lanes.c.conversation_id).where(lanes.c.run_id == run_id)).scalars().all()
    ids = list({conversation_id, run_id, *beside})
    message_ids = select(messages.c.id).where(messages.c.conversation_id.in_(ids))
    parts = (
        (conversations, conversations.c.id.in_(ids)),
        (runs, runs.c.id == run_id),
        (lanes, lanes.c.run_id == run_id),
        (messages, messages.c.conversation_id.in_(ids)),
        (attachments, attachments.c.message_id.in_(message_ids)),
        (jobs, jobs.c.conversation_id.in_(ids)),
        (rounds, rounds.c.run_id == run_id),
        (round_questions, round_questions.c.run_id == run_id),
    )
    return [
        (table, [dict(row) for row in source.execute(select(table).where(where)).mappings()]) for table, where in parts
    ]


def _play_alone(connection: Connection, values: Mapping[str, Any]) -> Any:
    """A question whose conversation cannot be read: show it without the earlier turns."""
    existing = select(conversations.c.id).where(conversations.c.id == values["conversation_id"])
    if connection.execute(existing).first() is None:
        connection.execute(conversations.insert(), _unread(values))
    above = select(messages.c.id).where(messages.c.id == values["parent_id"])
    if connection.execute(above).first():
        return insert(connection, values)
    role = "user" if values["text"] is None else "assistant"
    stub = {"id": values["parent_id"], "conversation_id": values["conversation_id"], "depth": 0, "role": role}
    empty = {"text": "", "words": "", "state": "done", "created_at": from_us(values["at_us"])}
    connection.execute(messages.insert(), {**stub, **empty})
    result = insert(connection, values)
    if role == "assistant":
        connection.execute(messages.delete().where(messages.c.id == values["parent_id"]))
    return result


def _unread(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row for a conversation that could not be read; as a lane it is in no list."""
    at = from_us(values["at_us"])
    named = {name: values[name] for name in ("owner_id", "system", "settings", "model_id")}
    row = {"id": values["conversation_id"], "kind": "lane", "title": "", "title_by_person": False, "pinned": False}
    return {**named, **row, "version": 0, "created_at": at, "updated_at": at}


def _first_number() -> dict[str, Any]:
    row = {"seq": ABOVE_ALL, "id": "", "conversation_id": "", "depth": 0, "role": "user", "text": "", "words": ""}
    return {**row, "state": "done", "created_at": from_us(0)}
