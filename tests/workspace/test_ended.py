"""The last day of a model, by a clock that stands still: from then on nobody asks it without being told.

The rows are the catalogue's own of Gemini, which end on 2026-12-01; only their address is a server on this computer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.errors import ModelEnded
from core.providers import lifecycle
from core.providers.catalog import load
from core.records import ChatRequest, Completion, Message, Model, Note, Provider
from core.views.batches import BatchPlan
from core.views.conversation import GenerationSettings
from core.workspace import Workspace
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import ME, answer, ended, until, workspace_of

OLD, PRO, NEW = "gemini/gemini-2.5-flash", "gemini/gemini-2.5-pro", "gemini/gemini-3.5-flash-lite"
KEYS = {"gemini": "gemini-0123456789abcdef"}
BEFORE = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
AFTER = datetime(2026, 12, 1, tzinfo=UTC)
GEMINI = load().providers["gemini"]


def at(when: datetime) -> Callable[[], datetime]:
    return lambda: when


@pytest.fixture
def gemini(tmp_path: Path, server: FaultyServer) -> Callable[..., Workspace]:
    """A workspace at an instant, with a key for Gemini."""
    table = f'[gemini]\nwire = "openai"\nauth = "bearer"\nbase_url = "{server.url("good")}"\nown = false\n'
    return lambda when, **options: workspace_of(tmp_path, table, now=at(when), **options)


def refused(completion: Completion) -> bool:
    """That it was told, with the successor, and nothing was sent."""
    error = completion.error
    assert isinstance(error, ModelEnded)
    assert error.code == NEW
    assert "gemini-2.5-flash ended on 2026-12-01" in error.message
    assert f"Its successor is {NEW}." in error.message
    return not completion.attempts[-1].sent and not completion.text


def test_on_the_day_before_it_answers(gemini: Callable[..., Workspace]) -> None:
    completion = answer(gemini(BEFORE), "r1", OLD, keys=KEYS)
    assert (completion.error, completion.model_id) == (None, OLD)


def test_a_chat_goes_on_with_the_successor_and_says_so(gemini: Callable[..., Workspace]) -> None:
    completion = answer(gemini(AFTER), "r1", OLD, keys=KEYS)
    assert (completion.error, completion.model_id) == (None, NEW)
    assert Note("failed_over", OLD) in completion.notes
    assert [(attempt.model_id, attempt.outcome, attempt.sent) for attempt in completion.attempts] == [
        (OLD, "model_ended", False),
        (NEW, "ok", True),
    ]


def test_a_chat_without_substitutes_is_told(gemini: Callable[..., Workspace], server: FaultyServer) -> None:
    workspace, calls = gemini(AFTER), server.calls["good"]
    never = GenerationSettings(never_substitute=True)
    workspace.of(ME, KEYS).chats.ask("r1", "Hi", OLD, generation=never)
    assert refused(ended(workspace, "r1"))
    assert server.calls["good"] == calls


def test_a_person_who_insists_is_obeyed(gemini: Callable[..., Workspace]) -> None:
    request = ChatRequest((Message("user", "Hi"),), OLD, insist=True)
    assert gemini(AFTER).engine.prepare(request, KEYS).forbidden is None


def test_a_comparison_tells_it_in_its_lane(gemini: Callable[..., Workspace]) -> None:
    workspace = gemini(AFTER)
    person = workspace.of(ME, KEYS)
    run_id = person.comparisons.start("c1", "Hi", [OLD, "gemini/gemini-3.8-flash"])
    until(lambda: not person.comparisons.get(run_id).running())
    lanes = person.comparisons.get(run_id).lanes
    failed, other = (ended(workspace, lane.turns[-1].request_id) for lane in lanes)
    assert refused(failed)
    assert (other.error, other.model_id) == (None, "gemini/gemini-3.8-flash")


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_auto_leaves_it_by_itself(gemini: Callable[..., Workspace], when: datetime) -> None:
    workspace = gemini(when)
    for size in ("small", "big"):
        request = ChatRequest((Message("user", "Hi"),), f"auto/{size}")
        ids = [choice.model.id for choice in workspace.engine.router.route(request, KEYS, ME).models]
        assert ids
        assert ({OLD, PRO} <= {*ids}) == (when == BEFORE)


def test_a_batch_skips_its_rows_and_says_why(gemini: Callable[..., Workspace], server: FaultyServer) -> None:
    workspace, calls = gemini(AFTER), server.calls["good"]
    batches = workspace.of(ME, KEYS).batches
    batch_id = batches.start("b1", BatchPlan("mine", (OLD, NEW), [("one", None), ("two", None)]))
    until(lambda: not batches.get(batch_id).carried)
    items = [row.items[0] for row in batches.page(batch_id)]
    assert {item.error_kind for item in items} == {"model_ended"}
    assert all(f"Its successor is {NEW}." in item.error for item in items)
    assert server.calls["good"] == calls + 2


def test_a_default_that_has_ended_is_its_successor(gemini: Callable[..., Workspace]) -> None:
    request = ChatRequest((Message("user", "Hi"),))
    models = {
        when: gemini(when, ROUNDTABLE_DEFAULT_MODEL=OLD).engine.prepare(request, KEYS).model.id
        for when in (BEFORE, AFTER)
    }
    assert models == {BEFORE: OLD, AFTER: NEW}


def test_whoever_stands_in_never_is_one_that_has_ended(gemini: Callable[..., Workspace]) -> None:
    directory = gemini(AFTER).engine.directory
    assert not {OLD, PRO} & {choice.model.id for choice in directory.choices(KEYS)}
    assert {OLD, PRO} <= {choice.model.id for choice in gemini(BEFORE).engine.directory.choices(KEYS)}


def row(name: str, provider: Provider = GEMINI) -> Model:
    return next(model for model in provider.models if model.name == name)


@pytest.mark.parametrize(
    ("when", "remaining"),
    [
        (datetime(2026, 11, 28, 12, tzinfo=UTC), 3),
        (datetime(2026, 11, 30, 1, tzinfo=UTC), 1),
        (BEFORE, 1),
        (AFTER, 0),
        (datetime(2027, 5, 1, tzinfo=UTC), 0),
    ],
)
def test_days_that_are_left(when: datetime, remaining: int) -> None:
    assert lifecycle.days_left(row("gemini-2.5-flash"), GEMINI, when) == remaining
    assert lifecycle.days_left(row("gemini-3.8-flash"), GEMINI, when) is None


def test_the_day_begins_with_the_first_of_utc_and_the_providers_zone() -> None:
    zhipu = load().providers["zhipu"]
    flash = row("glm-4.5-flash", zhipu)
    assert flash.ends_on == date(2026, 1, 30)
    assert lifecycle.has_ended(flash, zhipu, datetime(2026, 1, 29, 16, tzinfo=UTC))
    assert not lifecycle.has_ended(flash, zhipu, datetime(2026, 1, 29, 15, 59, tzinfo=UTC))
    assert lifecycle.has_ended(row("gemini-2.5-flash"), GEMINI, AFTER)


def test_nothing_that_has_ended_is_named_first() -> None:
    now = datetime(2026, 12, 2, tzinfo=UTC)
    for provider in load().providers.values():
        offered = [model for model in provider.models if lifecycle.is_offered(model, provider, now)]
        assert not offered or offered[0].ends_on is None, provider.id
        for model in provider.models:
            other = lifecycle.successor(model, provider)
            assert other is None or lifecycle.is_offered(other, provider, now), model.id
