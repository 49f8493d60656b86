"""docs/wires.md says of each format what the code says."""

from __future__ import annotations

from pathlib import Path

from core.wire import CARRIES
from core.wire.capabilities import MOST_STOPS

PAGE = Path(__file__).parents[2] / "docs/wires.md"
ROWS = {
    "picture": "pictures",
    "document": "PDF as a file",
    "sound": "recordings",
    "tools": "tools",
    "tool_choice": "which tool",
    "json": "any JSON",
    "schema": "JSON by a schema",
    "effort": "effort",
    "stop": "stop texts",
}


def cell(wire: str, feature: str) -> str:
    if feature not in CARRIES[wire]:
        return "in words" if feature in ("json", "schema") else "–"
    if feature == "stop":
        return str(MOST_STOPS.get(wire, "yes"))
    return "some" if (wire, feature) == ("openai", "document") else "yes"


def test_the_table_of_formats_is_that_of_the_code() -> None:
    wires = list(CARRIES)
    table = [
        "| | " + " | ".join(f"`{wire}`" for wire in wires) + " |",
        "|---" * (len(wires) + 1) + "|",
        *(f"| {name} | " + " | ".join(cell(wire, feature) for wire in wires) + " |" for feature, name in ROWS.items()),
    ]
    page = PAGE.read_text(encoding="utf-8")
    assert "\n".join(table) in page
    assert {feature for carried in CARRIES.values() for feature in carried} == set(ROWS)
