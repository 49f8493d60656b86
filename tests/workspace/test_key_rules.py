"""What a person may use of the server's keys: which models, and how much in a day. Pasted keys are free of both."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.records import NIGHTLY, ChatRequest, Completion, Message, PersonalKeys
from core.views.people import KeyRule, PersonRule
from core.workspace import Workspace
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, answer, model, per, settled, table, until, workspace_of

SHARED: dict[str, Any] = {"ACME_KEY": "acme-shared-0123456789", "BOLT_KEY": "bolt-shared-0123456789"}
TWO = f"{model('small')}, {model('big', 'big')}"


def completion_of(workspace: Workspace, model_id: str, owner_id: str = ME, keys: object = None) -> Completion:
    """What a batch, a scheduled question or a probe gets: none of them has the person's page."""
    request = ChatRequest([Message("user", "Hi")], model_id=model_id)
    return asyncio.run(workspace.engine.answer(request, keys or {}, owner_id))  # type: ignore[arg-type]


@pytest.fixture
def workspace(tmp_path: Path, server: FaultyServer) -> Workspace:
    acme = table("acme", server.url("good"), models=TWO)
    return workspace_of(tmp_path, acme, table("bolt", server.url("good")), **SHARED)


def only(*models: str) -> PersonRule:
    return PersonRule("", KeyRule(models=models))


def test_a_model_that_a_person_may_not_use_is_not_sent(workspace: Workspace, server: FaultyServer) -> None:
    workspace.key_rules.set_person(ME, only("acme/small"))
    before = server.calls["good"]
    for model_id in ("acme/big", "acme/typed-by-hand", "bolt/small"):
        error = completion_of(workspace, model_id).error
        assert error is not None
        assert error.kind in ("setup", "missing_key")
    assert server.calls["good"] == before
    assert completion_of(workspace, "acme/small").error is None
    assert completion_of(workspace, "acme/big", keys=KEYS).error is None
    assert completion_of(workspace, "acme/big", "somebody else").error is None


def test_nobody_else_and_auto_get_around_it(workspace: Workspace) -> None:
    workspace.key_rules.set_group("trainees", KeyRule(models=("bolt/*",)))
    workspace.key_rules.set_person(ME, PersonRule("trainees"))
    assert completion_of(workspace, "auto").model_id == "bolt/small"
    request = ChatRequest([Message("user", "Hi")], model_id="acme/small", substitute=True)
    others = workspace.engine.prepare(request, PersonalKeys(models=("*/*",)), ME).keys
    assert isinstance(others, PersonalKeys)
    assert others.models == ("bolt/*",)  # whatever a page believes
    choices = workspace.engine.directory.choices(others)
    assert {choice.provider.id for choice in choices} & {"acme", "bolt"} == {"bolt"}


def test_a_rule_may_allow_more_than_the_option(tmp_path: Path, server: FaultyServer) -> None:
    options = {**SHARED, "ROUNDTABLE_SHARED_KEY_MODELS": "bolt/*"}
    workspace = workspace_of(tmp_path, table("acme", server.url("good")), **options)
    assert completion_of(workspace, "acme/small").error is not None
    workspace.key_rules.set_person(ME, only("acme/*"))
    assert completion_of(workspace, "acme/small").error is None


def test_a_day_is_used_up_and_a_key_of_ones_own_goes_on(tmp_path: Path, server: FaultyServer) -> None:
    acme, bolt = table("acme", server.url("good"), per("requests", "day", 100)), table("bolt", server.url("good"))
    workspace = workspace_of(tmp_path, acme, bolt, **SHARED, ROUNDTABLE_PERSON_REQUESTS_PER_DAY="1")
    before = server.calls["good"]
    assert answer(workspace, "r1", "acme/small", keys={}).error is None
    until(lambda: settled(workspace))
    for request_id, model_id in (("r2", "acme/small"), ("r3", "bolt/small")):  # one day for all providers
        error = answer(workspace, request_id, model_id, keys={}).error
        assert error is not None
        assert (error.kind, error.code, error.sent) == ("quota_spent", "daily_limit", False)
        assert error.message.startswith("You have none of 1 requests left today with this server's keys. It resets at ")
        assert error.message.endswith("A key of your own has no such limit. Nothing was sent.")
        assert error.retry_after_s
    assert server.calls["good"] == before + 1
    assert answer(workspace, "r4", "acme/small").error is None
    (left,) = workspace.of(ME).quota.day()
    assert (left.used, left.remaining) == (1, 0)
    (need,) = workspace.of(ME).quota.day_needs(["acme/small", "bolt/small"], "Hi")
    assert (need.state, need.needed) == ("over", 2)
    assert workspace.of(ME, KEYS).quota.day_needs(["acme/small"], "Hi") == ()
    assert completion_of(workspace, "acme/small", "somebody else").error is None
    workspace.key_rules.set_person(ME, PersonRule("", KeyRule(requests=2)))
    assert completion_of(workspace, "acme/small").error is None


def test_an_insistent_person_gets_no_more(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("good")), **SHARED, ROUNDTABLE_PERSON_TOKENS_PER_DAY="10"
    )
    request = ChatRequest([Message("user", "Hi")], model_id="acme/small", insist=True)
    error = asyncio.run(workspace.engine.answer(request, {}, ME)).error
    assert error is not None
    assert (error.code, error.retry_after_s) == ("daily_limit", None)  # waiting does not help
    assert error.oversize is None


def test_a_comparison_gets_what_is_left_of_the_day(tmp_path: Path, server: FaultyServer) -> None:
    acme, bolt = table("acme", server.url("good")), table("bolt", server.url("good"))
    workspace = workspace_of(tmp_path, acme, bolt, **SHARED, ROUNDTABLE_PERSON_REQUESTS_PER_DAY="1")
    questions = [
        workspace.engine.prepare(ChatRequest([Message("user", "Hi")], model_id=model_id, request_id=model_id), {}, ME)
        for model_id in ("acme/small", "bolt/small")
    ]
    workspace.admission_control.reserve(questions)
    (left,) = workspace.of(ME).quota.day()
    assert (left.reserved, left.remaining) == (1, 0)


def test_the_nightly_probe_has_limits_of_its_own(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("good")), **SHARED, ROUNDTABLE_PERSON_REQUESTS_PER_DAY="0"
    )
    assert completion_of(workspace, "acme/small", NIGHTLY.id).error is None
    assert completion_of(workspace, "acme/small").error is not None


def test_auto_passes_over_what_the_day_has_no_room_for(tmp_path: Path, server: FaultyServer) -> None:
    acme, bolt = table("acme", server.url("good")), table("bolt", server.url("good"))
    workspace = workspace_of(tmp_path, acme, bolt, **SHARED, ROUNDTABLE_PERSON_REQUESTS_PER_DAY="0")
    completion = completion_of(workspace, "auto", keys={"bolt": KEYS["bolt"]})
    assert (completion.error, completion.model_id) == (None, "bolt/small")


def test_a_change_elsewhere_is_known_after_some_seconds(workspace: Workspace) -> None:
    rules = workspace.key_rules
    clock = [0.0]
    rules._clock = lambda: clock[0]
    assert rules.of(ME) == KeyRule()
    from core.store.people import key_rules as rows

    rows.set_person(workspace.database, ME, PersonRule("", KeyRule(usd=Decimal("0.5"))))
    assert rules.is_known(ME)
    assert rules.of(ME) == KeyRule()
    clock[0] = 6.0
    assert rules.of(ME) == KeyRule(usd=Decimal("0.5"))
