"""The end of an import: staged rows are shown, or deleted for good. Each portion is idempotent."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, or_, select, update

from ...views.imports import LeftOut, Thing
from ..database import Database
from ..portable import judgements, rounds
from ..portable import votes as votes
from ..portable.intake import RecordPlace
from ..portable.records import ImportedConversation, conversation
from ..rows import derived, insert_new
from ..tables import ERASED, STAGED, conversations, lanes, messages, runs
from ..verdict_tables import verdicts
from . import batches
from .staging import own_ids
from .tables import UNDERWAY, imports, staged

PORTION = 250
MOVED = 1000
REST_S = 0.02
Things = Counter[Thing]


def show(
    database: Database,
    owner_id: str,
    left: LeftOut,
    things: Things,
    sign: Callable[[], None],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Show all that is staged of an owner; returns the difference to the number of staged conversations, and counts in
    `things` what else is new. `sign` renews the lease after every portion."""
    more = 0
    while rows := _some(database, owner_id, staged.c.into_id.is_not(None), 1):
        _move(database, owner_id, rows[0].conversation_id, rows[0].into_id, sleep)
        sign()
    while rows := _some(database, owner_id, _unjoined(owner_id, "comparison"), 20):
        with database.patient_write(sleep) as connection:
            more -= sum(not _comparison(connection, owner_id, row, left, things) and not row.known for row in rows)
        sign()
        sleep(REST_S)
    while rows := _some(database, owner_id, _unjoined(owner_id, "lane"), 20):  # verdicts on comparisons
        with database.patient_write(sleep) as connection:
            for row in rows:
                _verdict(connection, owner_id, row, left, things)
        sign()
        sleep(REST_S)
    while rows := _some(database, owner_id, staged.c.conversation_id.is_not(None), PORTION):
        with database.patient_write(sleep) as connection:
            more += _flip(connection, owner_id, rows)
        sign()
        sleep(REST_S)
    things["batch"] -= batches.show(database, owner_id, left, sign, sleep)
    return more


def drop(database: Database, owner_id: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Mark the rows staged by an ended import for the next `purge`; rows that were deleted before are deleted again."""
    while rows := _some(database, owner_id, staged.c.conversation_id.is_not(None), PORTION):
        with database.patient_write(sleep) as connection:
            if _is_underway(connection, owner_id):  # the next one began meanwhile, and the rows are its own
                return
            for was_known, at in ((False, ERASED), (True, database.now())):
                ids = [row.conversation_id for row in rows if row.known == was_known]
                _mark(connection, owner_id, ids, at)
            _unstage(connection, owner_id, rows)
        sleep(REST_S)
    batches.drop(database, owner_id, lambda connection: not _is_underway(connection, owner_id), sleep)


def _is_underway(connection: Connection, owner_id: str) -> bool:
    state = select(imports.c.state).where(imports.c.owner_id == owner_id).with_for_update()
    return connection.execute(state).scalar() in UNDERWAY


def _unjoined(owner_id: str, kind: str) -> ColumnElement[bool]:
    """Comparisons, or verdicts, that are not put together yet."""
    c = conversations.c
    of_kind = exists().where(c.id == staged.c.conversation_id, c.owner_id == owner_id, c.kind == kind)
    return and_(staged.c.comparison.is_not(None), of_kind)


def _some(database: Database, owner_id: str, condition: Any, number: int) -> Sequence[Row[Any]]:
    with database.read() as connection:
        query = select(staged).where(staged.c.owner_id == owner_id, condition).limit(number)
        return connection.execute(query).all()


def _move(database: Database, owner_id: str, part_id: str, into_id: str, sleep: Callable[[float], None]) -> None:
    """Move the new messages of a conversation into it; where that was deleted for good meanwhile, delete them too."""
    some = select(messages.c.seq).where(messages.c.conversation_id == part_id).limit(MOVED)
    owned = conversations.c.owner_id == owner_id
    into = select(conversations.c.id).where(conversations.c.id == into_id, owned)
    moved = MOVED
    while moved == MOVED:
        with database.patient_write(sleep) as connection:
            change = update(messages).where(messages.c.seq.in_(some), exists(into))
            moved = connection.execute(change.values(conversation_id=into_id)).rowcount
            if moved < MOVED:
                connection.execute(delete(conversations).where(conversations.c.id == part_id, owned))
        sleep(REST_S)


def _comparison(connection: Connection, owner_id: str, row: Row[Any], left: LeftOut, things: Things) -> bool:
    """Give a comparison its lanes, rounds and votes, and show it; False, and it is deleted, without any lane."""
    run_id = row.conversation_id
    talk = conversation(row.comparison, RecordPlace("", left))
    of_run = [lane.conversation_id for lane in talk.lanes] if talk else []
    ids = own_ids(connection, owner_id, of_run)
    present = _lanes_there(connection, owner_id, list(ids.values()))
    columns = [lane for lane in talk.lanes if ids[lane.conversation_id] in present] if talk else []
    if talk is None or not columns:
        left.add("conversation", f"“{row.comparison.get('title', '')[:40]}”: no lane of it is in the file")
        _mark(connection, owner_id, [run_id], ERASED)
        _unstage(connection, owner_id, [row])
        return False
    if missing := len(talk.lanes) - len(columns):
        left.add("detail", f"“{talk.title[:40]}”: a lane of it is not in the file", missing)
    insert_new(connection, runs, [{"id": run_id, "options": dict(talk.options)}])
    rows = [
        {
            "run_id": run_id,
            "position": position,
            "conversation_id": ids[lane.conversation_id],
            "model_id": lane.model_id,
            "wishes": dict(lane.wishes) or None,
            "removed_at": lane.removed_at,
        }
        for position, lane in enumerate(columns)
    ]
    insert_new(connection, lanes, rows)
    own_lanes = {lane.conversation_id: ids[lane.conversation_id] for lane in columns}
    rounds.keep(connection, run_id, talk.rounds, own_lanes, _questions(connection, talk, own_lanes), left)
    things["vote"] += votes.keep(connection, owner_id, run_id, talk.votes, own_lanes)
    _mark(connection, owner_id, [run_id, *own_lanes.values()], None)
    _joined(connection, owner_id, run_id)
    return True


def _verdict(connection: Connection, owner_id: str, row: Row[Any], left: LeftOut, things: Things) -> None:
    """Join a model's verdict to its comparison; else it stays for `_flip`, which makes a chat of it."""
    talk = conversation(row.comparison, RecordPlace("", left))
    if talk and talk.verdict:
        run_ids = own_ids(connection, owner_id, [talk.verdict.run_id])
        new = judgements.keep(connection, owner_id, row.conversation_id, talk, run_ids)
        if new is None:
            left.add("detail", f"“{talk.title[:40]}”: an answer that a model judged is not in the file")
        things["verdict"] += new or 0
    _joined(connection, owner_id, row.conversation_id)


def _joined(connection: Connection, owner_id: str, conversation_id: str) -> None:
    this = (staged.c.owner_id == owner_id, staged.c.conversation_id == conversation_id)
    connection.execute(update(staged).where(*this).values(comparison=None))


def _lanes_there(connection: Connection, owner_id: str, ids: Sequence[str]) -> set[str]:
    """The lanes of these ids that are the owner's, and not deleted."""
    c = conversations.c
    query = select(c.id).where(
        c.id.in_(ids), c.owner_id == owner_id, c.kind == "lane", or_(c.deleted_at.is_(None), c.deleted_at == STAGED)
    )
    return set(connection.execute(query).scalars())


def _questions(
    connection: Connection, talk: ImportedConversation, ids: Mapping[str, str]
) -> dict[tuple[str, str], str]:
    """Our ids of the questions of its rounds, by lane and id of the file."""
    questions = [
        (each.conversation_id, each.message_id) for imported_round in talk.rounds for each in imported_round.questions
    ]
    maybe = {
        (lane, name): [name, derived(ids[lane], "import", name)] for lane, name in questions if lane in ids
    }  # fmt: skip
    names = [each for pair in maybe.values() for each in pair]
    query = select(messages.c.id, messages.c.conversation_id).where(messages.c.id.in_(names))
    place = {row.id: row.conversation_id for row in connection.execute(query)}
    return {
        (lane, name): candidate
        for (lane, name), candidates in maybe.items()
        for candidate in candidates
        if place.get(candidate) == ids[lane]
    }


def _flip(connection: Connection, owner_id: str, rows: Sequence[Row[Any]]) -> int:
    """Show them. A lane without a comparison becomes a chat, so that it is listed; returns how many did."""
    new = [row.conversation_id for row in rows if not row.known]
    for table in (lanes, verdicts):
        query = select(table.c.conversation_id).where(table.c.conversation_id.in_(new))
        attached = set(connection.execute(query).scalars())
        new = [each for each in new if each not in attached]
    alone = (conversations.c.id.in_(new), conversations.c.owner_id == owner_id, conversations.c.kind == "lane")
    chats = connection.execute(update(conversations).where(*alone).values(kind="chat")).rowcount
    _mark(connection, owner_id, [row.conversation_id for row in rows], None)
    _unstage(connection, owner_id, rows)
    return chats


def _mark(connection: Connection, owner_id: str, ids: Sequence[str], deleted_at: Any) -> None:
    change = update(conversations).where(
        conversations.c.id.in_(ids), conversations.c.owner_id == owner_id, conversations.c.deleted_at == STAGED
    )
    connection.execute(change.values(deleted_at=deleted_at))


def _unstage(connection: Connection, owner_id: str, rows: Sequence[Row[Any]]) -> None:
    ids = [row.conversation_id for row in rows]
    connection.execute(delete(staged).where(staged.c.owner_id == owner_id, staged.c.conversation_id.in_(ids)))
