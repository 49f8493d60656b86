"""What all models of a provider may use together: a counter that several share counts once, unknown is not 0."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.providers import catalog
from core.providers.capacity import Capacity, capacity
from core.providers.limits import meters_of, window_of
from core.records import Per, Unit, Window

NAMES = ("a", "b", "c:free")


def window(pool: str, scope: str, limit: int | None, left: int | None, per: Per = "day") -> Window:
    at = datetime(2026, 11, 29, tzinfo=UTC)
    size, remaining = (None if number is None else Decimal(number) for number in (limit, left))
    return Window(
        f"{pool}{scope}{per}", "acme", pool, scope, "", "requests", per, size, Decimal(0), Decimal(0), remaining,
        at, at, "counted",
    )  # fmt: skip


def of(*windows: Window, names: Sequence[str] = NAMES) -> tuple[int | None, int | None, bool] | None:
    """(amount, left, is least), as whole numbers."""
    limit = capacity(windows, names, "requests")
    if limit is None:
        return None
    amount, left = (None if number is None else int(number) for number in (limit.amount, limit.left))
    return amount, left, limit.is_least


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([window("model", name, 100, 90) for name in NAMES], (300, 270, False)),
        ([window("account", "*", 50, 7)], (50, 7, False)),
        ([window("account", "*", 50, 7), *(window("model", name, 100, 90) for name in NAMES)], (50, 7, False)),
        ([window("account", "*", 500, 400), *(window("model", name, 100, 9) for name in NAMES)], (300, 27, False)),
        ([window("account", "a,*:free", 50, 40)], (50, 40, True)),
        ([window("account", "a,*:free", 50, 40), window("model", "b", 10, 0)], (60, 40, False)),
        ([window("model", "a", None, None), window("model", "b", 10, 4)], (10, 4, True)),
        ([window("model", "a", 100, None), window("model", "b", 10, 4)], (110, None, True)),
        ([window("model", "a", None, 3)], (None, 3, True)),
        ([window("model", "a", None, None)], None),
        ([window("model", "of another", 10, 4)], None),
        ([], None),
        (
            [*(window("model", name, 100, 90) for name in NAMES), window("account", "*", 500, 60, "month")],
            (300, 60, False),
        ),
        ([window("account", "*", 50, 7, "month"), window("account", "*", 9, 3, "hour")], (9, 3, False)),
        ([window("account", "*", 50, 7), window("account", "*", 9, 3, "minute")], (50, 7, False)),
        ([window("account", "*", 50, 7), window("account", "*", 900, None, "once")], (50, 7, False)),
    ],
)
def test_each_counter_counts_once(windows: list[Window], expected: tuple[int | None, int | None, bool] | None) -> None:
    assert of(*windows) == expected


def test_a_provider_without_known_models_still_has_its_limit() -> None:
    assert of(window("account", "*", 200, 150), names=[""]) == (200, 150, False)


@pytest.mark.parametrize(
    ("periods", "expected", "a_day"),
    [
        (("minute", "day", "month"), "day", 100),
        (("minute", "hour", "month"), "hour", 2400),
        (("minute", "month"), "month", 3),
        (("minute",), "minute", None),
    ],
)
def test_the_period_nearest_to_a_day_counts(periods: Sequence[Per], expected: Per, a_day: int | None) -> None:
    limit = capacity([window("account", "*", 100, 100, per) for per in periods], NAMES, "requests")
    assert limit
    assert limit.per == expected
    assert limit.left_a_day == a_day or (a_day and int(limit.left_a_day or 0) == a_day)


@pytest.mark.parametrize(
    ("provider_id", "unit", "expected"),
    [
        ("openrouter", "requests", Capacity("requests", "day", Decimal(50), Decimal(50), is_least=False)),
        ("nvidia", "requests", Capacity("requests", "day", Decimal(10_000), Decimal(10_000), is_least=False)),
        ("modelscope", "requests", Capacity("requests", "day", Decimal(500), Decimal(500), is_least=False)),
        ("llm7", "requests", Capacity("requests", "hour", Decimal(60), Decimal(60), is_least=False)),
    ],
)
def test_the_catalogues_own_limits(provider_id: str, unit: Unit, expected: Capacity) -> None:
    provider = catalog.load({}).providers[provider_id]
    names = [model.name for model in provider.models if model.name.endswith(":free") or provider_id != "openrouter"]
    at = datetime(2026, 11, 29, tzinfo=UTC)
    meters = {meter.id: meter for name in names for meter in meters_of(provider, name)}
    assert capacity([window_of(meter, at) for meter in meters.values()], names, unit) == expected
