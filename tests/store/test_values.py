"""Values on their way in and out: completions exactly, instants and money exactly, calls and their sums."""

from __future__ import annotations

import inspect
import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core import errors
from core.errors import LLMError
from core.records import Completion, Note, Timing
from core.store import calls
from core.store import completion as codec
from core.store.columns import Instant, Usd
from core.store.database import Database
from core.store.rows import clean
from tests.store.conftest import OWNER, START, answer

KINDS = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, LLMError)]


def there_and_back(completion: Completion) -> Completion:
    return codec.decode(json.loads(json.dumps(codec.encode(completion))), completion.text)


def test_a_completion_comes_back_as_it_was() -> None:
    whole = replace(answer("Text"), notes=(Note("turns_left_out", "3"),), cached=True)
    assert there_and_back(whole) == whole
    least = Completion("m", "", "", None, None, Timing(datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)))
    assert there_and_back(least) == least


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_comes_back_as_its_kind(kind: type[LLMError]) -> None:
    error = kind("Why", status=429, retry_after_s=1.5, retryable=False, tries=1, request_id="q", code="c", param="p")
    back = there_and_back(replace(answer(), error=error)).error
    assert back is not None
    assert (type(back).kind, back.__dict__) == (kind.kind, error.__dict__)


def test_a_field_of_a_later_version_is_left_out() -> None:
    data = codec.encode(answer())
    data["timing"]["invented"] = data["invented"] = 1
    assert codec.decode(data, "Yes.") == answer()


@pytest.mark.parametrize(
    "at", [START, datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_instants_are_exact(at: datetime) -> None:
    column = Instant()
    assert column.process_result_value(column.process_bind_param(at, None), None) == at  # type: ignore[arg-type]


@pytest.mark.parametrize("cost", ["0", "0.000000012345", "1234567.5", "0.1"])
def test_money_is_exact(cost: str) -> None:
    column = Usd()
    assert column.process_result_value(column.process_bind_param(Decimal(cost), None), None) == Decimal(cost)  # type: ignore[arg-type]


def test_clean_values_go_into_both_databases() -> None:
    dirty = {"a\x00": ["\ud83d\ude00", "\ud800", math.nan, math.inf, 1.5, None, True, ("x",)]}
    assert clean(dirty) == {"a": ["😀", "\ufffd", None, None, 1.5, None, True, ["x"]]}


def test_calls_are_kept_once_and_summed(database: Database) -> None:
    for number in range(3):
        assert calls.add(database, OWNER, answer(), request_id=f"r{number}")
        assert calls.add(database, OWNER, answer(), request_id=f"r{number}")
    logged = calls.recent(database, OWNER, limit=100)
    assert sorted(row.outcome == "ok" for row in logged) == [False] * 3 + [True] * 3
    assert (sum(row.input_tokens or 0 for row in logged), sum(row.output_tokens or 0 for row in logged)) == (30, 60)
    assert sum(row.cost_usd or 0 for row in logged) == Decimal("0.00036")
    first = logged[0]
    assert (first.ms, first.ttft_ms, first.cached, first.estimated) == (950.0, 100.5, False, False)
    assert first.at - START == timedelta(seconds=0.54)
