"""Ended sign-ins, and how long an address must wait after wrong passwords; shared by all replicas.

A wrong password costs nothing until the fifth in a row of an address; from then on the next try has to wait, twice as
long each time, from 5 seconds to 15 minutes. A quarter of an hour without a try, or a right password, begins anew. The
row of the address is locked while it is counted, so that tries at the same time do not pass together.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, ColumnElement, case, delete, exists, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from ..columns import to_us
from ..database import Database
from ..rows import insert_new
from .tables import failures, sign_outs

FREE_TRIES = 4
FIRST_WAIT_S, LONGEST_WAIT_S = 5, 900
KEPT = timedelta(days=40)  # longer than any sign-in lasts
_STEPS = range(FREE_TRIES + 1, FREE_TRIES + 9)


def sign_out(database: Database, sign_in_id: str) -> None:
    """End this sign-in for all tabs and replicas."""
    now = database.now()
    with database.write() as connection:
        insert_new(connection, sign_outs, [{"sign_in_id": sign_in_id, "at": now}])
        connection.execute(delete(sign_outs).where(sign_outs.c.at < now - KEPT))


def is_signed_out(database: Database, sign_in_id: str) -> bool:
    with database.read() as connection:
        return connection.scalar(select(exists().where(sign_outs.c.sign_in_id == sign_in_id))) is True


def wait_s(database: Database, address: str) -> float:
    """For how many seconds this address has to wait; 0: it may try."""
    with database.read() as connection:
        row = connection.execute(select(failures).where(failures.c.address == address)).first()
    if row is None:
        return 0.0
    left_us = int(row.last_us) + wait_us(row.number) - to_us(database.now())
    return max(left_us, 0) / 1_000_000


def count(database: Database, address: str) -> bool:
    """Count a try, before it is known to be wrong. False, and nothing is counted, while the address has to wait."""
    now_us = to_us(database.now())
    insert = sqlite.insert(failures) if database.engine.dialect.name == "sqlite" else postgresql.insert(failures)
    c = failures.c
    long_ago = c.last_us < now_us - LONGEST_WAIT_S * 1_000_000
    upsert = insert.values(address=address, number=1, last_us=now_us).on_conflict_do_update(
        index_elements=["address"],
        set_={"number": case((long_ago, 1), else_=c.number + 1), "last_us": now_us},
        where=c.last_us + _wait_us(c.number) <= now_us,
    )
    with database.write() as connection:
        old = failures.c.last_us < now_us - 100 * LONGEST_WAIT_S * 1_000_000
        connection.execute(delete(failures).where(old))
        return connection.execute(upsert.returning(c.number)).first() is not None


def succeed(database: Database, address: str) -> None:
    """The password was right: what was counted is forgotten."""
    with database.write() as connection:
        connection.execute(delete(failures).where(failures.c.address == address))


def wait_us(number: int) -> int:
    """The wait after so many wrong passwords in a row, in microseconds."""
    if number <= FREE_TRIES:
        return 0
    doublings = min(number, _STEPS[-1]) - FREE_TRIES - 1
    return min(FIRST_WAIT_S << doublings, LONGEST_WAIT_S) * 1_000_000


def _wait_us(number: ColumnElement[int]) -> ColumnElement[int]:
    """The same in SQL."""
    steps = ((number == step, literal(wait_us(step), BigInteger)) for step in _STEPS)
    return case((number <= FREE_TRIES, literal(0, BigInteger)), *steps, else_=literal(wait_us(_STEPS[-1]), BigInteger))
