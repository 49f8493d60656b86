"""A person with everything → export → an empty database → the same export, and docs/export.md names every table."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import Table, func, select

from core.records import Consent
from core.store import BadImport, blobs, erasure, line_ups, owners, prompts, queued_question, settings
from core.store import model_moves as _moves  # noqa: F401 - its table
from core.store import shared_links as _links  # noqa: F401 - its table
from core.store.batches import carrying, making, reading
from core.store.batches.carrying import Ended, Wish
from core.store.batches.tables import HIDDEN, batches, items
from core.store.batches.tables import rows as batch_rows
from core.store.columns import metadata
from core.store.database import Database
from core.store.equality_checks import equality_checks
from core.store.imports import batches as batch_import
from core.store.imports import progress
from core.store.imports.load import load
from core.store.opening import open_database
from core.store.people import tables as _people  # noqa: F401 - its tables
from core.store.portable import export
from core.store.portable.library import LISTS, WORDS
from core.store.routed_answers import routed_answers
from core.store.scheduled import tables as _scheduled  # noqa: F401 - its table
from core.store.verdict_tables import verdicts
from core.views.batches import BatchPlan, Item, PastQuestion, Rehearsal
from core.views.conversation import File
from core.views.model_equality import CheckedHost, hosts_as_json
from core.views.prompts import LibraryPrompt
from core.workspace import settings as personal
from core.workspace import voice
from tests.store import test_round_trip as talks
from tests.store.conftest import OWNER, START

DOCS = Path(__file__).parents[2] / "docs" / "export.md"
SCHEMA = '{"type": "object", "properties": {"total": {"type": "number"}}}'
MODELS = ("a/one", "b/two")
INVALID = json.dumps({"path": ["total"], "keyword": "type", "wanted": '"number"', "found": '"x"'})


def listed() -> dict[str, tuple[str, str, str]]:
    """By table: whether it comes back, whether it is erased, and why."""
    table_rows = re.findall(r"^\| [^|]+ \| (`[^|]+`) \| ([^|]+) \| ([^|]+) \| ?([^|]*)\|$", DOCS.read_text(), re.M)
    named = [(name, row[1:]) for row in table_rows for name in re.findall(r"`(\w+)`", row[0])]
    assert len(named) == len(dict(named)), "a table stands there twice"
    return dict(named)


def test_every_table_is_exported_or_named_with_a_reason() -> None:
    fates = listed()
    assert set(fates) == set(metadata.tables), "docs/export.md says of every table what becomes of it"
    owned = {table.name for table in owners.tables_of_people()}
    for name, (back, erased, why) in fates.items():
        assert back in ("yes", "no", "–"), name
        assert back == "yes" or why.strip(), f"say why {name} does not come back"
        assert (erased == "kept") == (metadata.tables[name] in erasure.KEPT), name
        assert name not in owned or (back != "–" and erased != "–"), f"{name} is somebody's"
    keys = {*get_args(Consent), personal.PASTED, personal.TIPS, personal.PASSCODE, personal.FAVOURITES}
    keys |= {personal.LAST_MODEL, settings.KEY_CHOICES, voice.AGREED, voice.MODEL, queued_question.KEY, erasure.MARK}
    assert (
        {*LISTS, *WORDS} < keys == set(re.findall(r"`([\w:]+)`", DOCS.read_text().partition("Settings that")[2])) & keys
    )


def a_batch(database: Database, sha256: str, request: str, answered: int, **plan: Any) -> str:
    """A batch of three rows, of which so many are answered by both models; one of the last answers failed."""
    file = File("a.png", "", "image/png", sha256=sha256, size_bytes=len(talks.BYTES), width=3, height=2)
    made = BatchPlan(
        f"Batch {request}",
        MODELS,
        [(f"prompt {n} of {request}", f"expected {n}" if n < 3 else None) for n in (1, 2, 3)],
        system="Be brief.",
        files=[(file,), (File("notes.txt", "Read."),), ()],
        **plan,
    )
    batch_id, _ = making.create(database, OWNER, request, made, "host/1/a")
    wish = Wish(take=dict.fromkeys(range(len(MODELS)), answered))
    step = carrying.step(database, OWNER, batch_id, "host/1/a", wish)
    assert step
    ended = [Ended(row.n, item_of(row.place, row.n), tries=1, ended_at=START) for row in step.claimed]
    carrying.step(database, OWNER, batch_id, "host/1/a", Wish(ended=ended, idle=True))
    return batch_id


def item_of(place: int, n: int) -> Item:
    if (place, n) == (1, 3):
        return Item(1, "failed", "A part", error_kind="network", error="It broke.", origin="network", finish="error")
    return Item(
        place, "done", f'{{"total": {n}}}', n == 1, 0, 10.5, 100.25, 5, 7, n == 2, Decimal("0.00012"), "stop",
        served_model_id="c/three", response_model="three", served_by="Host", system_fingerprint="fp", likeness=0.75,
        clashes=1, form="invalid" if place else "valid", form_problem=INVALID if place else "", marks="1", repaired="",
        cached_tokens=2, reasoning_tokens=3,
    )  # fmt: skip


def fill(database: Database) -> str:
    """A person with something of everything that comes back; the id of the batch that is not done."""
    sha256 = blobs.put(database, OWNER, talks.BYTES, "image/png")
    written = talks.rows(sha256)
    for name in ("judge", "merge"):
        written["conversations"].append(talks.conversation(name, "lane"))
        written["messages"] += talks.turn(name)
    with database.write() as connection:
        for table in talks.WALKED:
            connection.execute(table.insert(), written[table.name])
        both = [f"{talks.SECOND}-a", f"{talks.FIRST}-a"]
        judgements = [
            {"conversation_id": name, "run_id": talks.RUN, "kind": name, "model_id": "c/three", "answers": both,
             "created_at": talks.at(7)}
            for name in ("judge", "merge")
        ]  # fmt: skip
        connection.execute(verdicts.insert(), judgements)
        choice = {"message_id": f"{talks.CHAT}-a", "owner_id": OWNER, "tier": "small", "difficulty": 0.25}
        choice |= {"by_difficulty": True, "at": talks.at(3), "verdict": "big", "judged_at": talks.at(4)}
        connection.execute(routed_answers.insert(), choice)
        hosts = [CheckedHost("a/one", "reference", 9, 8), CheckedHost("b/one", "different", 9, 9, p_value=0.001)]
        check = {"owner_id": OWNER, "id": "check", "family": "one", "at": START, "questions": 4}
        connection.execute(equality_checks.insert(), {**check, "hosts": hosts_as_json(hosts)})
    form = {"response_format": "schema", "schema_json": SCHEMA, "temperature": 0.5}
    rule = {"kind": "number", "ignore_case": False, "tolerance": "0.5"}
    wanted: list[dict[str, str]] = [{"total": "1"}, {}, {"total": "3"}]
    a_batch(database, sha256, "whole", 3, settings=form, rule=rule, fields=["total"], expected_fields=wanted)
    prompts.add(database, OWNER, [LibraryPrompt("", f"P{n}", "Say {{x}}", "Be", {"x": "it"}) for n in (1, 2)])
    line_ups.save(database, OWNER, "Fast", MODELS)
    for key, value in (("favourite_models", ["b/two", "a/one"]), ("closed_tips", ["palette"]), ("last_model", "a/one"),
                       ("speech_model", "s/peech")):  # fmt: skip
        settings.put(database, OWNER, key, value)
    above = (("system", "Be"), ("user", "Hi"), ("assistant", "Hello"))
    setup: dict[str, Any] = {
        "system": "Be.",
        "settings": {"temperature": 0.25},
        "rule": {"kind": "regex", "ignore_case": True},
    }
    past = [PastQuestion(str(n), f"past {n}", f"before {n}", START, "chat", above, **setup) for n in (1, 2, 3)]
    rehearsal = Rehearsal("old/model", blind=True)
    return a_batch(database, sha256, "half", 1, rehearsal=rehearsal, past=past, when_spent="skip")


def exported(database: Database, owner_id: str = OWNER) -> dict[str, Any]:
    text = "".join(export.export(database, owner_id, "json"))
    content: dict[str, Any] = json.loads(text)
    del content["exported_at"]
    return content


def counts(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
            for name, (back, _, _) in listed().items()
            if back == "yes"
        }


def test_everything_of_a_person_comes_back_once(database: Database, tmp_path: Path) -> None:
    source = open_database(None, tmp_path / "source", now=database.now)
    half = fill(source)
    before = exported(source)
    assert {"batches", "batch_rows", "prompts", "line_ups", "settings", "checks", "files"} < set(before)
    loaded = load(database, OWNER, json.dumps(before).encode(), sleep=lambda _: None)
    assert (loaded.left.reasons, loaded.known, loaded.conversations) == ([], 0, 2)
    things = {"batch": 2, "batch_row": 6, "vote": 1, "verdict": 2, "prompt": 2, "line_up": 1, "setting": 4, "check": 1}
    assert (dict(loaded.things), dict(loaded.known_things)) == ({**things, "file": 1}, {})
    stored_counts = counts(database)
    assert min(stored_counts.values()) > 0, "a row in each table that comes back"
    assert stored_counts == counts(source)
    after = exported(database)
    for content in (before, after):  # a batch that ran is paused here
        (head,) = (each for each in content["batches"] if each["id"] == half)
        assert head.pop("state") == ("running" if content is before else "paused")
    assert after == before
    batch = reading.get(database, OWNER, half)
    assert (batch.rows, batch.items, batch.done, batch.failed, batch.has_files) == (3, 6, 2, 0, True)
    again = load(database, OWNER, json.dumps(exported(source)).encode(), sleep=lambda _: None)
    assert (again.conversations, again.messages, again.known) == (0, 0, 2)
    assert dict(again.things) == {}
    assert dict(again.known_things) == {
        "batch": 2,
        "batch_row": 6,
        "prompt": 2,
        "line_up": 1,
        "setting": 4,
        "check": 1,
        "file": 1,
    }
    assert counts(database) == stored_counts
    source.close()


def columns_of(database: Database, table: Table, made_anew: set[str]) -> list[dict[str, Any]]:
    with database.read() as connection:
        query = select(*(column for column in table.c if column.name not in made_anew))
        return sorted((dict(row._mapping) for row in connection.execute(query)), key=str)


def test_every_column_of_a_batch_comes_back(tmp_path: Path) -> None:
    source, back = (open_database(None, tmp_path / name) for name in ("source", "back"))
    fill(source)
    load(back, OWNER, json.dumps(exported(source)).encode(), sleep=lambda _: None)
    of_here = {"owner_process", "lease_until", "state", "ended_at"}  # who carries it, and that it does not run on
    for table, made_anew in ((batches, of_here), (batch_rows, {"reference_check"}), (items, set())):
        written = columns_of(source, table, made_anew)
        assert columns_of(back, table, made_anew) == written
        empty = {name for name in written[0] if all(row[name] is None for row in written)}
        assert empty <= {"approval"}, f"give a value to {table.name}: {empty}"
    for database in (source, back):
        database.close()


def test_batches_are_hidden_until_the_file_is_read_and_gone_if_it_cannot_be(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_database(None, tmp_path / "source", now=database.now)
    fill(source)
    content = exported(source)
    source.close()
    broken = json.dumps(content | {"files": [], "zzz": 1})[:-5].encode()
    with pytest.raises(BadImport, match="The file is not JSON: line 1"):
        load(database, OWNER, broken, sleep=lambda _: None)
    assert set(counts(database).values()) == {0} or not reading.recent(database, OWNER)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(batches)).scalar_one() == 0
    seen: list[tuple[int, int]] = []
    finish = progress.Import.finish

    def look_first(running: Any, *rest: Any) -> None:
        with database.read() as connection:
            hidden = select(func.count()).where(batches.c.owner_id == OWNER, batches.c.state == HIDDEN)
            seen.append((len(reading.recent(database, OWNER)), connection.execute(hidden).scalar_one()))
        assert exported(database).keys() == {"format", "version", "conversations"}
        finish(running, *rest)

    monkeypatch.setattr(progress.Import, "finish", look_first)
    load(database, OWNER, json.dumps(content).encode(), sleep=lambda _: None)
    assert (seen, len(reading.recent(database, OWNER))) == ([(0, 2)], 2)


def test_another_owners_file_becomes_ones_own_and_takes_nothing_away(database: Database, tmp_path: Path) -> None:
    fill(database)
    of_ana = exported(database)
    loaded = load(database, "ben", json.dumps(of_ana).encode(), sleep=lambda _: None)
    assert loaded.left.reasons == []
    assert exported(database) == of_ana
    of_ben = exported(database, "ben")
    assert {len(of_ben[name]) - len(of_ana[name]) for name in of_ana if isinstance(of_ana[name], list)} == {0}
    assert not {batch["id"] for batch in of_ben["batches"]} & {batch["id"] for batch in of_ana["batches"]}


HEAD = {"id": "b", "model_ids": ["a/one"], "created_at": "2026-01-01T00:00:00+00:00"}
ROW = {"batch_id": "b", "n": 1, "prompt": "Hi"}


@pytest.mark.parametrize(
    ("member", "items_of_it", "reason"),
    [
        ("batches", [3], "Batch 1 is not an object"),
        ("batches", [{**HEAD, "model_ids": []}], "Batch 1: “model_ids” is empty"),
        ("batches", [HEAD, HEAD], "Batch 2 has the id of another one"),
        ("batch_rows", [{**ROW, "batch_id": "c"}], "Batch row 1 is of a batch that is not in the file"),
        ("batch_rows", [{**ROW, "n": 0}], "Batch row 1: “n” is too small"),
        ("batch_rows", [{**ROW, "answers": [{"place": 0, "state": "asking"}]}],
         "Batch row 1, answer 1: “state” is not one of done, failed, skipped"),
        ("batch_rows", [{**ROW, "answers": [{"place": 0, "state": "done", "form_problem": "[1]"}]}],
         "Batch row 1, answer 1, “form_problem” is not a problem of an answer"),
        ("prompts", [{"title": "T"}], "Prompt 1: “text” does not fit"),
        ("line_ups", [{"name": " ", "model_ids": ["a"]}], "Line-up 1: “name” is empty"),
        ("settings", [{"key": "may_leave", "value": "sim"}],
         "Setting 1: “key” is not one of last_model, speech_model"),
        ("checks", [{"id": "c", "family": "f", "at": HEAD["created_at"], "questions": 1, "hosts": [{}]}],
         "Check 1: “hosts” are no hosts of a check"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_left_out_and_said(
    tmp_path: Path, member: str, items_of_it: list[Any], reason: str
) -> None:
    with_rows = {"format": "roundtable", "version": 1, "conversations": [], "batches": [HEAD], "batch_rows": [ROW]}
    back = open_database(None, tmp_path)
    loaded = load(back, OWNER, json.dumps(with_rows | {member: items_of_it}).encode(), sleep=lambda _: None)
    assert reason in loaded.left.reasons
    with back.read() as connection:
        left = connection.execute(select(batches.c.state)).scalars().all()
    assert HIDDEN not in left
    back.close()


def test_a_small_file_makes_no_flood_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_import, "MOST_ITEMS", 4)
    back = open_database(None, tmp_path)
    head = {**HEAD, "model_ids": ["a/one", "b/two"]}
    content = {"format": "roundtable", "version": 1, "conversations": [], "batches": [head, {**head, "id": "c"}]}
    content["batch_rows"] = [{**ROW, "n": n, "batch_id": batch} for n in (1, 2) for batch in "bc"]
    loaded = load(back, OWNER, json.dumps(content).encode(), sleep=lambda _: None)
    assert (loaded.things["batch_row"], loaded.left.counts["batch_row"]) == (2, 2)
    assert loaded.left.reasons[0] == "Batch row 3 is one too many"
    assert [(batch.rows, batch.items) for batch in reading.recent(back, OWNER)] == [(1, 2), (1, 2)]
    back.close()


def test_a_file_gives_no_consent_no_approval_and_runs_nothing(tmp_path: Path) -> None:
    back = open_database(None, tmp_path)
    approval = {"calls": 1, "input_tokens": 1, "output_tokens": 1, "cost_usd": "0", "decision": "approved"}
    head = {**HEAD, "state": "running", "approval": approval, "owner_process": "host/1/a", "pasted": ["sim"]}
    content = {"format": "roundtable", "version": 1, "conversations": [], "batches": [head], "batch_rows": [ROW]}
    content["settings"] = [{"key": "may_leave", "value": ["sim"]}, {"key": "erasing", "value": ["1"]}]
    load(back, OWNER, json.dumps(content).encode(), sleep=lambda _: None)
    (batch,) = reading.recent(back, OWNER)
    assert (batch.state, batch.approval, batch.carried, batch.pasted) == ("paused", None, False, ())
    assert settings.get(back, OWNER, "may_leave") is None
    assert settings.get(back, OWNER, "erasing") is None
    back.close()


@pytest.mark.parametrize(("step", "batches_left"), [("finish", 0), ("show", 2)])
def test_an_interrupted_import_is_completed_or_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, batches_left: int
) -> None:
    source, back = (open_database(None, tmp_path / name) for name in ("source", "back"))
    fill(source)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    back.lease_s = -1.0
    content = json.dumps(exported(source)).encode()
    with monkeypatch.context() as patch:
        patch.setattr(progress.Import, step, killed)
        with pytest.raises(KeyboardInterrupt):
            load(back, OWNER, content, sleep=lambda _: None)
    progress.recover(back, "host/2/b")
    status = progress.current(back, OWNER)
    assert status
    assert (len(reading.recent(back, OWNER)), status.things.get("verdict", 0)) == (batches_left, batches_left)
    with back.read() as connection:
        assert connection.execute(select(func.count()).select_from(batches)).scalar_one() == batches_left
    for database in (source, back):
        database.close()
