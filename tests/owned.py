"""Whose row is it: every statement that the tests of store, workspace and batches run is read for it, before it is run.

A statement on a table with an `owner_id` must say whose rows it selects, changes or deletes: `owner_id = :owner` (or
IN a list) for each such table in it, or for another one that it is joined to by equality. An INSERT names the owner
because the column takes no NULL. What works for all people at once is administration and is listed here with its
reason; any other function that forgets the owner fails the test that ran it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

from sqlalchemy import CompoundSelect, Delete, Select, Table, Update, event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, ColumnClause, Grouping
from sqlalchemy.sql.selectable import Alias, Join

STORE = "/core/store/"
PLUMBING = ("database.py", "rows.py")
LIBRARY = "/sqlalchemy/"
# By file and function of core/store: who works for all people at once, and why.
ADMINISTRATION = {
    "audit.py:page": "the administrator's log of everybody's calls",
    "audit.py:expire": "calls that are too old, of everybody",
    "audit.py:_owners": "who asked, by name, for the administrator",
    "audit.py:_distinct": "who asked which models, for the administrator",
    "batches/carrying.py:_gone": "which processes carry batches",
    "batches/carrying.py:give_back": "batches of this process, which ends",
    "batches/carrying.py:claim": "batches of processes that are gone",
    "batches/approvals.py:waiting": "batches that wait for an administrator, of everybody",
    "batches/approvals.py:decide": "an administrator's decision about anybody's batch",
    "blob_cleanup.py:_unused": "files that nothing refers to any more, of everybody",
    "blob_cleanup.py:_drop": "files that nothing refers to any more, of everybody",
    "calls.py:speeds": "how fast the models are, for everybody",
    "log_rows.py:_read": "the log of everybody, for who runs the server; an owner narrows it",
    "equality_checks.py:drop_old": "checks that are too old, of everybody",
    "people/key_rules.py:everybody": "what was decided for people, for administrators",
    "people/key_rules.py:remove_group": "the people of a group that is removed",
    "people/directory.py:everybody": "the numbers of all people, for administrators",
    "erasure.py:go_on": "erasures that a process began, of everybody",
    "shared_links.py:target": "who has the token may read: its hash is the key, and the owner is what it gives",
    "shared_links.py:target_of": "who has read what a link shows may see and copy its files",
    "shared_links.py:drop_ended": "links that ended long ago, of everybody",
    "retention.py:_conversations": "what is older than it may be kept, of everybody",
    "retention.py:expire": "what is older than it may be kept, of everybody",
    "imports/progress.py:recover": "imports of processes that are gone",
    "imports/staging.py:own_ids": "ids that others have taken",
    "imports/batches.py:BatchStaging._free_id": "ids that others have taken",
    "pending/overlay.py:Overlay._interrupt": "what this process could not save, of everybody",
    "pending/overlay.py:_family": "what this process could not save, of everybody",
    "pending/overlay.py:_play_alone": "what this process could not save, of everybody",
    "purge.py:_claim": "what is deleted for good, of everybody",
    "purge.py:erase": "what is deleted for good, of everybody",
    "quota/cache.py:drop_old": "kept answers that are too old, of everybody",
    "quota/cache.py:_make_room": "kept answers that are too many, of everybody",
    "quota/ledger.py:expire": "holds that nobody settled",
    "quota/ledger.py:settle": "a hold by its id, which only its call knows",
    "quota/ledger.py:sending": "a hold by its id, which only its call knows",
    "quota/ledger.py:tell": "a hold by its id, which only its call knows",
    "quota/shares.py:read": "what is kept for everybody who shares a limit",
    "quota/shares.py:drop_old": "shares of people who have not asked for long",
    "quota/faqs.py:marked": "how often the list for everybody was used, by everybody",
    "reindex.py:portion": "messages of an older version, of everybody",
    "scheduled/carrying.py:_hold_pool": "what shares a limit, of everybody",
    "scheduled/carrying.py:claim": "what shares a limit, of everybody",
    "scheduled/carrying.py:look": "what is due, of everybody",
    "running.py:_try": "a part of an answer, by the process that carries it",
    "running.py:at_start": "answers of processes that are gone",
    "running.py:interrupt_jobs": "answers of processes that are gone",
}


class Unowned(AssertionError):
    """A statement that does not say whose rows it means."""


forgotten: list[str] = []  # of this test, even where the error was swallowed


@contextmanager
def watching() -> Iterator[None]:
    """Read every statement meanwhile. Needs no database, and imports none before one is used."""
    event.listen(Engine, "before_execute", _look)
    try:
        yield
    finally:
        event.remove(Engine, "before_execute", _look)


def _look(_connection: object, statement: Any, *_: object) -> None:
    if not isinstance(statement, Select | CompoundSelect | Update | Delete):
        return
    function = caller()
    if not function or function in ADMINISTRATION:
        return
    if tables := unowned_once(statement):
        forgotten.append(f"core/store/{function} does not say whose rows of {', '.join(tables)} it means")
        raise Unowned(forgotten[-1])


_by_form: dict[Any, tuple[str, ...]] = {}


def unowned_once(statement: Any) -> tuple[str, ...]:
    """`unowned`, read once for each form of a statement."""
    form = statement._generate_cache_key()
    if form is None:
        return unowned(statement)
    if form.key not in _by_form:
        _by_form[form.key] = unowned(statement)
    return _by_form[form.key]


def unowned(statement: Any) -> tuple[str, ...]:
    """Tables with an owner whose rows the statement means without saying whose; each by its name, "" for none."""
    _readable()
    tables: list[str] = []
    for part in visitors.iterate(statement):
        if isinstance(part, Select):
            tables += _of_one(part.get_final_froms(), part._where_criteria)
        elif isinstance(part, Update | Delete):
            tables += _of_one([part.table], part._where_criteria)
    return tuple(dict.fromkeys(tables))


def _of_one(froms: Sequence[Any], criteria: Sequence[Any]) -> list[str]:
    elements: list[Any] = []
    facts = [fact for condition in criteria for fact in _all_of(condition)]
    owned: set[int] = set()
    for each in froms:
        for element, on, optional in _flat(each):
            if element is not None:
                elements.append(element)
            elif optional:  # it says which rows are joined, and nothing of those that they are joined to
                owned |= _named(_all_of(on)) & optional
            else:
                facts += _all_of(on)
    owned |= _named(facts)
    pairs = [{id(left), id(right)} for left, right in map(_sides, facts) if left is not None and right is not None]
    while more := {name for pair in pairs if pair & owned for name in pair} - owned:
        owned |= more
    tables = [(element, _table(element)) for element in elements]
    return [
        table.name
        for element, table in tables
        if table is not None and "owner_id" in table.c and id(element) not in owned
    ]


def _named(facts: Iterable[Any]) -> set[int]:
    """Whose owner is named by one of these conditions."""
    elements: set[int] = set()
    for fact in facts:
        left, right = _sides(fact)
        if left is not None and right is None and fact.left.name == "owner_id":
            elements.add(id(left))
        if right is not None and left is None and fact.right.name == "owner_id":
            elements.add(id(right))
    return elements


def _sides(fact: Any) -> tuple[Any, Any]:
    """The tables of the columns at both sides of an equality; None for anything else."""
    if isinstance(fact, BinaryExpression) and fact.operator in (operators.eq, operators.in_op):
        return _source(fact.left), _source(fact.right)
    return None, None


def _flat(each: Any) -> Iterator[tuple[Any, Any, set[int]]]:
    """What a FROM reads, then the conditions of its joins, with what is joined where a row without it counts too."""
    if not isinstance(each, Join):
        yield each, None, set()
        return
    yield from _flat(each.left)
    right = list(_flat(each.right))
    yield from right
    yield None, each.onclause, {id(element) for element, _, _ in right} if each.isouter or each.full else set()


def _all_of(condition: Any) -> Iterator[Any]:
    """What must hold for a row to be meant: the parts of ANDs, not those of an OR."""
    if isinstance(condition, Grouping):
        yield from _all_of(condition.element)
    elif isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for clause in condition.clauses:
            yield from _all_of(clause)
    else:
        yield condition


def _table(element: Any) -> Table | None:
    while isinstance(element, Alias):
        element = element.element
    return element if isinstance(element, Table) else None


def _source(side: Any) -> Any:
    """The table, or its alias, that a column is of; None for anything else."""
    return side.table if isinstance(side, ColumnClause) else None


def caller() -> str:
    """The function of core/store that runs the statement; "" where a test does it itself."""
    frame: FrameType | None = sys._getframe(2)
    while frame:
        path = frame.f_code.co_filename
        folder, _, file = path.rpartition(STORE)
        if folder and file not in PLUMBING:
            return f"{file}:{frame.f_code.co_qualname.partition('.<locals>')[0]}"
        if not folder and LIBRARY not in path:
            return ""
        frame = frame.f_back
    return ""


@cache
def _readable() -> None:
    """SQLAlchemy writes some clauses down to look at them, without a database: so our own function needs words."""
    from core.store.rows import clock

    compiles(clock)(lambda *_, **__: "clock()")
