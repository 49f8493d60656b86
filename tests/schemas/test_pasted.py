"""Schemas as people paste them from code, requests and chats: understood, or one sentence says why not."""

from __future__ import annotations

import json

import pytest

from core.schemas import reading
from core.schemas.checking import check
from core.schemas.faults import BadSchema

A = {"type": "object", "properties": {"a": {"type": "string"}}}
A_JSON = json.dumps(A)
STRICT = {"required": ["name", "age"], "additionalProperties": False}
PERSON = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, **STRICT}
PYDANTIC_1 = """
from pydantic import BaseModel, validator

class Item(BaseModel):
    sku: str = Field(..., regex="^[A-Z]{3}$")
    tags: List[str] = Field([], max_items=3)

class Order(BaseModel):
    id: conint(ge=1)
    items: conlist(Item, min_length=1)

    @validator("id")
    def positive(cls, v):
        if v < 0:
            raise ValueError("must be positive")
        return v

    class Config:
        extra = "forbid"
"""
PYDANTIC_2 = '''
class Color(str, Enum):
    RED = "red"
    GREEN = "green"

class Being(BaseModel):
    """Who lives."""
    id: UUID

class Person(Being):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, description="Full name")]
    color: Color = Color.RED
    born: datetime.date
    place: tuple[float, float]
    more: dict[str, Any] = Field(default_factory=lambda: {})

    @property
    def label(self) -> str:
        return f"{self.name} ({self.born})"

client = openai.OpenAI()
completion = client.chat.completions.parse(
    model="gpt-4o", response_format=Person,
)
print(completion.choices[0].message.parsed)
'''
TYPESCRIPT = """
// what comes back
enum Kind { Small, Large = "large" }

interface Named { name: string }

export interface Shop extends Named {
  /** from 0 to 1 */
  score?: number;
  readonly tags: Array<string>;
  sizes: (2 | 4)[];
  kind: Kind | null;
  stock: Record<string, number>;
  at: { city: string; zip?: string };
}
"""
OPENAPI = """
openapi: 3.0.3
components:
  schemas:
    Pet:
      type: object
      required: [id, owner]   # not the tag
      properties:
        id: {type: integer, format: int64}
        tag:
          type: string
          nullable: true
          description: |
            What hangs
            on its neck
        owner:
          $ref: '#/components/schemas/Owner'
    Owner:
      type: object
      properties:
        name:
          type: string
          enum:
            - Ann
            - Ben
"""
TOOL = {"name": "f", "description": "It does", "parameters": A, "strict": True}
REQUEST = {"model": "m", "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": A}}}


def schema(text: str) -> dict[str, object]:
    made: dict[str, object] = json.loads(reading.read(text))
    return made


@pytest.mark.parametrize(
    "text",
    [
        A_JSON,
        f"\ufeff{A_JSON}",
        f"```json\n{A_JSON}\n```",
        f"Here it is:\n\n```\n{A_JSON}\n```\nUse it well.",
        A_JSON.replace('"', "'"),
        A_JSON.replace('"', "“", 1).replace('"', "”"),
        "{type: 'object', properties: {a: {type: 'string'}}}",
        f"schema = {A_JSON}",
        f"export const schema: JSONSchema = {A_JSON};",
        '{\n// text\n"type": "object", /* all */\n"properties": {"a": {"type": "string"},},}',
        "type: object\nproperties:\n  a:\n    type: string   # text\n",
        '---\ntype: "object"\nproperties: {a: {type: string}}',
        json.dumps({"schema": A}),
        json.dumps({"name": "a", "schema": A, "strict": True}),
        json.dumps({"type": "json_schema", "json_schema": {"name": "a", "schema": A}}),
        json.dumps(REQUEST),
        json.dumps({"text": {"format": {"type": "json_schema", "name": "a", "schema": A}}}),
        json.dumps({"format": A}),
        json.dumps({"type": "function", "function": TOOL}),
        json.dumps({"type": "function", **TOOL}),
        json.dumps([{"type": "function", "function": TOOL}]),
        json.dumps({"tools": [{"functionDeclarations": [TOOL]}]}),
        json.dumps({"name": "f", "input_schema": A}),
        json.dumps({"generationConfig": {"responseSchema": A}}).replace('"object"', '"OBJECT"'),
        json.dumps({"$defs": {"A": A}}),
        json.dumps({"definitions": {"A": A}}),
        json.dumps({"components": {"schemas": {"A": A}}}),
    ],
)  # fmt: skip
def test_a_json_schema_is_found_in_what_it_came_in(text: str) -> None:
    assert schema(text) == A


@pytest.mark.parametrize(
    "text",
    [
        "name: str\nage: int",
        "- name: str\n- age: int",
        "1. name: String;\n2. age: Integer;",
        "name：str，\nage：int",
        "{name: str, age: int}",
        '{"name": "string", "age": "integer"}',
        '"name": "string",\n"age": "int"',
        '{"name": {"type": "string"}, "age": {"type": "integer"}}',
        "type Person = { name: string; age: int }",
        "class Person(TypedDict):\n    name: str\n    age: int",
        "@dataclass\nclass Person:\n    name: str\n    age: int",
    ],
)
def test_fields_are_found_in_however_they_are_listed(text: str) -> None:
    assert schema(text) == PERSON


def test_pydantic_of_both_versions_is_read_with_all_that_stands_around_it() -> None:
    order = schema(PYDANTIC_1)
    assert order["required"] == ["id", "items"]
    item = order["properties"]["items"]  # type: ignore[index]
    assert (item["minItems"], item["items"]["required"]) == (1, ["sku"])
    assert item["items"]["properties"]["sku"] == {"type": "string", "pattern": "^[A-Z]{3}$"}
    assert item["items"]["properties"]["tags"] == {"type": "array", "items": {"type": "string"}, "maxItems": 3}
    person = schema(PYDANTIC_2)
    assert person["required"] == ["id", "name", "born", "place"]
    fields: dict[str, dict[str, object]] = person["properties"]  # type: ignore[assignment]
    assert fields["name"] == {"type": "string", "minLength": 1, "description": "Full name"}
    assert (fields["color"], fields["id"]) == ({"enum": ["red", "green"]}, {"type": "string", "format": "uuid"})
    assert check('{"id": "1", "name": "A", "born": "", "place": [1, 2, 3]}', json.dumps(person)).state == "invalid"
    assert check('{"id": "1", "name": "A", "born": "", "place": [1, 2.5]}', json.dumps(person)).state == "valid"


def test_what_contains_itself_refers_to_itself() -> None:
    node = reading.read('class Node(BaseModel):\n    value: str\n    children: list["Node"] = []\n')
    assert check('{"value": "a", "children": [{"value": "b", "children": []}]}', node).state == "valid"
    assert check('{"value": "a", "children": [{"value": 1}]}', node).state == "invalid"
    shop = schema("class A(BaseModel):\n    b: B | None\n\nclass B(BaseModel):\n    a: A | None\n    n: int\n")
    assert set(shop["$defs"]) == {"A", "B"}  # type: ignore[call-overload]
    reading.parsed(json.dumps(shop))


def test_types_of_typescript_are_read() -> None:
    shop = schema(TYPESCRIPT)
    assert shop["required"] == ["name", "tags", "sizes", "kind", "stock", "at"]
    assert shop["properties"] == {
        "name": {"type": "string"},
        "score": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "array", "items": {"enum": [2, 4]}},
        "kind": {"anyOf": [{"enum": [0, "large"]}, {"type": "null"}]},
        "stock": {"type": "object", "additionalProperties": {"type": "number"}},
        "at": {
            "type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}},
            "required": ["city"], "additionalProperties": False,
        },
    }  # fmt: skip


def test_a_part_of_openapi_is_read_with_what_it_refers_to() -> None:
    pet = schema(OPENAPI)
    assert pet["required"] == ["id", "owner"]
    assert pet["properties"]["tag"] == {"type": ["string", "null"], "description": "What hangs on its neck"}  # type: ignore[index]
    assert pet["$defs"]["Owner"]["properties"]["name"]["enum"] == ["Ann", "Ben"]  # type: ignore[index]
    assert check('{"id": 1, "tag": null, "owner": {"name": "Eve"}}', json.dumps(pet)).state == "invalid"
    assert check('{"id": 1, "tag": null, "owner": {"name": "Ann"}}', json.dumps(pet)).state == "valid"


def test_older_drafts_say_the_same_in_other_words() -> None:
    old = schema(
        '{"$schema": "http://json-schema.org/draft-04/schema#", "id": "http://a.invalid/b", "type": "object", '
        '"properties": {"n": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "required": true}}}'
    )
    assert old["properties"] == {"n": {"type": "number", "exclusiveMinimum": 0}}
    assert (old["required"], "id" in old, reading.is_draft_7(old)) == (["n"], False, True)
    rows = schema('{"type": "array", "items": [{"type": "int"}, {"type": "str"}], "additionalItems": false}')
    assert rows["prefixItems"] == [{"type": "integer"}, {"type": "string"}]
    assert rows["items"] is False
    own = schema(
        '{"$id": "https://a.invalid/p", "$defs": {"a": {"$anchor": "A", "type": "string"}}, '
        '"properties": {"x": {"$ref": "#A"}, "y": {"$ref": "https://a.invalid/p#/$defs/a"}}}'
    )
    assert own["properties"] == {"x": {"$ref": "#/$defs/a"}, "y": {"$ref": "#/$defs/a"}}
    unchanged = {"enum": [{"nullable": True, "type": "STRING"}], "default": {"required": True}}
    assert schema(json.dumps(unchanged)) == unchanged


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('{"name": "Ann", "age": 30}', "example", None),
        ('{"title": "A book", "authors": [{"name": "Ann"}], "price": 12.5}', "example", None),
        (json.dumps({"$defs": {"A": A, "B": A}}), "several", None),
        (json.dumps([TOOL, TOOL]), "several", None),
        ('{"type": "json_object"}', "any_json", None),
        ('{"type": "object"}\n{"type": "string"}', "extra", 2),
        ('{"type": "object",\n"properties": {"a": {}}', "end", 2),
        ("const a = z.object({ name: z.string() })", "language", None),
        ("CREATE TABLE person (name TEXT)", "language", None),
        ("type Person struct {\n  Name string\n}", "language", None),
        ("<person><name/></person>", "language", None),
        ("https://something.invalid/schema.json", "language", None),
        ("type: object\nproperties:\n  a:\n    type: string\n   b: x", "outline", 5),
        ("name, age and city", "field", 1),
        ("kind: person | company", "type", 1),
    ],
)
def test_what_cannot_be_read_is_told_in_a_word(text: str, code: str, line: int | None) -> None:
    with pytest.raises(BadSchema) as caught:
        reading.read(text)
    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.parametrize(
    "text",
    [
        f"a{' ' * 90_000}b",
        f"schema{' ' * 90_000}b",
        f"x:{' ' * 90_000}",
        "\n" * 90_000 + "a b",
        f"interface A extends {' ' * 90_000}b",
        "/* " * 30_000,
        "'" + "\\'" * 45_000,
        '"' + '\\"' * 45_000,
        "{" + "'\\" * 45_000,
        f"type: object\nproperties:\na{' ' * 90_000}b",
        f"a: int = {'[' * 90_000}",
        f"a: {'(' * 90_000}",
        "{a: " * 20_000,
        "```\n" * 20_000,
        "type: object\nproperties:\n" + "\n".join(f"{' ' * n}a:" for n in range(400)),
        "- " * 40_000,
        "“" * 90_000,
    ],
)
def test_hostile_texts_end_in_a_sentence(text: str) -> None:
    with pytest.raises(BadSchema):
        reading.read(text)
