"""The records of an import, typed: `conversation` takes the parts of one that fit, and counts the others.

    a dict in the shape of our own JSON (foreign formats translate into it) -> ImportedConversation | None

A message needs an id, a role and a text; without them it is left out, and its children move up. Of other things that do
not fit (an answer's numbers, a file, a vote, a setting) only that thing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, ValidationInfo, model_validator

from ...views.comparison import Kind as Verdict
from .. import tags
from ..rows import clean
from .fields import (
    FIRST,
    Flag,
    Id,
    MaybeMoment,
    MaybeName,
    MaybeWritten,
    Moment,
    Name,
    Record,
    Title,
    Written,
    each,
    fitting,
    maybe,
    place_of,
)
from .intake import RecordPlace
from .messages import ImportedMessage, in_order

MOST_SETTINGS = 50
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
SETTINGS: Mapping[str, TypeAdapter[Any]] = {
    "system": TypeAdapter(Written | None),
    "prompt": TypeAdapter(Written),
    "temperature": TypeAdapter(Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None),
    "top_p": TypeAdapter(Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None),
    "seed": TypeAdapter(Annotated[int, Field(ge=0, le=2**53)] | None),
    "max_output_tokens": TypeAdapter(Annotated[int, Field(ge=1, le=10_000_000)] | None),
    "effort": TypeAdapter(Literal["none", "low", "medium", "high"] | Annotated[int, Field(ge=0, le=10**9)] | None),
    "response_format": TypeAdapter(Literal["json", "schema"] | None),
    "schema_json": TypeAdapter(Written | None),
    "stop": TypeAdapter(Annotated[list[Name], Field(max_length=MOST_SETTINGS)] | None),
    "personal_data": TypeAdapter(Literal["mask", "send"] | None),
    **dict.fromkeys(("never_substitute", "reuse", "calculator", "blind", "revealed"), TypeAdapter(bool | None)),
}
OTHER: TypeAdapter[Any] = TypeAdapter(bool | Annotated[int, Field(ge=-(2**53), le=2**53)] | float | Name | None)


def _settings(value: Any, info: ValidationInfo) -> Mapping[str, Any]:
    """Each setting by its name; one that is not ours (of a later version) has any plain value."""
    place = place_of(info)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("is not an object")
    settings: dict[str, Any] = {}
    for name, wish in list(value.items())[:MOST_SETTINGS]:
        try:
            settings[name] = SETTINGS.get(name, OTHER).validate_python(wish, strict=True, context=place)
        except ValidationError as fault:
            place.within(f"“{name[:40]}”").leave("detail", fault)
    return settings


Settings = Annotated[Mapping[str, Any], BeforeValidator(_settings), maybe()]


class ImportedColumn(Record):
    """A lane of a comparison, or of a vote, by its conversation."""

    conversation_id: Id
    model_id: Name


class ImportedLane(ImportedColumn):
    """`wishes` holds the settings in which it differs from the comparison, `removed_at` when it was removed."""

    wishes: Settings = Field(default_factory=dict)
    removed_at: MaybeMoment = None


class RoundQuestion(Record):
    """The message of a round in one lane."""

    conversation_id: Id
    message_id: Id


class ImportedRound(Record):
    """One prompt of a comparison; `follows` names the lane whose conversation all continued."""

    prompt: Written
    created_at: Moment
    follows: Annotated[Id | None, maybe()] = None
    questions: Annotated[tuple[RoundQuestion, ...], each(RoundQuestion, "question")] = ()


class ImportedVote(Record):
    """One vote; `lanes` as they were shown, `place` the winner's among them: without one of them it says nothing."""

    turn: Number
    outcome: Literal["winner", "tie", "bad"]
    place: Number | None = None
    lanes: list[ImportedColumn] = Field(default_factory=list)
    blind: Flag = False
    topic: Annotated[Title, maybe()] = "other"
    at: Moment

    @model_validator(mode="after")
    def _names_its_winner(self) -> ImportedVote:
        if self.outcome == "winner" and (self.place is None or self.place >= len(self.lanes)):
            raise ValueError("names a winner that is no lane of it")
        return self


class ImportedVerdict(Record):
    """What a model was asked about a comparison: `answers` are messages of its lanes, in the order of their letters."""

    run_id: Id
    kind: Verdict
    model_id: Name
    answers: Annotated[list[Id], Field(min_length=1, max_length=26)]
    created_at: MaybeMoment = None


def _messages(values: Any, info: ValidationInfo) -> tuple[ImportedMessage, ...]:
    place = place_of(info)
    if values is None:
        return ()
    if not isinstance(values, list):
        raise ValueError("is not a list")
    read = (
        fitting(ImportedMessage, value, place, f"message {number}", "message") for number, value in enumerate(values, 1)
    )
    named = [(value.get("id"), value.get("parent_id")) for value in values if isinstance(value, dict)]
    above = {name: parent for name, parent in named if isinstance(name, str) and isinstance(parent, str | None)}
    return in_order([message for message in read if message], above, place)


def _tags(value: Any, info: ValidationInfo) -> tuple[str, ...]:
    """Those that are words; the others are left out."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError("is not a list")
    words = [word for word in value if isinstance(word, str)]
    if left := len(value) - len(words):
        place_of(info).within("“tags”").leave("detail", f" has {left} that are not text")
    return tuple(tags.named(words).values())


class ImportedConversation(Record):
    """A chat, a comparison, one lane of it or a model's verdict on it, its messages in the order they were written."""

    id: Id
    kind: Literal["chat", "comparison", "lane"] = "chat"
    title: Annotated[Title, maybe()] = ""
    title_by_person: Flag = False
    created_at: MaybeMoment = None
    updated_at: MaybeMoment = None
    messages: Annotated[tuple[ImportedMessage, ...], BeforeValidator(_messages)] = ()
    leaf_id: Annotated[Id | None, maybe()] = None
    pinned: Flag = False
    tags: Annotated[tuple[str, ...], BeforeValidator(_tags), maybe()] = ()
    system: MaybeWritten = None
    settings: Settings = Field(default_factory=dict)
    model_id: MaybeName = None
    options: Settings = Field(default_factory=dict)
    lanes: Annotated[tuple[ImportedLane, ...], each(ImportedLane, "lane")] = ()
    rounds: Annotated[tuple[ImportedRound, ...], each(ImportedRound, "round"), maybe()] = ()
    votes: Annotated[tuple[ImportedVote, ...], each(ImportedVote, "vote"), maybe()] = ()
    verdict: Annotated[ImportedVerdict | None, maybe()] = None

    @model_validator(mode="after")
    def _ends_in_a_message(self) -> ImportedConversation:
        if self.leaf_id not in {message.id for message in self.messages}:
            object.__setattr__(self, "leaf_id", self.messages[-1].id if self.messages else None)
        return self


def conversation(value: Any, place: RecordPlace) -> ImportedConversation | None:
    """The parts of one conversation that fit; None, counted as left out, where nothing does."""
    title = value.get("title") if isinstance(value, dict) else None
    if isinstance(title, str) and title:
        place = RecordPlace(f"{place.name} (“{clean(title[:40])}”)", place.left, place.most_chars)
    try:
        read = ImportedConversation.model_validate(clean(value), context=place)
    except ValidationError as fault:
        place.leave("conversation", fault)
        return None
    except RecursionError:
        place.leave("conversation", " is nested too deep")
        return None
    if value.get("messages") and not read.messages:
        place.leave("conversation", " has no message that can be read")
        return None
    return _dated(read)


def _dated(read: ImportedConversation) -> ImportedConversation:
    """Every date filled: a message without one has that of the message before, a conversation that of its first."""
    at = read.created_at or next((each.created_at for each in read.messages if each.created_at), FIRST)
    messages, last = [], at
    for message in read.messages:
        last = message.created_at or last
        messages.append(message if message.created_at else message.model_copy(update={"created_at": last}))
    dates = {"created_at": at, "updated_at": read.updated_at or max(last, at), "messages": tuple(messages)}
    return read.model_copy(update=dates)
