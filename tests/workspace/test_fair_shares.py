"""Fair shares from the option to the refusal: the server's key, a batch beside a person, weights by name."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.errors import Setup
from core.options import load
from core.providers.shares import Sharer
from core.records import ChatRequest, Completion, Message, Owner
from core.store.people import directory
from core.views.people import Account
from core.workspace import Workspace
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, each_morning, table, workspace_of

SERVER_KEY = "acme-server-0123456789"
FOUR_EACH = each_morning(16)


def shared_out(folder: Path, url: str) -> Workspace:
    """Four people share 16 requests a day."""
    return workspace_of(folder, table("acme", url, FOUR_EACH), ACME_KEY=SERVER_KEY, ROUNDTABLE_FAIR_SHARES="4")


def answer_to(workspace: Workspace, owner_id: str, *, own: bool = False, background: bool = False) -> Completion:
    request = ChatRequest([Message("user", "Hi")], "acme/small", waits=False, background=background)
    return asyncio.run(workspace.engine.answer(request, KEYS if own else {}, owner_id=owner_id))


def test_a_used_share_is_refused_with_what_to_do_and_others_go_on(tmp_path: Path, server: FaultyServer) -> None:
    workspace = shared_out(tmp_path, server.url("good"))
    errors = [answer_to(workspace, "ana").error for _ in range(8)]
    refused = errors[7]
    assert errors[:7] == [None] * 7, "four, and what the morning has lent"
    assert refused
    assert (refused.code, refused.sent, refused.failover) == ("share_used", False, True)
    assert refused.message.startswith("Your share of the requests that Acme allows today for small is 4: you have used")
    assert "Idle shares may be lent to you from" in refused.message
    assert "It resets at" in refused.message
    assert refused.retry_after_s
    assert answer_to(workspace, "ana", own=True).error is None
    assert answer_to(workspace, "ben").error is None


def test_a_batch_waits_for_idle_shares_and_not_for_the_next_day(tmp_path: Path, server: FaultyServer) -> None:
    workspace = shared_out(tmp_path, server.url("good"))
    errors = [answer_to(workspace, "ana", background=True).error for _ in range(8)]
    refused = next(error for error in errors if error)
    assert errors.index(refused) < 7, "it leaves something of what is lent"
    assert (refused.kind, refused.code) == ("rate_limited", "share_used")


def test_what_remains_is_the_share_before_it_is_used(tmp_path: Path, server: FaultyServer) -> None:
    workspace = shared_out(tmp_path, server.url("good"))
    (of_ana,) = workspace.of("ana").quota.price(["acme/small"], "Hi")
    assert of_ana.requests
    assert of_ana.requests.window.share
    assert of_ana.requests.window.share.size == 4
    assert of_ana.requests.window.remaining == of_ana.requests.window.share.available
    (own,) = workspace.of("ana", KEYS).quota.price(["acme/small"], "Hi")
    assert own.requests
    assert (own.requests.window.share, own.requests.window.remaining) == (None, 16)
    window = next(window for window in workspace.of("ana").quota.windows() if window.provider_id == "acme")
    assert (window.remaining, window.share is not None) == (16, True)


def test_without_the_option_nothing_is_shared_out(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), FOUR_EACH), ACME_KEY=SERVER_KEY)
    assert workspace.fair_shares.sharer("ana") is None
    window = next(window for window in workspace.of("ana").quota.windows() if window.provider_id == "acme")
    assert window.share is None


def test_weights_by_role_address_and_subject(tmp_path: Path) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", "http://127.0.0.1:9/v1"),
        ROUNDTABLE_FAIR_SHARES="20",
        ROUNDTABLE_FAIR_SHARE_WEIGHTS="admins=2 Ana@example.org=3",
        ROUNDTABLE_ADMINS="ben@example.org",
    )
    for name in ("ana", "ben", "cy"):
        directory.note(workspace.database, name, Account("https://id.example", name, name, f"{name}@example.org"))
    sharers = [workspace.fair_shares.sharer(name, background=True) for name in ("ana", "ben", "cy", "a visitor")]
    assert [sharer.weight for sharer in sharers if sharer] == [3, 2, 1, 1]
    assert sharers[0] == Sharer("ana", 20, 3, background=True)
    assert workspace.fair_shares.sharer(Owner("nightly-probe").id) is None


@pytest.mark.parametrize("weights", ["admins", "admins=0", "admins=101", "=2", "ana@example.org=1.5"])
def test_weights_that_cannot_be_read_are_refused_in_a_sentence(weights: str) -> None:
    with pytest.raises(Setup, match=r"ROUNDTABLE_FAIR_SHARE_WEIGHTS .*must be name=weight"):
        load(environ={"ROUNDTABLE_FAIR_SHARE_WEIGHTS": weights})
