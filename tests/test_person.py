"""Whose row is it: a page cannot forget it, because it never says it, and the store cannot, because it is asked."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import CompoundSelect, Delete, Select, Update, and_, delete, or_, select, update

import core.store
from core.store.tables import conversations, jobs, messages, settings
from tests.owned import ADMINISTRATION, unowned
from tests.test_house import ROOT, parsed, room_of

# Who a visitor is, the person who is bound to that, the keys that are kept for it; and who sends the cookie.
RECOGNISING = {
    "owner.py", "session.py", "pasted_keys.py", "visitor.py", "access.py", "identity.py", "page_faults.py"
}  # fmt: skip
OPENING = {"app_state.py", "session.py", "visitor.py", "access.py", "health.py"}
OWNERS = {"owner", "owners", "owner_id"}
PARTS = {"workspace", "database", "admission_control", "budget", "reuse", "jobs", "housekeeping", "batch_carrier"}


def spoken(tree: ast.AST) -> Iterator[str]:
    """Every name that code uses or gives."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.ImportFrom(module=str(name)):
                yield name.rpartition(".")[2]


def reached(tree: ast.AST) -> Iterator[str]:
    return (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def faults(path: Path, tree: ast.AST) -> list[str]:
    """Where a page or the screen says whose something is, or reaches into what all people share."""
    if room_of(path) not in {"ui", "page"}:
        return []
    names = [] if path.name in RECOGNISING else [name for name in spoken(tree) if name in OWNERS]
    names += [] if path.name in OPENING else [f".{name}" for name in reached(tree) if name in PARTS]
    return [f"{path}: {name}" for name in names]


def test_pages_have_a_person_and_never_say_whose_something_is() -> None:
    assert [fault for path, tree in parsed(ROOT) for fault in faults(path, tree)] == []


@pytest.mark.parametrize(
    "code",
    [
        "from .. import session\nsession.person().chats.ask(session.owner(), 'r1')",
        "from ..owner import current",
        "from .. import owner",
        "def draw(owner_id): ...",
        "draw(owner_id=name)",
        "app_state.get().workspace.of('me').votes.tallies()",
        "person.chats.database.read()",
    ],
)
def test_an_owner_on_a_page_is_found(code: str) -> None:
    assert faults(Path("core/ui/compare/bad.py"), ast.parse(code))


def test_statements_that_are_made_once_say_whose_rows_they_mean() -> None:
    unbound = {
        f"{info.name.removeprefix('core.store.')}.{name}"
        for info in pkgutil.walk_packages(core.store.__path__, "core.store.")
        if ".migrations." not in info.name
        for name, value in vars(importlib.import_module(info.name)).items()
        if isinstance(value, Select | CompoundSelect | Update | Delete) and unowned(value)
    }
    of_everybody = {
        "imports.progress.RUNNING", "running.RENEW", "scheduled.carrying.WITH_PLACE", "quota.shares.READ"
    }  # fmt: skip
    by_the_id_of_a_hold = {"quota.ledger.SENDING", "quota.ledger.CLAIM", "quota.ledger.LOOK"}
    assert unbound == of_everybody | by_the_id_of_a_hold


def test_who_works_for_all_people_exists() -> None:
    for name in ADMINISTRATION:
        path, _, function = name.partition(":")
        tree = ast.parse((ROOT / "core" / "store" / path).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert function.rpartition(".")[2] in defined, name


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        (select(settings.c.value).where(settings.c.key == "x"), ("settings",)),
        (select(settings.c.value).where(settings.c.owner_id == "me"), ()),
        (select(settings.c.value).where(settings.c.owner_id.in_(["me", "all"])), ()),
        (select(settings.c.value).where(or_(settings.c.owner_id == "me", settings.c.key == "x")), ("settings",)),
        (select(settings.c.value).where(settings.c.owner_id != "me"), ("settings",)),
        (update(conversations).where(conversations.c.id == "c").values(title="mine"), ("conversations",)),
        (delete(conversations).where(conversations.c.id == "c", conversations.c.owner_id == "me"), ()),
        (select(messages).where(messages.c.conversation_id.in_(select(conversations.c.id))), ("conversations",)),
        (select(jobs).join(conversations).where(conversations.c.owner_id == "me"), ()),
        (select(jobs).join(conversations).where(conversations.c.kind == "chat"), ("jobs", "conversations")),
        (
            select(conversations).outerjoin(
                jobs, and_(jobs.c.conversation_id == conversations.c.id, jobs.c.owner_id == "me")
            ),
            ("conversations",),
        ),
        (select(conversations.alias()).where(conversations.alias().c.owner_id == "me"), ("conversations",) * 1),
    ],
)
def test_a_statement_that_does_not_say_whose_rows_it_means_is_found(statement: object, tables: tuple[str, ...]) -> None:
    assert unowned(statement) == tables
