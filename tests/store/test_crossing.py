"""Every id of one person in the hands of another: on every method of a person and every function of the store, on both
databases.

What is called is not listed here but found: a new method is called with what `VALUES` has for its parameters, and one
with a parameter that nobody knows fails the test until somebody says what it takes.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import core.store
from core.assemble import build
from core.config import load
from core.errors import BlockedInput
from core.records import ChatRequest, Completion, Finish, Message, Routing, Timing
from core.safety.screening import Alarm
from core.store import StoreError
from core.store.batches.carrying import Wish
from core.store.opening import open_database
from core.views.batches import BatchPlan
from core.views.conversation import GenerationSettings, PendingQuestion
from core.views.model_equality import EqualityCheck
from core.views.people import Account
from core.workspace import Person, Workspace
from tests.crossing import (
    QUICK,
    STEADY,
    Belongings,
    belongings,
    changed,
    everything_in,
    ids_of,
    readings,
    rows_of,
    variants,
    word_of,
)

ANA, BEN = "ana", "ben"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ENDED = Completion(QUICK, "an answer", "", None, Finish("stop"), Timing(NOW))
ROUTING = Routing("small", "small", difficulty=0.5)
Value = Callable[[Belongings], Any]

# What a parameter takes, by its name, by "part.parameter" or by "part.method.parameter" where the name says too little.
VALUES: dict[str, Value] = {
    # ids, and what holds some
    "about": lambda own: list(own.link.answers),
    "answer_id": lambda own: own.turn.answer_id,
    "answers": lambda own: list(own.link.answers),
    "at": lambda own: own.view.turns[0].answer_id,
    "batch": lambda own: own.batch,
    "batch_id": lambda own: own.batch.id,
    "comparison": lambda own: own.comparison,
    "conversation_id": lambda own: own.view.id,
    "entry_id": lambda own: own.view.id,
    "follows": lambda own: own.lane.id,
    "ids": lambda own: [own.view.id, own.comparison.id],
    "lane": lambda own: own.lane,
    "lanes": lambda own: [(lane.id, lane.model_id) for lane in own.comparison.lanes],
    "leaf_id": lambda own: own.turn.answer_id,
    "links": lambda own: [own.link],
    "message_id": lambda own: own.turn.answer_id,
    "move_id": lambda own: own.move_id,
    "opinion": lambda own: own.opinion,
    "parent_id": lambda own: own.turn.answer_id,
    "questions": lambda own: {own.lane.id: own.lane.turns[0].question_id},
    "request_id": lambda own: own.turn.request_id,
    "run_id": lambda own: own.comparison.id,
    "run_ids": lambda own: [own.comparison.id],
    "source_id": lambda own: own.view.id,
    "target_id": lambda own: own.lane.id,
    "turn": lambda own: own.turn,
    "turns": lambda own: own.view.turns,
    "view": lambda own: own.view,
    "waiting": lambda own: PendingQuestion("Go on", own.turn.request_id, own.turn.answer_id),
    "chosen": lambda own: own.series,
    "comparisons.turn": lambda own: own.lane.turns[-1],
    "conversations.after": lambda own: own.view.id,
    "rehearsals.batch": lambda own: own.rehearsal,
    "routing_feedback.message_id": lambda own: own.routed.answer_id,
    "routing_feedback.conversation_id": lambda own: own.view.id,
    "routed_answers.message_id": lambda own: own.routed.answer_id,
    "batches.reveal.batch_id": lambda own: own.rehearsal.id,
    "batches.making.reveal.batch_id": lambda own: own.rehearsal.id,
    "batches.first": lambda own: 0,
    "batches.start.plan": lambda own: BatchPlan("", [STEADY], [("Hi", None)], past=[own.past]),
    "batches.making.create.plan": lambda own: BatchPlan("", [STEADY], [("Hi", None)], past=[own.past]),
    "branch.source_id": lambda own: own.lane.id,
    "rounds.branch.leaf_id": lambda own: own.lane.turns[-1].answer_id,
    "rounds.branch.source_id": lambda own: own.lane.id,
    "rounds.branch.target_id": lambda own: own.comparison.lanes[1].id,
    "runs.conversation_id": lambda own: own.lane.id,
    "scheduled.begin.request_id": lambda own: "ben-new",
    "scheduled.request_id": lambda own: own.scheduled_request_id,
    "scheduled.making.request_id": lambda own: own.scheduled_request_id,
    "scheduled.carrying.request_id": lambda own: own.scheduled_request_id,
    "scheduled.scheduled": lambda own: own.scheduled_request_id,
    "settings.get.key": lambda own: f"next:{own.view.id}",
    "settings.put.key": lambda own: f"next:{own.view.id}",
    "transfers.name": lambda own: own.upload_name,
    "verdicts.conversation_id": lambda own: own.link.conversation_id,
    "verdicts.fork.answer_id": lambda own: own.opinion.view.turns[-1].answer_id,
    "votes.turn": lambda own: 1,
    "votes.ballots.turn": lambda own: 1,
    # no ids
    "alarmed": lambda own: Alarm(),
    "above": lambda own: [],
    "account": lambda own: Account("issuer", "subject", "Ben", ""),
    "allowed": lambda own: True,
    "asks": lambda own: [],
    "check": lambda own: EqualityCheck("ben-new-check", "family", NOW, 1, ()),
    "choice": lambda own: 1,
    "choices": lambda own: {},
    "completion": lambda own: ENDED,
    "consent": lambda own: "may_leave",
    "counts": lambda own: False,
    "data": lambda own: b'{"format": "roundtable", "version": 1, "conversations": []}',
    "decision": lambda own: "ask",
    "family": lambda own: "one word",
    "file_name": lambda own: "file.json",
    "first": lambda own: date(2026, 1, 1),
    "form": lambda own: "json",
    "from_model_id": lambda own: "sim/slow",
    "generation": lambda own: GenerationSettings(),
    "input_tokens": lambda own: 3,
    "key": lambda own: "key",
    "kept_for": lambda own: timedelta(days=1),
    "kind": lambda own: "judge",
    "last": lambda own: date(2026, 1, 2),
    "limit": lambda own: 10,
    "messages": lambda own: "Hi",
    "metric": lambda own: 1,
    "metrics": lambda own: [1, 2, 3, 4],
    "model_id": lambda own: QUICK,
    "model_ids": lambda own: [QUICK, STEADY],
    "most": lambda own: 10,
    "n": lambda own: 1,
    "not_before": lambda own: None,
    "measurements.now": lambda own: datetime.now(UTC),
    "nightly_measurements.now": lambda own: datetime.now(UTC),
    "now_us": lambda own: 1,
    "number": lambda own: 1,
    "owner_process": lambda own: "here/1/a",
    "pinned": lambda own: True,
    "place": lambda own: 0,
    "places": lambda own: [0],
    "process": lambda own: "here/1/a",
    "prompt": lambda own: "Hi",
    "proof": lambda own: "proof",
    "provider_id": lambda own: "groq",
    "provider_ids": lambda own: ["groq"],
    "query": lambda own: word_of(ANA),
    "question": lambda own: "Hi",
    "request": lambda own: ChatRequest([Message("user", "Hi")], QUICK),
    "role": lambda own: "",
    "rows": lambda own: 1,
    "routing": lambda own: ROUTING,
    "since": lambda own: None,
    "size": lambda own: 100,
    "start": lambda own: 0,
    "starts": lambda own: [NOW],
    "state": lambda own: "done",
    "text": lambda own: "Hi",
    "title": lambda own: "Hi",
    "to_model_id": lambda own: STEADY,
    "topic": lambda own: "facts",
    "total_bytes": lambda own: 100,
    "value": lambda own: None,
    "verdict": lambda own: "big",
    "wait_us": lambda own: 1,
    "wish": lambda own: Wish(),
    "wishes": lambda own: {},
    "words": lambda own: word_of(ANA),
    "writers": lambda own: [QUICK],
    "zone": lambda own: UTC,
    "answered_runs.answers": lambda own: [ENDED],
    "batches.reading.sums.since": lambda own: NOW,
    "equality_checks.questions": lambda own: 1,
    "calls.since": lambda own: NOW,
    "quota.since": lambda own: NOW,
    "imports.name": lambda own: "file.json",
    "imports.progress.name": lambda own: "file.json",
    "rehearsals.turn": lambda own: 1,
    "routed_answers.chosen": lambda own: {"tier": "big", "difficulty": 0.5, "by_difficulty": True},
    "turns.finish.chosen": lambda own: None,
    "meter_id": lambda own: "meter",
}  # fmt: skip
# Optional parameters that hold no id and are left as they are.
LEFT_OUT = {
    "apart", "at_most", "attempts", "blind", "cached", "changes", "clock", "count_hit", "creative", "default", "files",
    "held_s", "how", "insist", "largest_bytes", "later", "max_output_tokens", "now", "oldest_s", "options", "own", "pasted",
    "prepared", "probe", "reuse", "say", "settings", "share_bytes", "shared", "sleep", "source", "system", "version",
    "which", "without",
}  # fmt: skip
ASIDE = {
    "history.erase_everything": "it ends all that the others need; its own test is tests/store/test_erasure.py",
    "erasure.begin": "the same",
    "equality_checks.start": "it asks models, and takes no id",
    "probes.start": "it asks models, and takes no id",
    "nightly.tick": "for everybody, and takes no id",
    "faq.approve": "administrators' alone, and checked where they act: tests/pages/test_faq.py",
    "faq.approved": "the same",
    "faq.mark": "the same",
    "faq.proposed": "the same",
    "faq.reject": "the same",
    "faq.unmark": "the same",
    "imports.showing.show": "the end of `imports.load.load`, which is called",
    "imports.progress.begin": "the beginning of `imports.load.load`, which is called",
    "imports.load.load_file": "as `imports.load.load`",
    "scheduled.lacks_key": "looks at its argument alone",
    "people.directory.set_role": "administrators' alone, and checked where they act",
}
# Methods that return something for another's ids alone: what it is then.
OWN = {
    "calls.add": "a row of one's own in the log, which names a chat that is not there",
    "chats.ask": "a question of one's own that has another's request id is one's own",
    "chats.hold": "the view that was handed in, held for its owner",
    "chats.live": "the view that was handed in",
    "turns.question_values": "the values that were handed in",
}


def parts(workspace: Workspace, owner_id: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public method of a person, by part and name."""
    for name, value in vars(Person).items():
        getter = (
            value.func if isinstance(value, cached_property) else value.fget if isinstance(value, property) else None
        )
        if getter is None or name.startswith("_"):
            continue
        kind = typing.get_type_hints(getter)["return"]
        for method, _ in inspect.getmembers(kind, inspect.isfunction):
            if not method.startswith("_"):
                yield f"{name}.{method}", _Bound(workspace, owner_id, name, method)


class _Bound:
    """A method of a person who is made anew for each call."""

    def __init__(self, workspace: Workspace, owner_id: str, part: str, method: str) -> None:
        self._where = workspace, owner_id, part, method
        self.__signature__ = inspect.signature(getattr(getattr(workspace.of(owner_id), part), method))

    def __call__(self, **arguments: Any) -> Any:
        workspace, owner_id, part, method = self._where
        return getattr(getattr(workspace.of(owner_id), part), method)(**arguments)


def functions(workspace: Workspace, owner_id: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the store that is told an owner."""
    for module in pkgutil.walk_packages(core.store.__path__, "core.store."):
        if ".migrations" in module.name:
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            if name.startswith("_") or getattr(function, "__module__", "") != module.name:
                continue
            if inspect.isfunction(function) and {"database", "owner_id"} <= set(inspect.signature(function).parameters):
                yield f"{module.name.removeprefix('core.store.')}.{name}", _Told(function, workspace, owner_id)


class _Told:
    """A function of the store with its database and owner."""

    def __init__(self, function: Callable[..., Any], workspace: Workspace, owner_id: str) -> None:
        self._function, self._first = function, {"database": workspace.database, "owner_id": owner_id}
        signature = inspect.signature(function)
        left = [each for name, each in signature.parameters.items() if name not in self._first]
        self.__signature__ = signature.replace(parameters=left)

    def __call__(self, **arguments: Any) -> Any:
        return self._function(**self._first, **arguments)


def arguments_of(name: str, function: Callable[..., Any], own: Belongings) -> dict[str, Any]:
    """What the method is called with; fails for a parameter that nobody knows."""
    arguments: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters:
        words = name.split(".")
        keys = [f"{'.'.join(words[:length])}.{parameter}" for length in range(len(words), 0, -1)] + [parameter]
        value = next((VALUES[key] for key in keys if key in VALUES), None)
        if value is None:
            assert parameter in LEFT_OUT, f"{name}: what does `{parameter}` take? Say it in VALUES, or in LEFT_OUT"
        else:
            arguments[parameter] = value(own)
    return arguments


def outcome(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """What it returns, read to its end; None where it refuses."""
    try:
        value = function(**arguments)
        return (everything_in(value), value) if value else None
    except (StoreError, BlockedInput, ValueError):
        return None


def is_nothing(result: Any) -> bool:
    return result is None or getattr(result[1], "by_model", True) == {}


@pytest.fixture
def workspace(url: str | None, tmp_path: Path) -> Iterator[Workspace]:
    options = {"ROUNDTABLE_SIMULATOR_SPEED": "100000", "ROUNDTABLE_LOCAL_SERVERS": "false"}
    engine = build(load(environ=options, secrets={}, folder=tmp_path), folder=tmp_path)
    workspace = Workspace(engine, open_database(url, tmp_path / "data"))
    workspace.begin_work()
    yield workspace
    workspace.close()


def test_another_persons_ids_open_nothing_and_change_nothing(workspace: Workspace) -> None:
    ana = belongings(workspace, ANA)
    before = rows_of(workspace.database)
    reads = readings(workspace, ana)
    ben = belongings(workspace, BEN)
    ids, calls = ids_of(ben, ana), 0
    for name, function in (*parts(workspace, BEN), *functions(workspace, BEN)):
        if name in ASIDE:
            continue
        own = arguments_of(name, function, ben)
        for place, arguments in enumerate(variants(own, ids) or [own]):
            result = outcome(function, arguments)
            calls += 1
            assert result is None or ana.word not in result[0], f"{name} tells of another's {arguments}"
            if place == 0 and arguments != own and name not in OWN:
                assert is_nothing(result), f"{name} answers to another's ids: {result}"
        assert changed(before, rows_of(workspace.database)) == [], name
    assert readings(workspace, ana) == reads
    assert calls > 300
