"""What a person keeps besides conversations and batches, in our own JSON: prompts, line-ups, settings, checks of one
model at several hosts.

    "prompts": [{"title": "…", "text": "…", "from_file": false}], "line_ups": [{"name": "…", "model_ids": […]}],
    "settings": [{"key": "last_model", "value": "…"}], "checks": [{"id": "…", "family": "…", …}]

Only settings that mean the same everywhere are in it: a consent, a choice of keys or a passcode holds where it was
given.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from ...safety.injection import hints_in
from ...views.model_equality import CheckedHost, hosts_of_json
from ...views.prompts import LibraryPrompt
from .. import prompt_files
from ..equality_checks import equality_checks
from ..line_ups import line_ups, named
from ..prompts import prompts
from ..rows import clean
from ..tables import settings
from .answers import Small
from .fields import Id, Moment, Name, Record, fitting
from .intake import RecordPlace

MOST = {"prompts": 1000, "line_ups": 100, "settings": 20, "checks": 200}
LISTS, WORDS = ("favourite_models", "closed_tips"), ("last_model", "speech_model")
MOST_LISTED = 100
HOSTS: TypeAdapter[list[CheckedHost]] = TypeAdapter(Annotated[list[CheckedHost], Field(max_length=50)])
PLACES = {"prompts": "Prompt", "line_ups": "Line-up", "settings": "Setting", "checks": "Check"}


def pieces(connection: Connection, owner_id: str) -> Iterator[str]:
    """These members of the file as text; none for what there is nothing of."""
    for name, rows in (
        ("prompts", _prompts(connection, owner_id)),
        ("line_ups", _line_ups(connection, owner_id)),
        ("settings", _settings(connection, owner_id)),
        ("checks", _checks(connection, owner_id)),
    ):
        if listed := [json.dumps(row, ensure_ascii=False) for row in rows]:
            yield f', "{name}": [\n' + ",\n".join(listed) + "\n]"


def _prompts(connection: Connection, owner_id: str) -> Iterable[dict[str, Any]]:
    c = prompts.c
    columns = (c.title, c.text, c.system, c.defaults, c.from_file)
    query = select(*columns).where(c.owner_id == owner_id).order_by(c.created_at, c.id)
    return (dict(row._mapping) for row in connection.execute(query))


def _line_ups(connection: Connection, owner_id: str) -> Iterable[dict[str, Any]]:
    c = line_ups.c
    query = select(c.name, c.model_ids).where(c.owner_id == owner_id).order_by(c.created_at, c.id)
    return (dict(row._mapping) for row in connection.execute(query))


def _settings(connection: Connection, owner_id: str) -> Iterable[dict[str, Any]]:
    c = settings.c
    query = select(c.key, c.value).where(c.owner_id == owner_id, c.key.in_([*LISTS, *WORDS])).order_by(c.key)
    return (dict(row._mapping) for row in connection.execute(query))


def _checks(connection: Connection, owner_id: str) -> Iterable[dict[str, Any]]:
    c = equality_checks.c
    query = select(c.id, c.family, c.at, c.questions, c.hosts).where(c.owner_id == owner_id).order_by(c.at, c.id)
    return ({**row._mapping, "at": row.at.isoformat()} for row in connection.execute(query))


class ImportedLineUp(Record):
    name: Annotated[Name, AfterValidator(named), Field(min_length=1)]
    model_ids: Annotated[list[Name], Field(min_length=1, max_length=50)]


class ListSetting(Record):
    key: Literal["favourite_models", "closed_tips"]
    value: Annotated[list[Name], Field(max_length=MOST_LISTED)]


class WordSetting(Record):
    key: Literal["last_model", "speech_model"]
    value: Name


def _hosts(value: Any) -> list[CheckedHost]:
    try:
        return HOSTS.validate_python(hosts_of_json(value))
    except (ValidationError, TypeError, AttributeError):
        raise ValueError("are no hosts of a check") from None


class ImportedCheck(Record):
    id: Id
    family: Name
    at: Moment
    questions: Small
    hosts: Annotated[list[CheckedHost], BeforeValidator(_hosts)]


class ArrivingLibrary:
    """Collects what fits of these members; all of it is small enough to wait in memory for the end of the file."""

    def __init__(self) -> None:
        self.prompts: list[LibraryPrompt] = []
        self.line_ups: list[ImportedLineUp] = []
        self.settings: list[ListSetting | WordSetting] = []
        self.checks: list[ImportedCheck] = []
        self._seen = dict.fromkeys(MOST, 0)

    def add(self, name: str, value: Any, place: RecordPlace) -> bool:
        """Take an item of the member `name`; False, and it is counted as left out, where it does not fit."""
        self._seen[name] += 1
        number = self._seen[name]
        place = RecordPlace(f"{PLACES[name]} {number}", place.left, place.most_chars)
        if number > MOST[name]:
            place.leave("detail", " is one too many")
            return False
        try:
            return self._add(name, clean(value), place)
        except RecursionError:
            place.leave("detail", " is nested too deep")
            return False

    def _add(self, name: str, value: Any, place: RecordPlace) -> bool:
        match name:
            case "prompts":
                return _took(self.prompts, _prompt(value, place))
            case "line_ups":
                return _took(self.line_ups, fitting(ImportedLineUp, value, place, "", "detail"))
            case "checks":
                return _took(self.checks, fitting(ImportedCheck, value, place, "", "detail"))
        kind = ListSetting if isinstance(value, dict) and value.get("key") in LISTS else WordSetting
        return _took(self.settings, fitting(kind, value, place, "", "detail"))


def _took(into: list[Any], record: Any) -> bool:
    if record is not None:
        into.append(record)
    return record is not None


def _prompt(value: Any, place: RecordPlace) -> LibraryPrompt | None:
    if misfit := prompt_files.fault(value):
        place.leave("detail", f": “{misfit}” does not fit")
        return None
    prompt = prompt_files.prompt_of(value)
    is_own = value.get("from_file") is False and not hints_in(f"{prompt.text}\n{prompt.system}")
    return replace(prompt, from_file=not is_own)
