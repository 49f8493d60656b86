"""The log of a script's calls, in the tables of the app: each question with its answer is a turn, each attempt a call.

    log = open_script_log(Path("calls.db"))
    log.add("script", question, completion, state="done")

Whatever reads the app's database reads this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from ..records import Completion
from ..views.conversation import GenerationSettings
from . import Refused, Unavailable, running, turns
from .columns import to_us
from .database import Database
from .opening import open_database
from .rows import derived
from .tables import conversations


class ScriptLog:
    """Thread-safe. What cannot be written now, while another program holds the file, waits in the folder `spool` beside
    it until the next call."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process = running.process_name()

    def add(
        self,
        owner_id: str,
        question: str,
        completion: Completion,
        *,
        state: turns.End,
        system: str = "",
        conversation: str | None = None,
    ) -> None:
        """Store a question that has been answered, or not (`state`). `conversation` is the caller's name of one; None:
        the question stands alone. Raises StoreError."""
        request_id = uuid4().hex
        conversation_id = derived(owner_id, conversation or request_id, "conversation")
        values: Mapping[str, Any] = turns.question_values(
            self._database,
            owner_id,
            turns.NewTurn(
                request_id,
                question,
                completion.model_id,
                conversation_id,
                self._leaf(owner_id, conversation_id) if conversation else None,
                GenerationSettings(system) if system else None,
            ),
            owner_process=self._process,
        ) | {"starts": True, "at_us": to_us(completion.timing.started_at)}
        answer = turns.answer_values(self._database, owner_id, request_id, completion, state)
        if self._database.spool.empty:
            with suppress(Unavailable), self._database.write(durable=False) as connection:
                turns.insert(connection, values)
                turns.settle(connection, answer)
                return
        self._database.save("begin", values)
        self._database.save("finish", answer)

    def _leaf(self, owner_id: str, conversation_id: str) -> str | None:
        """The last message of a conversation, None before the first."""
        named = (conversations.c.id == conversation_id, conversations.c.owner_id == owner_id)
        with self._database.read_of(conversation_id) as connection:
            return connection.execute(select(conversations.c.leaf_id).where(*named)).scalar()

    def close(self) -> None:
        """Write what still waits, and close the file."""
        self._database.flush()
        self._database.close()


def open_script_log(path: Path) -> ScriptLog:
    """Open the file, made where it is missing. Raises Refused where it cannot be written or is no such log."""
    database = open_database(f"sqlite:///{path.absolute()}", path.absolute().parent)
    if database.kind == "memory":
        database.close()
        raise Refused(f"The log {path} cannot be written.")
    return ScriptLog(database)
