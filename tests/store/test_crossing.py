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
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import core.store
from core.assemble import build
from core.errors import BlockedInput
from core.options import load
from core.store import NotFound, StoreError
from core.store.opening import open_database
from core.views.batches import Sum
from core.views.latency import Bands
from core.workspace import Person, Workspace
from tests.crossing import (
    Belongings,
    belongings,
    changed,
    everything_in,
    ids_of,
    readings,
    rows_of,
    variants,
)
from tests.store.crossing_values import ANA, ASIDE, BEN, LEFT_OUT, OWN, VALUES, WITHOUT_OWNER


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
    for name, function in store_functions():
        if "owner_id" in inspect.signature(function).parameters:
            yield name, _Told(function, workspace, owner_id)


def store_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the store that works on a database."""
    for module in pkgutil.walk_packages(core.store.__path__, "core.store."):
        if ".migrations" in module.name:
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            if name.startswith("_") or getattr(function, "__module__", "") != module.name:
                continue
            if inspect.isfunction(function) and "database" in inspect.signature(function).parameters:
                yield f"{module.name.removeprefix('core.store.')}.{name}", function


class _Told:
    """A function of the store with its database and owner."""

    def __init__(self, function: Callable[..., Any], workspace: Workspace, owner_id: str) -> None:
        self._function, self._first = function, {"database": workspace.database, "owner_id": owner_id}
        signature = inspect.signature(function)
        left = [each for name, each in signature.parameters.items() if name not in self._first]
        self.__signature__ = signature.replace(parameters=left)

    def __call__(self, **arguments: Any) -> Any:
        return self._function(**self._first, **arguments)


def every_call(workspace: Workspace, owner_id: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    yield from parts(workspace, owner_id)
    yield from functions(workspace, owner_id)


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


def outcome(function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """All that it tells, "" where it refuses or has nothing."""
    try:
        value = function(**arguments)
        words = everything_in(value) if value else ""
    except (StoreError, BlockedInput, ValueError):
        return ""
    if isinstance(value, Bands):
        return repr(value.by_model) if value.by_model else ""
    if isinstance(value, list) and all(isinstance(each, Sum) and not each.done for each in value):
        return ""
    return words


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
    before, reads = rows_of(workspace.database), readings(workspace, ana)
    ben = belongings(workspace, BEN)
    ids = ids_of(ben, ana)
    calls = [(name, function) for name, function in every_call(workspace, BEN) if name not in ASIDE]
    calls.sort(key=lambda call: call[0] in OWN)
    for name, function in calls:  # with nothing but her ids
        own = arguments_of(name, function, ben)
        arguments, *_ = [*variants(own, ids), own]
        words = outcome(function, arguments)
        assert ana.word not in words, f"{name} tells of another's"
        assert not words or arguments == own or name in OWN, f"{name} answers to another's ids: {words}"
        assert changed(before, rows_of(workspace.database)) == [], name
    for name, function in calls:  # with one of her ids among his own
        for arguments in variants(arguments_of(name, function, ben), ids)[1:]:
            assert ana.word not in outcome(function, arguments), f"{name} tells of another's"
        assert changed(before, rows_of(workspace.database)) == [], name
    assert readings(workspace, ana) == reads


@pytest.mark.parametrize("url", [None])
def test_the_same_calls_reach_what_is_ones_own(workspace: Workspace) -> None:
    """Otherwise the test above would pass whatever it asked for."""
    ben = belongings(workspace, BEN)
    refused = set()
    for name, function in every_call(workspace, BEN):
        if name in ASIDE or name.endswith(".remove"):
            continue
        try:
            value = function(**arguments_of(name, function, ben))
            everything_in(value)
        except NotFound:
            refused.add(name)
    assert refused == {"transfers.look", "transfers.start_import"}  # the file that is on its way has not arrived


def test_who_takes_an_id_without_an_owner_says_why() -> None:
    def takes_id(parameters: Iterable[str]) -> bool:
        ids = {name for name in parameters if name == "ids" or name.endswith(("_id", "_ids"))}
        return bool(ids - {"model_id", "model_ids", "provider_id", "admin_id"}) and "owner_id" not in ids

    named = {name for name, function in store_functions() if takes_id(inspect.signature(function).parameters)}
    assert named == set(WITHOUT_OWNER)
