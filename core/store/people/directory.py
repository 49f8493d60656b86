"""Who has signed in, and what they may do.

note(database, owner_id, account)      a visit
role(database, owner_id)               "", admin or blocked
names(database, owner_id)              by what options may name them
everybody(database, since)             all people with an account, a rule or a question since then, with their usage
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...views.people import Account, PersonUsage, Role
from ..columns import to_us
from ..database import Database
from ..quota.tables import usage_hours
from ..rows import clean
from .tables import key_rules, people

HOUR_US = 3_600_000_000


def note(database: Database, owner_id: str, account: Account) -> None:
    """Keep who they are, as their issuer says now."""
    now = database.now()
    names = {name: clean(getattr(account, name))[:400] for name in ("issuer", "subject", "name", "email")}
    row = {"owner_id": owner_id, **names, "role": "", "first_at": now, "last_at": now}
    insert = sqlite.insert(people) if database.engine.dialect.name == "sqlite" else postgresql.insert(people)
    fresh = {**names, "last_at": now}
    with database.write(durable=False) as connection:
        connection.execute(insert.values(row).on_conflict_do_update(index_elements=["owner_id"], set_=fresh))


def role(database: Database, owner_id: str) -> Role:
    with database.read() as connection:
        value: Role | None = connection.execute(select(people.c.role).where(people.c.owner_id == owner_id)).scalar()
    return value or ""


def names(database: Database, owner_id: str) -> tuple[frozenset[str], Role]:
    """By what options may name a person, in small letters: verified mail address and subject; and their role."""
    with database.read() as connection:
        query = select(people.c.email, people.c.subject, people.c.role).where(people.c.owner_id == owner_id)
        row = connection.execute(query).first()
    return (frozenset({row.email.casefold(), row.subject.casefold()} - {""}), row.role) if row else (frozenset(), "")


def set_role(database: Database, owner_id: str, role: Role) -> None:
    """For administrators: what this person may do from their next act on."""
    with database.write() as connection:
        connection.execute(update(people).where(people.c.owner_id == owner_id).values(role=role))


def everybody(database: Database, since: datetime) -> list[PersonUsage]:
    """Most requests first. Numbers only: nothing that anybody wrote."""
    counted = usage_hours.c
    used = (
        select(
            counted.owner_id,
            func.sum(counted.requests).label("requests"),
            func.sum(counted.tokens).label("tokens"),
            func.sum(counted.failures).label("failures"),
            func.max(counted.hour).label("hour"),
        )
        .where(counted.phase == 0, counted.hour >= to_us(since) // HOUR_US)
        .group_by(counted.owner_id)
    )
    with database.read() as connection:
        usage = {row.owner_id: row for row in connection.execute(used)}
        accounts = {row.owner_id: row for row in connection.execute(select(people))}
        decided = set(connection.execute(select(key_rules.c.owner_id)).scalars())
    everyone = []
    for owner_id in accounts.keys() | usage.keys() | decided:
        row, sums = accounts.get(owner_id), usage.get(owner_id)
        account = Account(row.issuer, row.subject, row.name, row.email) if row else None
        everyone.append(
            PersonUsage(
                owner_id,
                account,
                row.role if row else "",
                row.last_at if row else None,
                int(sums.requests) if sums else 0,
                int(sums.tokens) if sums else 0,
                int(sums.failures) if sums else 0,
            )
        )
    return sorted(everyone, key=lambda person: (-person.requests, person.id))
