"""What people may use of the server's keys, as an administrator decided.

of(database, owner_id)                   the person's rule, and where it says nothing their group's
set_person(database, owner_id, ...)      None in a rule: not decided here
set_group, remove_group, groups          lines for several people
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...views.people import KeyRule, PersonRule
from ..database import Database
from ..rows import clean
from .tables import key_groups, key_rules

MOST_NAME_CHARS = 80
FIELDS = ("models", "requests", "tokens", "usd")


def of(database: Database, owner_id: str) -> KeyRule:
    """Raises Unavailable."""
    group = [key_groups.c[name].label(f"group_{name}") for name in FIELDS]
    joined = key_rules.outerjoin(key_groups, key_groups.c.name == key_rules.c.group_name)
    query = select(key_rules, *group).select_from(joined).where(key_rules.c.owner_id == owner_id)
    with database.read() as connection:
        row = connection.execute(query).first()
    return _rule(row).before(_rule(row, "group_")) if row else KeyRule()


def everybody(database: Database) -> dict[str, PersonRule]:
    """For administrators: the people for whom something was decided."""
    with database.read() as connection:
        return {row.owner_id: PersonRule(row.group_name, _rule(row)) for row in connection.execute(select(key_rules))}


def groups(database: Database) -> dict[str, KeyRule]:
    """All groups by name."""
    with database.read() as connection:
        query = select(key_groups).order_by(key_groups.c.name)
        return {row.name: _rule(row) for row in connection.execute(query)}


def set_person(database: Database, owner_id: str, rule: PersonRule) -> None:
    """Decide for a person; a rule that says nothing is forgotten."""
    with database.write() as connection:
        if rule == PersonRule():
            connection.execute(delete(key_rules).where(key_rules.c.owner_id == owner_id))
        else:
            _put(connection, key_rules, {"owner_id": owner_id, "group_name": rule.group, **_columns(rule.own)})


def set_group(database: Database, name: str, rule: KeyRule) -> None:
    """Make a group, or change it."""
    with database.write() as connection:
        _put(connection, key_groups, {"name": clean(name)[:MOST_NAME_CHARS], **_columns(rule)})


def remove_group(database: Database, name: str) -> None:
    """Its people are in no group then."""
    with database.write() as connection:
        connection.execute(delete(key_groups).where(key_groups.c.name == name))
        connection.execute(update(key_rules).where(key_rules.c.group_name == name).values(group_name=""))


def _put(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    insert = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    key, *rest = row
    change = {name: row[name] for name in rest}
    connection.execute(insert.values(row).on_conflict_do_update(index_elements=[key], set_=change))


def _columns(rule: KeyRule) -> dict[str, Any]:
    columns = {name: getattr(rule, name) for name in FIELDS}
    return {**columns, "models": None if rule.models is None else list(rule.models)}


def _rule(row: Any, prefix: str = "") -> KeyRule:
    models, *amounts = (getattr(row, prefix + name) for name in FIELDS)
    return KeyRule(None if models is None else tuple(map(str, models)), *amounts)
