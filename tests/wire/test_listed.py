"""What a list of models tells beside their names, in the fields of several vendors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.records import ListedModel
from core.wire.listed import details


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"id": "a", "shutdown_date": "2027-01-14"}, ListedModel("a", ends_on=date(2027, 1, 14))),
        ({"id": "a", "shutdown_date": 1_799_884_800}, ListedModel("a", ends_on=date(2027, 1, 14))),
        ({"id": "a", "expiration_date": "2027-01-14T08:00:00Z"}, ListedModel("a", ends_on=date(2027, 1, 14))),
        ({"id": "a", "context_window": 131_072}, ListedModel("a", window_tokens=131_072)),
        ({"id": "a", "max_context_length": 32_768}, ListedModel("a", window_tokens=32_768)),
        (
            {"name": "models/a", "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536},
            ListedModel("a", window_tokens=1_048_576, max_output_tokens=65_536),
        ),
        (
            {"id": "a", "pricing": {"prompt": "0.0000002", "completion": "0.0000008"}},
            ListedModel("a", usd_per_million_in=Decimal("0.2"), usd_per_million_out=Decimal("0.8")),
        ),
        (
            {"id": "a", "architecture": {"input_modalities": ["image", "text"]}, "supported_parameters": ["tools"]},
            ListedModel("a", input=("text", "image"), abilities=("tools",), lacks=("json_schema", "reasoning_effort")),
        ),
        (
            {"id": "a", "pricing": {"prompt": "0.000001", "completion": "0.000002", "input_cache_read": "0.0000001"}},
            ListedModel(
                "a",
                usd_per_million_in=Decimal(1),
                usd_per_million_out=Decimal(2),
                usd_per_million_cached=Decimal("0.1"),
            ),
        ),
        (
            {"id": "a", "architecture": {"input_modalities": ["file", "text"]}},
            ListedModel("a", input=("text", "pdf")),
        ),
        (
            {"id": "a", "capabilities": {"vision": False, "function_calling": False}},
            ListedModel("a", input=("text",), lacks=("tools",)),
        ),
        (
            {"id": "a", "capabilities": {"vision": True, "function_calling": True}},
            ListedModel("a", input=("text", "image"), abilities=("tools",)),
        ),
    ],
)
def test_what_vendors_tell(row: dict[str, Any], expected: ListedModel) -> None:
    key = "models" if "inputTokenLimit" in row else "data"
    assert details({key: [row]}) == [expected]
    assert details([row]) == [expected]


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a"},
        {"id": "a", "shutdown_date": None},
        {"id": "a", "shutdown_date": "soon"},
        {"id": "a", "shutdown_date": "0001-01-01"},
        {"id": "a", "shutdown_date": 10**20},
        {"id": "a", "shutdown_date": True},
        {"id": "a", "pricing": {"prompt": "1e999999999999999999"}},
        {"id": "a", "context_window": "many"},
        {"id": "a", "context_window": -1},
        {"id": "a", "context_window": True},
        {"id": "a", "pricing": {"prompt": "-1", "completion": "NaN"}},
        {"id": "a", "pricing": "free"},
        {"id": "a", "architecture": [1], "supported_parameters": {"tools": 1}},
        {"id": 3, "shutdown_date": "2027-01-14"},
        {"shutdown_date": "2027-01-14"},
        "a",
        None,
    ],
)
def test_what_cannot_be_read_stays_unknown(row: Any) -> None:
    assert details({"data": [row]}) == []


@pytest.mark.parametrize("body", [None, 3, "x", {}, {"data": None}, {"data": {"a": 1}}, []])
def test_no_list_tells_nothing(body: Any) -> None:
    assert details(body) == []
