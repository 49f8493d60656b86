"""Whether an answer came in the form that `roundtable ask --schema` asked for."""

from __future__ import annotations

from ..records import Completion
from ..schemas import repair
from ..schemas.checking import check


def problems(answer: Completion) -> list[str]:
    """Where an answer breaks its form; [] where it does not, or none was asked for."""
    form = answer.response_format
    if form is None or form.kind == "text" or answer.error:
        return []
    checked = check(answer.text, form.schema_json)
    if checked.state == "not_json":
        return [f"it is not JSON: {checked.problem}" + (f" in line {checked.line}" if checked.line else "")]
    if checked.state == "unchecked":
        return ["it is too large or too deep to be checked"]
    return [repair.in_english(problem) for problem in checked.problems]
