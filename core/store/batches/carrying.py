"""A batch for the process that runs it: one transaction per step, and a lease that each step renews.

    step(...)    answers are stored, the next questions are claimed; None: the batch is no longer ours
    claim(...)   batches of ended processes become ours, and their unanswered questions wait again

An answer counts once its step is committed. A claimed question without an answer when its process dies is asked again,
and says so; an answered one never is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Float, Row, String, Text, and_, bindparam, or_, select, update

from ...views.batches import Item
from ...views.conversation import File
from .. import attachments, calls
from ..columns import Instant, Usd
from ..completion import SERVED
from ..database import Database
from ..rows import clean, clock
from ..running import is_gone
from .making import free, put_back
from .tables import batches, items, rows

WAITING, ASKING, DONE, FAILED, SKIPPED = "waiting", "asking", "done", "failed", "skipped"
HasKeys = Callable[[str, Sequence[str]], bool]
OVER = (DONE, FAILED, SKIPPED)
WRITTEN = tuple(name for name in Item.__dataclass_fields__ if name not in ("place", "again"))


@dataclass(frozen=True, slots=True)
class ClaimedRow:
    """One question that is ours to ask now."""

    place: int
    n: int
    prompt: str
    expected: str | None
    again: int
    tries: int
    reference: str | None = None
    setup: Mapping[str, Any] | None = None
    files: tuple[File, ...] = ()
    expected_fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The result of the question of row `n`. The item's `state` "waiting": no answer, it is to be asked later; its
    `again` is not written."""

    n: int
    item: Item
    tries: int = 0
    ended_at: datetime | None = None
    calls: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """The input of a step. `take`: how many questions by place; `rests` and `skip`: (kind, message) by place.

    `idle`: nothing is in flight, so that a batch without waiting questions is done.
    """

    ended: Sequence[Ended] = ()
    take: Mapping[int, int] = field(default_factory=dict)
    skip: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    rests: Mapping[str, Any] | None = None
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The batch after a step: its state, and the questions that are ours now."""

    state: str
    claimed: tuple[ClaimedRow, ...] = ()


def _as(name: str, kind: Any) -> Any:
    return bindparam(f"v_{name}", type_=kind)


# Built once: building a statement costs more than running it.
END = (
    update(items)
    .where(
        items.c.batch_id == bindparam("of_batch"),
        items.c.place == bindparam("of_place"),
        items.c.n == bindparam("of_n"),
        items.c.state == ASKING,
    )
    .values(
        state=bindparam("v_state"),
        text=bindparam("v_text"),
        passed=_as("passed", Boolean),
        ttft_ms=_as("ttft_ms", Float),
        total_ms=_as("total_ms", Float),
        input_tokens=_as("input_tokens", BigInteger),
        output_tokens=_as("output_tokens", BigInteger),
        estimated=_as("estimated", Boolean),
        cost_usd=_as("cost_usd", Usd),
        finish=bindparam("v_finish"),
        error_kind=bindparam("v_error_kind"),
        error=bindparam("v_error"),
        origin=bindparam("v_origin", type_=String),
        tries=bindparam("v_tries"),
        ended_at=_as("ended_at", Instant),
        likeness=_as("likeness", Float),
        clashes=_as("clashes", BigInteger),
        cached_tokens=_as("cached_tokens", BigInteger),
        reasoning_tokens=_as("reasoning_tokens", BigInteger),
        **{name: _as(name, Text) for name in (*SERVED, "form", "form_problem", "marks", "repaired")},
    )
    .execution_options(preserve_rowcount=True)
)
TAKE = (
    update(items)
    .where(
        items.c.batch_id == bindparam("of_batch"),
        items.c.place == bindparam("of_place"),
        items.c.n == bindparam("of_n"),
    )
    .values(state=ASKING)
)
NEXT = (
    select(
        *(items.c.place, items.c.n, rows.c.prompt, rows.c.expected, items.c.again, items.c.tries),
        *(rows.c.reference, rows.c.setup, rows.c.files, rows.c.expected_fields),
    )
    .join_from(items, rows, and_(rows.c.batch_id == items.c.batch_id, rows.c.n == items.c.n))
    .where(items.c.batch_id == bindparam("of_batch"), items.c.place == bindparam("of_place"), items.c.state == WAITING)
    .order_by(items.c.n)
    .limit(bindparam("most"))
)


def step(database: Database, owner_id: str, batch_id: str, process: str, wish: Wish) -> Step | None:
    """Store, renew, claim: all or nothing. None when another process has the batch, or it was deleted."""
    owned = (batches.c.id == batch_id, batches.c.owner_id == owner_id, batches.c.owner_process == process)
    with database.write(durable=bool(wish.ended)) as connection:
        if not _renew(connection, owned, database.lease_s):
            return None
        state = str(connection.execute(select(batches.c.state).where(*owned)).scalar_one())
        _count(connection, owned, _keep(connection, batch_id, wish.ended))
        for place, (kind, words) in wish.skip.items():
            _count(connection, owned, {SKIPPED: _skip(connection, batch_id, place, kind, words)})
        if wish.rests is not None:
            connection.execute(update(batches).where(*owned).values(rests=dict(wish.rests)))
        claimed: list[ClaimedRow] = []
        if state == "running":
            for place, most in wish.take.items():
                claimed += _take(connection, batch_id, place, most)
        if wish.idle and not claimed:
            state = _wind_up(connection, owned, batch_id, state, database.now())
    return Step(state, tuple(claimed))


def give_back(database: Database, process: str) -> int:
    """A process that ends: others may take over its batches at once. Returns how many."""
    running = batches.c.owner_process == process, batches.c.state == "running"
    with database.write() as connection:
        return connection.execute(update(batches).where(*running).values(lease_until=0)).rowcount


def claim(
    database: Database,
    process: str,
    but: Collection[str] = (),
    has_keys: HasKeys = lambda owner_id, provider_ids: False,
) -> list[tuple[str, str]]:
    """Take over batches without a running process: (owner, batch) of those to continue. Two processes never get the
    same.

    An ended process of this computer is recognised at once; of another one only the lease decides. `but` are those that
    this process is running; `has_keys`: whether it has an owner's pasted keys for these providers.
    """
    with database.write() as connection:
        ended_processes = _gone(connection, process)
        lost = or_(free(), batches.c.owner_process.in_(ended_processes)) if ended_processes else free()
        live = or_(batches.c.state == "running", batches.c.owner_process != "")
        query = select(batches).where(live, lost, batches.c.id.not_in(but)).limit(200).with_for_update(skip_locked=True)
        candidates = connection.execute(query).all()
        return [
            (batch.owner_id, batch.id)
            for batch in candidates
            if _take_over(connection, database, batch, process, has_keys)
        ]


def _take_over(connection: Connection, database: Database, batch: Row[Any], process: str, has_keys: HasKeys) -> bool:
    """True when it is to be continued; one that needs pasted keys waits for its owner instead."""
    put_back(connection, batch.id)
    this = update(batches).where(batches.c.id == batch.id, batches.c.owner_id == batch.owner_id)
    goes_on = batch.state == "running" and (not batch.pasted or has_keys(batch.owner_id, batch.pasted))
    if goes_on:
        until = clock() + bindparam("lease_us", int(database.lease_s * 1_000_000), type_=BigInteger)
        connection.execute(this.values(owner_process=process, lease_until=until, started_at=database.now()))
    else:
        keyless = {"state": "paused", "why": "keys"} if batch.state == "running" else {}
        connection.execute(this.values(owner_process="", lease_until=0, **keyless))
    return goes_on


def _gone(connection: Connection, process: str) -> list[str]:
    query = select(batches.c.owner_process).where(batches.c.owner_process != "").distinct()
    return [name for name in connection.execute(query).scalars() if is_gone(name, process)]


def _renew(connection: Connection, owned: tuple[Any, ...], lease_s: float) -> bool:
    until = clock() + bindparam("lease_us", int(lease_s * 1_000_000), type_=BigInteger)
    return bool(connection.execute(update(batches).where(*owned).values(lease_until=until)).rowcount)


def _keep(connection: Connection, batch_id: str, ended: Sequence[Ended]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for result in ended:
        item = result.item
        columns = {f"v_{name}": clean(getattr(item, name)) for name in WRITTEN}
        key = {"of_batch": batch_id, "of_place": item.place, "of_n": result.n}
        if connection.execute(END, {**key, **columns, "v_tries": result.tries, "v_ended_at": result.ended_at}).rowcount:
            counted[item.state] = counted.get(item.state, 0) + 1
    call_rows = [dict(call) for result in ended for call in result.calls]
    if call_rows:
        calls.insert(connection, {"rows": call_rows})
    return counted


def _count(connection: Connection, owned: tuple[Any, ...], counted: Mapping[str, int]) -> None:
    change = {name: batches.c[name] + number for name, number in counted.items() if name in OVER and number}
    if change:
        connection.execute(update(batches).where(*owned).values(**change))


def _skip(connection: Connection, batch_id: str, place: int, kind: str, words: str) -> int:
    left = (items.c.batch_id == batch_id, items.c.place == place, items.c.state == WAITING)
    change = {"state": SKIPPED, "error_kind": kind, "error": clean(words)}
    return connection.execute(update(items).where(*left).values(**change)).rowcount


def _take(connection: Connection, batch_id: str, place: int, most: int) -> list[ClaimedRow]:
    next_rows = connection.execute(NEXT, {"of_batch": batch_id, "of_place": place, "most": most}).all()
    if next_rows:
        connection.execute(TAKE, [{"of_batch": batch_id, "of_place": place, "of_n": row.n} for row in next_rows])
    return [
        ClaimedRow(**{**row._mapping, "files": tuple(map(attachments.of_json, row.files or ()))}) for row in next_rows
    ]


def _wind_up(connection: Connection, owned: tuple[Any, ...], batch_id: str, state: str, now: datetime) -> str:
    """Nothing is in flight: a batch that does not run is given back, one without waiting questions is done."""
    change: dict[str, Any] = {"owner_process": "", "lease_until": 0, "rests": {}}
    if state == "running":
        waits = select(items.c.n).where(items.c.batch_id == batch_id, items.c.state == WAITING).limit(1)
        if connection.execute(waits).first() is not None:
            return state
        state = "done"
        change |= {"state": state, "ended_at": now}
    connection.execute(update(batches).where(*owned).values(**change))
    return state
