"""An answer of a batch against the form that was asked for, as it is stored beside the answer.

    check_form(text, form, names, expected)    FormCheck(state, problem, marks, repaired)
    values(item, names), marked(item, names)   the fields of an answer, and whether they are as expected
    problem_of(item), in_english(item)         where an answer first breaks its schema

The check costs a fraction of a millisecond and is made once, when the answer lands; the sums of a batch then read one
word and one short text an answer. The fields' values are not stored twice: they are in the answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..records import ResponseFormat
from ..schemas import fields, repair
from ..schemas.checking import CheckedAnswer, Problem, check
from ..views.batches import Item

RIGHT, WRONG, OPEN = "1", "0", "-"  # a mark for each field that is compared


@dataclass(frozen=True, slots=True)
class FormCheck:
    """`state` as in `CheckedAnswer`; `problem`: the first one, as JSON; `marks`: a sign for each of the fields that the
    batch compares, OPEN where the row expects nothing; `repaired`: what was taken away before, with commas."""

    state: str
    problem: str = ""
    marks: str = ""
    repaired: str = ""


def check_form(
    text: str,
    form: ResponseFormat,
    names: Sequence[str] = (),
    expected: Mapping[str, str] | None = None,
    *,
    mend: bool = False,
) -> FormCheck:
    """`names`: the fields that the batch compares; `expected`: what this row expects of them; `mend`: an answer that is
    no JSON is repaired first."""
    checked, repaired = _read(text, form, mend=mend)
    marks = "".join(_mark(checked, name, (expected or {}).get(name)) for name in names)
    return FormCheck(checked.state, _first(checked), marks, ",".join(repaired))


def values(item: Item, names: Sequence[str]) -> dict[str, Any]:
    """By name, the value of each field, `fields.MISSING` where the answer has none; {} where it is no JSON."""
    if item.form not in ("valid", "invalid"):
        return {}
    text = item.text
    if item.repaired and (repaired := repair.locally(text)):
        text = repaired.text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {name: fields.at(value, name) for name in names}


def marked(item: Item, names: Sequence[str]) -> dict[str, bool]:
    """By name, whether the field is as expected; without those of which nothing was expected."""
    signs = zip(names, item.marks or "", strict=False)
    return {name: sign == RIGHT for name, sign in signs if sign != OPEN}


def problem_of(item: Item) -> Problem | None:
    """Where the answer first breaks its schema; None where it does not, or is no JSON."""
    if item.form != "invalid" or not item.form_problem:
        return None
    stored = json.loads(item.form_problem)
    return Problem(tuple(stored["path"]), stored["keyword"], stored["wanted"], stored["found"])


def not_json(item: Item) -> tuple[int | None, str]:
    """The line in which an answer stops being JSON, and the parser's words."""
    stored = json.loads(item.form_problem) if item.form == "not_json" and item.form_problem else {}
    return stored.get("line"), stored.get("message", "")


def in_english(item: Item) -> str:
    """Why an answer does not fit, for a file; "" where it does."""
    if problem := problem_of(item):
        return repair.in_english(problem)
    line, message = not_json(item)
    return f"not JSON, line {line}: {message}" if line else item.form if item.form == "unchecked" else message


def _read(text: str, form: ResponseFormat, *, mend: bool) -> tuple[CheckedAnswer, tuple[str, ...]]:
    checked = check(text, form.schema_json)
    if mend and checked.state == "not_json" and (repaired := repair.locally(text)):
        return check(repaired.text, form.schema_json), repaired.done
    return checked, ()


def _first(checked: CheckedAnswer) -> str:
    if checked.state == "not_json":
        return json.dumps({"line": checked.line, "message": checked.problem})
    if not checked.problems:
        return ""
    problem = checked.problems[0]
    stored = {
        "path": problem.path, "keyword": problem.keyword, "wanted": problem.wanted, "found": problem.found,
    }  # fmt: skip
    return json.dumps(stored, ensure_ascii=False)


def _mark(checked: CheckedAnswer, name: str, expected: str | None) -> str:
    if expected is None or checked.state == "unchecked":
        return OPEN
    return RIGHT if fields.is_as_expected(fields.at(checked.value, name), expected) else WRONG
