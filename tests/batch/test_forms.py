"""Batches whose answers have a form: checked when they land, compared by fields, repaired on request, exported."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from core.batch import expected_fields, form_check
from core.batch import table as tables
from core.errors import BadReply, BlockedInput
from core.records import ChatRequest, Completion, ResponseFormat
from core.schemas import fields
from core.schemas.reading import read
from core.store.batches import making
from core.store.batches.tables import batches, items
from core.views.batches import BatchPlan, Rehearsal
from tests.batch.conftest import Table
from tests.workspace.acme import ME, until

SCHEMA = read("vendor: str\ntotal: float\nnote?: str | None\nhome:\n    city: str\n")
FORM = ResponseFormat("schema", SCHEMA)
SETTINGS = {"response_format": "schema", "schema_json": SCHEMA}
ANSWERS = {
    "right": '{"vendor": " ACME  ltd.", "total": 12, "note": null, "home": {"city": "Bern"}}',
    "wrong": '{"vendor": "Other", "total": 13, "note": "", "home": {"city": "=1+1"}}',
    "short": '{"vendor": "Acme Ltd", "home": {"city": "Bern"}}',
    "fenced": '```json\n{"vendor": "Acme Ltd", "total": 12.0, "home": {"city": "Bern"}}\n```',
    "words": "I cannot tell.",
}
EXPECTED = {"vendor": "Acme Ltd", "total": "12.0", "home.city": "bern"}


def answering(table: Table, answers: Mapping[str, str]) -> None:
    inner = table.model

    async def ask(request: ChatRequest, keys: Mapping[str, str], owner_id: str) -> Completion:
        return replace(await inner(request, keys, owner_id), text=answers[request.messages[-1].text])

    table.carrier._ask = ask


def started(table: Table, **plan: object) -> str:
    answering(table, ANSWERS)
    prompts = [(name, None) for name in ANSWERS]
    options = {"settings": SETTINGS, "fields": tuple(EXPECTED), "expected_fields": [EXPECTED] * len(prompts), **plan}
    return table.batches.start("r1", BatchPlan("mine", ["sim/quick"], prompts, **options))  # type: ignore[arg-type]


def test_an_answer_is_checked_when_it_lands(table: Table) -> None:
    batch_id = started(table)
    view = table.at_rest(batch_id)
    part = view.sums[0]
    assert dict(part.forms) == {"valid": 2, "invalid": 1, "not_json": 2}
    assert (part.formed, part.repaired, view.unchecked) == (5, 0, 0)
    assert dict(part.fields) == {"vendor": (2, 5), "total": (1, 5), "home.city": (2, 5)}
    lines = table.batches.page(batch_id, "misfit")
    assert [line.prompt for line in lines] == ["short", "fenced", "words"]
    assert [form_check.in_english(line.items[0]) for line in lines] == [
        "total is missing", "not JSON, line 1: Expecting value", "not JSON, line 1: Expecting value"
    ]  # fmt: skip
    assert table.batches.number(batch_id, "misfit") == 3
    lines = table.batches.page(batch_id, "wrong_field")
    assert [line.prompt for line in lines] == ["wrong", "short", "fenced", "words"]


def test_repairs_are_made_when_wished_and_taken_back(table: Table) -> None:
    batch_id = started(table)
    table.at_rest(batch_id)
    table.batches.wish_repairs(batch_id, wished=True)
    assert table.look(batch_id).unchecked == 2
    assert table.batches.check_some(batch_id) == 2
    view = table.look(batch_id)
    part = view.sums[0]
    assert (dict(part.forms), part.repaired, view.batch.mends) == ({"valid": 3, "invalid": 1, "not_json": 1}, 1, True)
    assert part.fields["total"] == (2, 5)
    line = table.batches.line(batch_id, 4)
    assert (line.items[0].text, line.items[0].repaired) == (ANSWERS["fenced"], "fence")
    assert form_check.values(line.items[0], ["total"]) == {"total": 12.0}
    table.batches.wish_repairs(batch_id, wished=False)
    assert table.batches.check_some(batch_id) == 2
    assert dict(table.look(batch_id).sums[0].forms) == {"valid": 2, "invalid": 1, "not_json": 2}


def test_answers_of_an_older_version_are_checked_later(table: Table) -> None:
    batch_id = started(table)
    table.at_rest(batch_id)
    with table.workspace.database.write() as connection:
        connection.execute(items.update().values(form=None, form_problem=None, marks=None, repaired=None))
    assert table.look(batch_id).unchecked == 5
    assert table.batches.check_some(batch_id) == 5
    assert dict(table.look(batch_id).sums[0].forms) == {"valid": 2, "invalid": 1, "not_json": 2}
    assert table.batches.check_some(batch_id) == 0


def test_an_answer_that_is_asked_again_is_checked_again(table: Table) -> None:
    table.model.refuse = lambda request: BadReply("no") if table.model.calls <= 5 else None
    batch_id = started(table)
    assert table.at_rest(batch_id).sums[0].failed == 5
    assert table.look(batch_id).sums[0].formed == 0
    table.batches.retry(batch_id)
    assert dict(table.at_rest(batch_id).sums[0].forms) == {"valid": 2, "invalid": 1, "not_json": 2}


def test_a_batch_that_another_process_takes_over_keeps_its_form(table: Table) -> None:
    answering(table, ANSWERS)
    prompts = [(name, None) for name in ANSWERS]
    plan = BatchPlan(
        "mine", ["sim/quick"], prompts, settings=SETTINGS, fields=("total",), expected_fields=[{"total": "12"}] * 5
    )
    batch_id, _ = making.create(table.workspace.database, ME, "r1", plan, "another-host/1/x")
    with table.workspace.database.write() as connection:
        connection.execute(batches.update().values(lease_until=1))
    table.carrier.look_now()
    until(lambda: table.batches.get(batch_id).state == "done")
    part = table.at_rest(batch_id).sums[0]
    assert (dict(part.forms), part.fields) == ({"valid": 2, "invalid": 1, "not_json": 2}, {"total": (1, 5)})


def test_a_file_has_a_column_a_field(table: Table) -> None:
    batch_id = started(table)
    table.at_rest(batch_id)
    text = table.batches.download(batch_id, "csv").decode("utf-8-sig")
    rows = {row["prompt"]: row for row in csv.DictReader(io.StringIO(text))}
    of_fields = [name for name in rows["right"] if name.startswith("sim/quick field.")]
    assert of_fields == [f"sim/quick field.{name}" for name in ("vendor", "total", "note", "home.city")]
    assert len(set(next(csv.reader(io.StringIO(text))))) == len(next(csv.reader(io.StringIO(text))))
    assert rows["right"]["expected.total"] == "12.0"
    assert rows["right"]["sim/quick field.total"] == "12"
    assert (rows["right"]["sim/quick field.note"], rows["right"]["sim/quick right.total"]) == ("null", "True")
    assert rows["wrong"]["sim/quick field.home.city"] == "'=1+1"
    assert rows["short"]["sim/quick form_problem"] == "total is missing"
    line = next(line for line in text.splitlines() if line.startswith("2,wrong"))
    assert ',13,"",\'=1+1,' in line  # an empty text has quotes
    line = next(line for line in text.splitlines() if line.startswith("3,short"))
    assert ",Acme Ltd,,,Bern," in line  # what is missing has none
    values = [json.loads(line) for line in table.batches.download(batch_id, "jsonl").splitlines()]
    first = values[0]["answers"][0]["fields"]
    assert first == {"vendor": " ACME  ltd.", "total": 12, "note": None, "home.city": "Bern"}
    assert "note" not in values[2]["answers"][0]["fields"]
    assert values[1]["answers"][0]["fields_right"] == {"vendor": False, "total": False, "home.city": False}
    assert values[4]["answers"][0]["form"] == "not_json"
    summary = next(csv.DictReader(io.StringIO(table.batches.summary(batch_id).decode("utf-8-sig"))))
    assert [summary[name] for name in ("valid share", "valid n", "invalid", "not_json")] == ["0.4", "5", "1", "2"]
    assert (summary["valid low"], summary["valid high"]) == ("0.1176", "0.7693")
    assert (summary["field.total share"], summary["field.total n"]) == ("0.2", "5")


def test_a_rehearsal_of_a_batch_keeps_its_form_and_what_was_expected(table: Table) -> None:
    table.at_rest(started(table))
    past = table.workspace.of(ME).rehearsals.questions("sim/quick", 10, "batch")
    assert [question.expected_fields for question in past] == [EXPECTED] * 5
    plan = BatchPlan(
        "again", ["sim/steady"], [(question.prompt, None) for question in past], rehearsal=Rehearsal("sim/quick"),
        past=past, fields=tuple(EXPECTED), expected_fields=[question.expected_fields for question in past],
    )  # fmt: skip
    batch_id = table.batches.start("r2", plan)
    part = table.at_rest(batch_id).sums[0]
    assert dict(part.forms) == {"valid": 2, "invalid": 1, "not_json": 2}
    assert part.fields["vendor"] == (2, 5)
    head = next(csv.reader(io.StringIO(table.batches.download(batch_id, "csv").decode("utf-8-sig"))))
    assert {"expected.vendor", "sim/steady field.vendor", "sim/steady right.vendor", "sim/steady form"} <= {*head}
    assert table.look(batch_id).old_unchecked == 5
    assert table.batches.check_some(batch_id) == 5
    view = table.look(batch_id)
    assert view.old is not None
    assert (view.old.forms, view.old.fields["vendor"]) == ({"valid": 2, "invalid": 1, "not_json": 2}, (2, 5))
    assert (view.old_unchecked, table.batches.check_some(batch_id)) == (0, 0)
    rows = list(csv.DictReader(io.StringIO(table.batches.download(batch_id, "csv").decode("utf-8-sig"))))
    assert rows[2]["sim/quick before form_problem"] == "total is missing"
    assert (
        json.loads(table.batches.download(batch_id, "jsonl").splitlines()[4])["answered_before"]["form"] == "not_json"
    )
    old = list(csv.DictReader(io.StringIO(table.batches.summary(batch_id).decode("utf-8-sig"))))[1]
    assert (old["model"], old["valid share"], old["cost_usd"]) == ("sim/quick before", "0.4", "")


def test_old_answers_are_held_against_what_was_expected(table: Table) -> None:
    table.at_rest(table.start(3))
    past = table.workspace.of(ME).rehearsals.questions("sim/quick", 10, "batch")
    plan = BatchPlan(
        "again", ["sim/steady"], [(question.prompt, question.expected) for question in past],
        rehearsal=Rehearsal("sim/quick"), past=past, rule=past[0].rule,
    )  # fmt: skip
    batch_id = table.batches.start("r2", plan)
    table.at_rest(batch_id)
    assert table.batches.check_some(batch_id) == 3
    old = table.look(batch_id).old
    assert old is not None
    assert (old.passed, old.checked, dict(old.forms)) == (3, 3, {})
    line = table.batches.line(batch_id, 1)
    assert line.old is not None
    assert (line.old.passed, line.old.text) == (True, line.reference)


def test_a_batch_without_a_form_has_none_of_it(table: Table) -> None:
    batch_id = table.start(3)
    view = table.at_rest(batch_id)
    assert (dict(view.sums[0].forms), view.unchecked) == ({}, 0)
    head = table.batches.download(batch_id, "csv").decode("utf-8-sig").splitlines()[0]
    assert "form" not in head
    assert "field." not in head
    assert "valid" not in table.batches.summary(batch_id).decode()


def test_a_field_that_the_schema_does_not_have_is_refused_before_the_start(table: Table) -> None:
    with pytest.raises(BlockedInput, match="totl is no field of the schema"):
        started(table, fields=("totl",), expected_fields=[{"totl": "1"}] * 5)
    assert table.batches.recent() == []


@pytest.mark.parametrize(
    ("name", "is_field"),
    [("total", True), ("home.city", True), ("home", True), ("home.street", False), ("totl", False), ("total.x", False)],
)
def test_which_columns_name_a_field(name: str, is_field: bool) -> None:
    assert (expected_fields.unknown([name], FORM) == []) is is_field
    assert expected_fields.unknown([name], ResponseFormat("json")) == []


def test_a_field_may_be_inside_a_choice_or_of_any_name() -> None:
    schema = {"$defs": {"A": {"properties": {"b": {}}}}, "properties": {"a": {"anyOf": [{"$ref": "#/$defs/A"}, {}]}}}
    assert fields.may_be_in(schema, "a.b")
    assert not fields.may_be_in(schema, "c")
    assert fields.may_be_in({"type": "object", "additionalProperties": {"type": "string"}}, "anything")
    assert not fields.may_be_in({"type": "array", "items": {}}, "a")


def test_expected_values_of_a_table() -> None:
    made = expected_fields.of_table(tables.read('prompt,expected.a,Expected.b.c\nx,1,\ny,,""""""\n', "csv"))
    assert (made.names, made.rows, made.expecting) == (("a", "b.c"), ({"a": "1"}, {"b.c": '""'}), 2)
    lines = '{"prompt": "x", "expected": {"a": 1, "b": {"c": null}, "d": ""}}\n{"prompt": "y", "expected.a": 2}\n'
    made = expected_fields.of_table(tables.read(lines, "jsonl"))
    assert made.rows == ({"a": "1", "b.c": "null", "d": '""'}, {"a": "2"})
    assert fields.is_as_expected("", '""')
    assert not fields.is_as_expected(None, '""')
    assert not fields.is_as_expected(fields.MISSING, "null")
    assert fields.is_as_expected(1, "1.0")


def test_a_hostile_answer_is_left_unchecked() -> None:
    made = form_check.check_form("[" * 200 + "]" * 200, FORM, ["total"], {"total": "1"})
    assert (made.state, made.marks) == ("unchecked", "-")
