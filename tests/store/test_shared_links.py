"""Read-only links on both databases: who has the token, what ends it, and that nobody else can make or end one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.store import NotFound, conversations, erasure, purge, retention, runs, shared_links, turns
from core.store.database import Database
from core.store.people import directory
from core.views.people import Account
from core.views.sharing import SharedLink
from tests.store.conftest import OWNER, START

OTHER = "ben"
Say = Callable[..., turns.Begun]


def works(database: Database, token: str) -> bool:
    link = shared_links.target(database, token)
    return link is not None and not link.ended


@pytest.fixture
def chat_id(say: Say) -> str:
    return say("r1", "What is a tide?", "The sea.").conversation_id


@pytest.fixture
def share(database: Database, chat_id: str) -> Callable[..., tuple[SharedLink, str]]:
    """Share Ana's chat for a day, counted from the beginning of the test."""

    def share(days: float | None = 1, name: str = chat_id, owner: str = OWNER) -> tuple[SharedLink, str]:
        expires_at = None if days is None else START + timedelta(days=days)
        return shared_links.create(database, owner, name, expires_at=expires_at, snapshot={"leaf": "x"})

    return share


Share = Callable[..., tuple[SharedLink, str]]


def test_the_token_opens_it_and_is_not_stored(database: Database, share: Share, chat_id: str) -> None:
    link, token = share()
    assert len(token) == 32
    opened = shared_links.target(database, token)
    assert opened
    assert (opened.owner_id, opened.conversation_id, opened.kind, opened.ended) == (OWNER, chat_id, "chat", False)
    assert (opened.title, opened.snapshot) == ("What is a tide?", {"leaf": "x"})
    with database.read() as connection:
        assert token not in str(connection.execute(select(shared_links.shared_links)).all())
    for wrong in ("", token[:-1], token + "a", token.swapcase(), "a" * 32, link.id, "x" * 100_000, "ключ" * 8):
        assert shared_links.target(database, wrong) is None


def test_only_the_owner_makes_lists_and_revokes(database: Database, share: Share, chat_id: str) -> None:
    link, token = share()
    with pytest.raises(NotFound):
        share(owner=OTHER)
    assert shared_links.of_owner(database, OTHER) == []
    assert shared_links.revoke(database, OTHER, link.id) == shared_links.revoke(database, OTHER) == 0
    assert works(database, token)
    assert shared_links.of_owner(database, OWNER) == shared_links.of_owner(database, OWNER, chat_id) == [link]
    _, second = share(None)
    assert shared_links.revoke(database, OWNER, link.id) == 1
    assert (works(database, token), works(database, second)) == (False, True)
    assert shared_links.revoke(database, OWNER) == 1
    assert shared_links.of_owner(database, OWNER) == []
    assert not works(database, second)


def test_a_part_of_a_comparison_is_not_shared_alone(database: Database, share: Share) -> None:
    run_id, lanes = runs.create(database, OWNER, "c1", ["sim/quick", "sim/steady"], prompt="Hi")
    assert share(name=run_id)[0].kind == "comparison"
    with pytest.raises(NotFound):
        share(name=lanes[0].conversation_id)


def test_it_ends_at_its_time(database: Database, share: Share) -> None:
    _, token = share(days=-1)
    assert not works(database, token)
    assert shared_links.of_owner(database, OWNER) == []


def test_it_ends_with_the_chat_and_comes_back_with_an_undo(database: Database, share: Share, chat_id: str) -> None:
    _, token = share(None)
    conversations.remove(database, OWNER, chat_id)
    assert not works(database, token)
    assert shared_links.of_owner(database, OWNER) == []
    conversations.restore(database, OWNER, chat_id)
    assert works(database, token)
    conversations.remove(database, OWNER, chat_id)
    purge.tick(database, 0)
    assert shared_links.target(database, token) is None


def test_it_ends_with_what_is_too_old(database: Database, share: Share) -> None:
    _, token = share(None)
    retention.expire(database, START + timedelta(days=1))
    assert not works(database, token)


def test_it_ends_with_its_owners_data_and_with_their_access(database: Database, share: Share) -> None:
    _, token = share(None)
    directory.note(database, OWNER, Account("https://id.example", "42", "Ana", ""))
    directory.set_role(database, OWNER, "blocked")
    assert not works(database, token)
    directory.set_role(database, OWNER, "")
    assert works(database, token)
    erasure.begin(database, OWNER)
    assert shared_links.target(database, token) is None


def test_openings_are_counted_and_ended_links_are_dropped_later(database: Database, share: Share) -> None:
    link, token = share(None)
    _, old_token = share(days=-31)
    shared_links.count_opening(database, OWNER, link.id)
    shared_links.count_opening(database, OTHER, link.id)
    shared_links.drop_ended(database)
    (listed,) = shared_links.of_owner(database, OWNER)
    assert (listed.opened, listed.opened_at is not None) == (1, True)
    assert works(database, token)
    assert shared_links.target(database, old_token) is None
