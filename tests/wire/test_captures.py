"""Each folder of `captures` is a reply and what must be read from it; a new folder is a new test."""

from __future__ import annotations

import json
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.records import Finish, Part, Served, ToolCall, Usage
from core.wire import FORMATS
from tests.wire import served_table
from tests.wire.replay import CUTS, Heard, stream, whole
from tests.wire.served_table import NAMELESS, RECORDED

FOLDER = Path(__file__).parent / "captures"
CASES = sorted(path.name for path in FOLDER.iterdir())
LINE_ENDS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r"}


def expected(case: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / case / "text.json").read_text(encoding="utf-8")))


def check(expectation: dict[str, Any], heard: Heard) -> None:
    usage = dict(expectation.get("usage", {}))
    if "cost_usd" in usage:
        usage["cost_usd"] = Decimal(usage["cost_usd"])
    assert heard.answer.text == expectation.get("text", "")
    assert heard.answer.reasoning == expectation.get("reasoning", "")
    assert (heard.error.kind if heard.error else None) == expectation.get("error")
    assert heard.answer.finish == (Finish(*expectation["finish"]) if "finish" in expectation else None)
    assert heard.answer.usage == (Usage(**usage) if usage else None)
    assert heard.answer.served == Served(**expectation.get("served", {}))
    assert list(map(fields_of, heard.answer.parts("p"))) == list(map(completed, expectation.get("parts", ())))


def fields_of(part: Part) -> dict[str, Any]:
    """The fields of a part that are set; an id of ours is ""."""
    values = {field.name: getattr(part, field.name) for field in fields(part) if field.name not in ("data", "sha256")}
    if isinstance(part, ToolCall) and len(part.id) == 9 and part.id.isalnum() and part.id.islower():
        values["id"] = ""
    return {"part": type(part).__name__, **{name: value for name, value in values.items() if value}}


def completed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value}


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("case", CASES)
def test_a_capture_gives_its_text_in_every_cut(case: str, line_end: str) -> None:
    expectation, body = expected(case), (FOLDER / case / "body.txt").read_bytes().replace(b"\n", LINE_ENDS[line_end])
    for size in CUTS:
        check(expectation, stream(expectation["wire"], expectation["framing"], body, size))


@pytest.mark.parametrize("case", [case for case in CASES if expected(case)["framing"] == "json"])
def test_a_whole_reply_gives_the_same_as_a_stream(case: str) -> None:
    expectation = expected(case)
    check(expectation, whole(expectation["wire"], (FOLDER / case / "body.txt").read_bytes()))


def test_every_format_has_a_capture() -> None:
    assert {expected(case)["wire"] for case in CASES} == set(FORMATS)


def test_every_format_that_names_who_answered_has_such_a_capture() -> None:
    assert {expected(case)["wire"] for case in CASES if "served" in expected(case)} == set(FORMATS) - NAMELESS


def test_the_table_of_who_answered_names_every_capture_and_recording(capsys: pytest.CaptureFixture[str]) -> None:
    served_table.main()
    printed = capsys.readouterr().out
    lines = [line.split(" | ") for line in printed.splitlines()[2:]]
    assert {line[0].removeprefix("| ") for line in lines} - {"-"} == set(FORMATS)
    assert "| openai | captures/openrouter_served | openai/gpt-oss-120b | Nebius | - |" in printed
    for row in RECORDED.strip().splitlines():
        name, model, *_ = row.split()
        assert f"recordings/{name} | {model} | " in printed
