"""Types of the fields of imported records: strict, bounded, with faults in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WrapValidator,
)
from pydantic_core import PydanticUseDefault

from ...views.imports import Kind
from .intake import RecordPlace

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST_SECONDS = 100_000_000_000  # beyond it a time is in milli-, micro- or nanoseconds
SECONDS = re.compile(r"\d{9,19}(?:\.\d+)?")
R = TypeVar("R", bound="Record")


class Record(BaseModel):
    """A record of a file: fields that a later version added are ignored, a value of another type is a fault."""

    model_config = ConfigDict(
        strict=True, frozen=True, allow_inf_nan=False, hide_input_in_errors=True, protected_namespaces=()
    )


def place_of(info: ValidationInfo) -> RecordPlace:
    """The place of the record that is being read."""
    if not isinstance(info.context, RecordPlace):
        raise TypeError("imported records are read with a Place as context")
    return info.context


def _moment(value: Any) -> datetime:
    """An ISO date and time with its zone, or seconds since 1970 (or milli- to nanoseconds, as some exports hold)."""
    if isinstance(value, str) and SECONDS.fullmatch(value):
        value = float(value)
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else _since_1970(value)
    except (ValueError, OverflowError, TypeError):
        raise ValueError("is not a date and time") from None
    if at.tzinfo is None:
        raise ValueError("has no time zone")
    if not FIRST.year <= at.year < LAST.year:
        raise ValueError("is not a date between 1970 and 2200")
    return max(at.astimezone(UTC), FIRST)


def _since_1970(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**21:
        raise ValueError
    seconds = float(value)
    while seconds > MOST_SECONDS:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC)


def _usd(value: Any) -> Decimal:
    if isinstance(value, str) and len(value) > 60:
        raise ValueError("is not an amount of money")
    try:
        amount = Decimal(value) if isinstance(value, str) else Decimal(repr(value))
    except (InvalidOperation, ValueError):
        raise ValueError("is not an amount of money") from None
    if not amount.is_finite() or not 0 <= amount <= 1_000_000 or isinstance(value, bool):
        raise ValueError("is not an amount of money")
    return amount


def _not_too_long(text: str, info: ValidationInfo) -> str:
    most = place_of(info).most_chars
    if len(text) > most:
        raise ValueError(f"has {len(text):,} characters, at most {most:,} are taken")
    return text


def maybe(kind: Kind = "detail") -> WrapValidator:
    """Use the field's default, and count one thing as left out, where its value does not fit."""

    def read(value: Any, inner: Callable[[Any], Any], info: ValidationInfo) -> Any:
        try:
            return inner(value)
        except ValidationError as fault:
            place_of(info).within(f"“{info.field_name}”").leave(kind, fault)
            raise PydanticUseDefault from None

    return WrapValidator(read)


def each(record: type[R], noun: str, kind: Kind = "detail") -> BeforeValidator:
    """A list of records without those that do not fit; null is an empty list."""

    def read(values: Any, info: ValidationInfo) -> tuple[R, ...]:
        if values is None:
            return ()
        if not isinstance(values, list):
            raise ValueError("is not a list")
        place = place_of(info)
        items = (fitting(record, value, place, f"{noun} {number}", kind) for number, value in enumerate(values, 1))
        return tuple(item for item in items if item is not None)

    return BeforeValidator(read)


def fitting(record: type[R], value: Any, place: RecordPlace, noun: str, kind: Kind) -> R | None:
    """The record, or None and one thing more left out. `noun` names it within the place; "": it is the place."""
    place = place.within(noun) if noun else place
    try:
        return record.model_validate(value, context=place)
    except ValidationError as fault:
        place.leave(kind, fault)
        return None


Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(max_length=1000)]
Sha256 = Annotated[str, StringConstraints(pattern="^([0-9a-f]{64})?$")]
Title = Annotated[str, AfterValidator(lambda title: title[:200])]
Written = Annotated[str, AfterValidator(_not_too_long)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Share = Annotated[float, Field(ge=0, le=1)]
Ms = Annotated[float, Field(ge=0, le=10**12)]
Usd = Annotated[Decimal, BeforeValidator(_usd)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Flag = Annotated[bool, maybe()]
MaybeName = Annotated[Name | None, maybe()]
MaybeMoment = Annotated[Moment | None, maybe()]
MaybeWritten = Annotated[Written | None, maybe()]
