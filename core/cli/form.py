"""`roundtable ask --schema FILE`: the form of the answer, and whether it came in it."""

from __future__ import annotations

from pathlib import Path

from ..encodings import decode
from ..records import Completion, ResponseFormat
from ..schemas import reading, repair
from ..schemas.checking import check
from ..schemas.faults import BadSchema


def of_file(name: str) -> ResponseFormat:
    """A JSON schema, or the short form of one. Raises ValueError with a sentence."""
    try:
        return ResponseFormat("schema", reading.read(decode(Path(name).read_bytes()).text))
    except OSError as error:
        raise ValueError(f"{name} cannot be read: {error.strerror}.") from None
    except BadSchema as error:
        line = f" in line {error.line}" if error.line else ""
        raise ValueError(f"{name} has no usable schema{line}: {error.code} {error.detail}".rstrip() + ".") from None


def problems(answer: Completion) -> list[str]:
    """Where an answer breaks its schema; [] where it does not, or none was asked for."""
    form = answer.response_format
    if form is None or answer.error:
        return []
    checked = check(answer.text, form.schema_json)
    if checked.state == "not_json":
        return [f"it is not JSON: {checked.problem}" + (f" in line {checked.line}" if checked.line else "")]
    if checked.state == "unchecked":
        return ["it is too large or too deep to be checked"]
    return [repair.in_english(problem) for problem in checked.problems]
