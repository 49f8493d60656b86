"""An answer against its schema: valid, or the first problems by their paths, in bounded time.

Regular expressions are searched by an engine that is linear (`insight.patterns`); one that it does not know is not
checked, and said so. Every keyword that is applied counts: a schema that would never be done is given up.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from ..insight.patterns import BadPattern, Pattern, TooMuch
from .faults import BadSchema
from .reading import is_draft_7, parsed, sound

LONGEST = 2_000_000  # characters of an answer
MOST_STEPS = 250_000
MOST_PROBLEMS = 20
DEEPEST = 100
MOST_DIGITS = 4_000  # of a whole number: Python reads no more than 4,300
Step = str | int
State = Literal["valid", "invalid", "not_json", "unchecked"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Where an answer breaks its schema: the keyword that it breaks, what was wanted and what stands there, as short
    texts. `keyword` "required": `path` leads to what is missing; "additionalProperties": to what is too much."""

    path: tuple[Step, ...]
    keyword: str
    wanted: str = ""
    found: str = ""

    @property
    def place(self) -> str:
        """The path as text: `people[2].age`; "" for the whole answer."""
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).removeprefix(".")


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """`value` is the parsed answer, None where it is no JSON; `problem` says in the parser's words why, in `line`.

    "unchecked": it is JSON, but larger or deeper than is checked, has a number beyond all bounds, or its schema cannot
    be used. `patterns`: regular
    expressions that were not checked.
    """

    state: State
    value: Any = None
    problems: tuple[Problem, ...] = ()
    line: int | None = None
    problem: str = ""
    patterns: int = 0

    @property
    def is_json(self) -> bool:
        return self.state != "not_json"


def check(text: str, schema_json: str = "") -> CheckedAnswer:
    """An answer that is to be JSON and nothing else; `schema_json` "": any JSON."""
    if len(text) > LONGEST:
        return CheckedAnswer("unchecked")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole)
        if "\\ud" in text.lower():
            value = _encodable(value)
        if _depth_over(value, DEEPEST):
            return CheckedAnswer("unchecked", value)
    except json.JSONDecodeError as error:
        return CheckedAnswer("not_json", None, (), error.lineno, error.msg)
    except ValueError as error:
        return CheckedAnswer("not_json", None, (), None, str(error))
    except (RecursionError, OverflowError):
        return CheckedAnswer("unchecked")
    return fits(value, schema_json) if schema_json.strip() else CheckedAnswer("valid", value)


def fits(value: Any, schema_json: str) -> CheckedAnswer:
    """A parsed answer against its schema."""
    counts = _Counts()
    mark = _counts.set(counts)
    try:
        problems = tuple(_problems(value, schema_json))
    except (_Endless, BadSchema, RecursionError, OverflowError):
        return CheckedAnswer("unchecked", value)
    finally:
        _counts.reset(mark)
    return CheckedAnswer("invalid" if problems else "valid", value, problems, patterns=len(counts.patterns))


def _problems(value: Any, schema_json: str) -> Iterator[Problem]:
    validator = _validator(schema_json)
    for number, error in enumerate(validator.iter_errors(value)):
        if number >= MOST_PROBLEMS:
            return
        yield _problem(error)


def _problem(error: Any) -> Problem:
    path = tuple(error.absolute_path)
    keyword, wanted = str(error.validator), error.validator_value
    if keyword == "required":
        missing = next((name for name in wanted if name not in error.instance), "")
        named = [name for name in wanted if error.message.startswith(repr(name))]
        return Problem((*path, named[0] if named else missing), keyword)
    if keyword in ("additionalProperties", "unevaluatedProperties") and isinstance(error.instance, dict):
        properties = error.schema.get("properties", {})
        extra = next((name for name in error.instance if name not in properties), "")
        return Problem((*path, extra), keyword)
    if keyword in ("anyOf", "oneOf", "not", "allOf", "if", "None"):
        return Problem(path, keyword, "", _short(error.instance))
    return Problem(path, keyword, _short(wanted), _short(error.instance))


def kind_of(value: Any) -> str:
    """The JSON type of a value, by its name in schemas."""
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"),
    )  # fmt: skip
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else value
    return text if len(text) <= 80 else f"{text[:79]}…"


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    """Raises OverflowError for 1e999, which is JSON and becomes Infinity, which is none."""
    number = float(text)
    if math.isinf(number):
        raise OverflowError
    return number


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise OverflowError
    return int(text)


def _encodable(value: Any) -> Any:
    """Without lone surrogates, which JSON can escape and nothing can store or show."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _depth_over(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [inner for each in level if isinstance(each, dict | list) for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Sequence[Any]:
    return list(value.values()) if isinstance(value, dict) else value


class _Endless(Exception):
    """More steps than are made."""


class _Counts:
    def __init__(self) -> None:
        self.steps = 0
        self.patterns: set[str] = set()

    def add(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > MOST_STEPS:
            raise _Endless


_counts: ContextVar[_Counts] = ContextVar("schema_counts")
Keyword = Callable[[Any, Any, Any, Any], Any]


@lru_cache(maxsize=32)
def _validator(schema_json: str) -> Any:
    """Raises BadSchema. Without a registry nothing would be fetched either, but jsonschema's own default would."""
    from jsonschema import Draft7Validator, Draft202012Validator, validators
    from referencing import Registry

    schema = parsed(schema_json)
    sound(schema)
    base = Draft7Validator if is_draft_7(schema) else Draft202012Validator
    own = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional(base.VALIDATORS["additionalProperties"]),
        "uniqueItems": _unique,
    }
    counted = {name: _counted(keyword) for name, keyword in {**base.VALIDATORS, **own}.items()}
    kind: Any = validators.extend(base, counted)  # type: ignore[no-untyped-call]
    return kind(_without_ids(schema), registry=Registry())


def _counted(keyword: Keyword) -> Keyword:
    def applied(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
        _counts.get().add(1 + (len(wanted) if isinstance(wanted, list) else 0))
        return keyword(validator, wanted, instance, schema)

    return applied


def _matches(pattern: str, text: str) -> bool | None:
    """None where it cannot be told."""
    try:
        is_match = _compiled(pattern).matches_in(text)
        _counts.get().add(len(text) // 1_000)
        return is_match
    except (BadPattern, TooMuch):
        _counts.get().patterns.add(pattern)
        return None


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> Pattern:
    return Pattern(pattern)


def _pattern(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and _matches(wanted, instance) is False:
        yield ValidationError("does not match")


def _pattern_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, dict):
        for pattern, inner in wanted.items():
            for name, value in instance.items():
                if _matches(pattern, name):
                    yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional(keyword: Keyword) -> Keyword:
    """The same, without jsonschema's own search of the patterns."""

    def applied(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if isinstance(instance, dict) and (patterns := schema.get("patternProperties")):
            named = [name for name in instance if any(_matches(pattern, name) is not False for pattern in patterns)]
            instance = {name: value for name, value in instance.items() if name not in named}
            schema = {name: value for name, value in schema.items() if name != "patternProperties"}
        yield from keyword(validator, wanted, instance, schema) or ()

    return applied


def _unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if wanted and isinstance(instance, list):
        seen = {json.dumps(_even(value), sort_keys=True) for value in instance}
        if len(seen) < len(instance):
            yield ValidationError("has equal items")


def _even(value: Any) -> Any:
    """1 and 1.0 are one number."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _even(inner) for name, inner in value.items()}
    return [_even(inner) for inner in value] if isinstance(value, list) else value


def _without_ids(value: Any) -> Any:
    """All references are read from the root, whatever a part calls itself."""
    if isinstance(value, Mapping):
        return {
            name: _without_ids(inner)
            for name, inner in value.items()
            if not (name in ("$id", "$schema", "$anchor") and isinstance(inner, str))
        }
    return [_without_ids(inner) for inner in value] if isinstance(value, list) else value
