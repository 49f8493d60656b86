"""Schemas: read from JSON or the short form, checked in bounded time, repaired, taken apart into fields."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from core.schemas import checking, fields, reading, repair
from core.schemas.checking import check
from core.schemas.faults import BadSchema

PERSON = """
name: str            # the full name
age: int | None
kind: "adult" | "child"
tags: list[str]
note?: str
home:
    city: str
    zip: str = ""
orders: list
    total: float
"""


def schema(text: str) -> dict[str, object]:
    return json.loads(reading.read(text))


def test_the_short_form_is_a_json_schema() -> None:
    person = schema(PERSON)
    assert person["required"] == ["name", "age", "kind", "tags", "home", "orders"]
    assert person["properties"]["name"] == {"type": "string", "description": "the full name"}  # type: ignore[index]
    assert person["properties"]["age"] == {"type": ["integer", "null"]}  # type: ignore[index]
    assert person["properties"]["kind"] == {"enum": ["adult", "child"]}  # type: ignore[index]
    assert person["properties"]["home"]["required"] == ["city"]  # type: ignore[index]
    assert person["properties"]["orders"]["items"]["properties"] == {"total": {"type": "number"}}  # type: ignore[index]
    assert fields.names(person) == ("name", "age", "kind", "tags", "note", "home.city", "home.zip", "orders")


def test_pasted_classes_of_pydantic_are_read_as_pydantic_reads_them() -> None:
    pasted = '''
from pydantic import BaseModel, Field

class Address(BaseModel):
    """Where it is."""
    city: str

class Person(BaseModel):
    name: str = Field(min_length=2, description="As written")
    home: Address | None = None
    kind: Literal["a", "b"]
    score: Optional[float] = Field(None, ge=0)
    moves: list[Address]
'''
    person = schema(pasted)
    assert person["required"] == ["name", "kind", "moves"]
    properties: dict[str, dict[str, object]] = person["properties"]  # type: ignore[assignment]
    assert properties["name"] == {"type": "string", "minLength": 2, "description": "As written"}
    assert properties["score"] == {"type": ["number", "null"], "minimum": 0}
    assert properties["moves"]["items"]["properties"] == {"city": {"type": "string"}}  # type: ignore[index]
    assert schema("list[{name: str, n?: int}]")["items"]["required"] == ["name"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", None),
        ("name: str\nage: nubmer", "type", 2),
        ("name: str\nage int", "field", 2),
        ("a: list[str", "end", 1),
        ("a: int int", "after", 1),
        ("a:\n  b: str\n    c: int", "indent", 3),
        ("a: int\na: str", "twice", 2),
        ("a:\nb: int", "nothing", 1),
        ("class A:\n  a: A", "itself", 1),
        ("[1]", "object", 1),
        ('{\n"type": "object"\n"a": 1}', "json", 3),
        ('{"properties": {\n"a": {\n"type": 5}}}', "keyword", 3),
        ('{\n"$ref": "https://something.invalid/a.json"}', "remote", 2),
        ('{"$ref": "file:///etc/passwd"}', "remote", 1),
        ('{"$ref": "#/$defs/none"}', "reference", 1),
        ('{"$ref": "#/$defs/a",\n"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}}', "loop", 1),
        ("[" * 100_000, "deep", None),
        ('{"not": ' * 60 + "{}" + "}" * 60, "deep", None),
        ("a: " + "list[" * 50 + "int" + "]" * 50, "deep", 1),
        (json.dumps({"enum": list(range(6_000))}), "large", None),
        ('{"description": "' + "a" * 100_001 + '"}', "long", None),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_used_says_why_and_where(text: str, code: str, line: int | None) -> None:
    with pytest.raises(BadSchema) as caught:
        reading.read(text)
    assert (caught.value.code, caught.value.line) == (code, line)


def test_an_answer_is_valid_or_its_problems_are_named_by_path() -> None:
    made = reading.read(PERSON)
    good = {"name": "Ann", "age": None, "kind": "adult", "tags": [], "home": {"city": "Bern"}, "orders": []}
    assert check(json.dumps(good), made).state == "valid"
    bad = {**good, "age": "3", "orders": [{"total": 1}, {"total": "x"}, {}], "more": 1}
    checked = check(json.dumps(bad), made)
    assert checked.state == "invalid"
    places = {(problem.place, problem.keyword) for problem in checked.problems}
    assert places == {
        ("age", "type"), ("orders[1].total", "type"), ("orders[2].total", "required"), ("more", "additionalProperties"),
    }  # fmt: skip
    assert {repair.in_english(problem) for problem in checked.problems} >= {"orders[2].total is missing"}
    fenced = check("```json\n{}\n```", made)
    assert (fenced.state, fenced.line) == ("not_json", 1)
    assert check("NaN").state == "not_json"
    assert check("[1, 2]").value == [1, 2]


def test_equal_items_are_found_whatever_their_form() -> None:
    unique = reading.read('{"uniqueItems": true}')
    assert check('[1, 1.0, "a"]', unique).state == "invalid"
    assert check('[1, true, "1", [1], {"a": 1}]', unique).state == "valid"


def test_hostile_schemas_and_answers_end() -> None:
    doubling = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]} for n in range(30)}
    endless = reading.read(json.dumps({"$ref": "#/$defs/a0", "$defs": {**doubling, "a30": {"type": "integer"}}}))
    assert check('"x"', endless).state == "unchecked"
    slow = reading.read(json.dumps({"type": "string", "pattern": "^(a+)+$"}))
    assert check(json.dumps("a" * 50_000 + "b"), slow).state == "invalid"
    unknown = check('"ab"', reading.read(json.dumps({"pattern": "a(?=b)"})))
    assert (unknown.state, unknown.patterns) == ("valid", 1)
    names = reading.read(json.dumps({"patternProperties": {"^(x+)+$": {}}, "additionalProperties": False}))
    assert check(json.dumps({"x" * 5_000: 1}), names).state == "valid"
    assert check(json.dumps({"x" * 5_000 + "y": 1}), names).state == "invalid"
    assert check("[" * 500 + "]" * 500).state == "unchecked"
    assert check("[" * 1_000_000).state in ("unchecked", "not_json")
    assert check('{"a": {"a": {}}}', reading.read('{"properties": {"a": {"$ref": "#"}}}')).state == "valid"


def test_a_long_answer_takes_no_more_steps_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = json.dumps([{"n": n, "name": "x"} for n in range(500)])
    made = reading.read("list[{n: int, name: str}]")
    assert check(rows, made).state == "valid"
    monkeypatch.setattr(checking, "MOST_STEPS", 1_000)
    assert check(rows, made).state == "unchecked"


@pytest.mark.parametrize(
    ("text", "json_text", "done"),
    [
        ('```json\n{"a": 1}\n```', '{"a": 1}', ("fence",)),
        ('```json\n{"a": 1}', '{"a": 1}', ("fence",)),
        ('Here it is:\n```\n{"a": "x,}",}\n```\nDone.', '{"a": "x,}"}', ("fence", "around", "commas")),
        ('Sure! {"a": [1, 2,]} Bye', '{"a": [1, 2]}', ("around", "commas")),
        ('{"a": 1, // one\n}', '{"a": 1 \n}', ("comments", "commas")),
    ],
)
def test_what_is_almost_json_is_repaired_and_what_was_done_is_told(
    text: str, json_text: str, done: tuple[str, ...]
) -> None:  # fmt: skip
    repaired = repair.locally(text)
    assert repaired is not None
    assert (repaired.text, repaired.done) == (json_text, done)


def test_nothing_is_repaired_where_nothing_is_broken_or_nothing_is_json() -> None:
    assert repair.locally('{"a": 1}') is None
    assert repair.locally("I cannot do that.") is None
    assert repair.locally('{"a": 1') is None


def test_fields_are_compared_by_their_values() -> None:
    answer = {"name": "Ann  Lee", "age": 41.0, "ok": True, "tags": ["b", "a"], "home": {"city": "Bern"}, "no": None}
    wanted = {"name": "ann lee", "age": "41", "ok": "yes", "tags": "a, b", "home.city": "BERN", "no": "null"}
    assert all(fields.is_as_expected(fields.at(answer, name), text) for name, text in wanted.items())
    wrong = {"name": "Ann", "age": "4", "ok": "false", "tags": "a", "home.city": "Basel", "none": "x"}
    assert not any(fields.is_as_expected(fields.at(answer, name), text) for name, text in wrong.items())
    assert fields.expected_in(["question", "expected.home.city", "Expected.age", "expected."]) == {
        "expected.home.city": "home.city",
        "Expected.age": "age",
    }


def test_importing_the_room_imports_no_jsonschema() -> None:
    code = "import sys; from core.schemas import checking, repair, fields; print('jsonschema' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "False"


def test_numbers_beyond_all_bounds_are_not_checked_and_never_raise() -> None:
    for answer in ("1e999", '{"a": [-1e999]}', "9" * 5_000):
        assert check(answer).state == "unchecked"
    assert check("9" * 4_000, '{"multipleOf": 0.5}').state == "unchecked"
    with pytest.raises(BadSchema, match="too long"):
        reading.read(f'{{"minimum": {"9" * 5_000}}}')


def test_lone_surrogates_of_an_answer_can_be_stored() -> None:
    checked = check('{"a\\ud800": "\\uD83C\\uDF0A \\udc00"}')
    assert checked.value == {"a?": "🌊 ?"}


def test_a_field_is_looked_for_once_at_each_place_of_a_schema_that_refers_to_itself() -> None:
    branch = {"properties": {"a": {"$ref": "#"}}}
    schema = {"anyOf": [dict(branch) for _ in range(30)]}
    assert not fields.may_be_in(schema, "a.a.a.a.a.a.b")
    assert fields.may_be_in(schema, "a.a.a")
