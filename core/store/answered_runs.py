"""A comparison of answers that exist already, so that they can be voted on like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, update

from ..records import Completion
from . import completion as codec
from . import runs
from .columns import to_us
from .conversations import title_of
from .database import Database
from .rows import clean, derived, insert_new
from .tables import conversations, messages


def create(
    database: Database,
    owner_id: str,
    request_id: str,
    prompt: str,
    above: Sequence[tuple[str, str]],
    answers: Sequence[Completion],
    *,
    system: str = "",
    blind: bool = False,
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A comparison with a column for each answer, in this order, once per request id. `blind`: its names are hidden.

    Returns its id, and (conversation, model) of each column. A search finds none of the texts: they are copies.
    """
    run_id = derived(owner_id, request_id, "run")
    lanes = tuple(
        (derived(owner_id, request_id, "lane", str(place)), answer.model_id) for place, answer in enumerate(answers)
    )
    now = database.now()
    run = {
        "owner_id": owner_id,
        "run_id": run_id,
        "title": title_of(clean(prompt)),
        "system": clean(system) or None,
        "options": {"prompt": clean(prompt), **({"blind": True} if blind else {})},
        "lanes": [list(lane) for lane in lanes],
        "at_us": to_us(now),
    }
    with database.write() as connection:
        if runs.insert(connection, run):
            for (lane_id, _), answer in zip(lanes, answers, strict=True):
                _fill(connection, owner_id, lane_id, [*above, ("user", prompt)], answer, now)
    return run_id, lanes


def _fill(
    connection: Connection, owner_id: str, lane_id: str, talk: Sequence[tuple[str, str]], answer: Completion, now: Any
) -> None:
    """The messages of one column: the conversation, the question and the answer."""
    rows: list[dict[str, Any]] = []
    for depth, (role, text) in enumerate([*talk, ("assistant", answer.text)], 1):
        row = {"id": derived(owner_id, lane_id, "message", str(depth)), "conversation_id": lane_id, "depth": depth}
        row |= {"parent_id": rows[-1]["id"] if rows else None, "role": role, "text": clean(text), "words": ""}
        rows.append({**row, "state": "done", "model_id": None, "completion": None, "created_at": now})
    rows[-1] |= {"model_id": answer.model_id, "completion": clean(codec.encode(answer))}
    insert_new(connection, messages, rows)
    lane = (conversations.c.id == lane_id, conversations.c.owner_id == owner_id)
    connection.execute(update(conversations).where(*lane).values(leaf_id=rows[-1]["id"]))
