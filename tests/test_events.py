"""Lines for operators: one for each failure, with an id that the person sees, and nothing that a person wrote."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events, log_format, logs
from core.errors import RateLimited
from core.safety.redact import Redactor
from core.safety.sieve import HIDDEN
from core.store import completion as codec
from core.store.opening import memory_database
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import answer, ended, table, workspace_of

KEY = "abcd-0123456789-efgh-0123456789"
PROMPT = "A secret about aardvarks"


@pytest.fixture
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the log of the app writes, in the form that the parameter names."""
    out, root = io.StringIO(), logging.getLogger()
    handler = log_format.write_to(out, getattr(request, "param", "json"))
    yield out
    root.removeHandler(handler)


def lines_of(out: io.StringIO, event: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return [line for line in lines if line.get("event") == event]


def test_an_id_is_read_out_without_mistakes() -> None:
    ids = {events.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(events.ID.fullmatch(each) for each in ids)
    assert not {*"01IO"} & set("".join(ids))


def test_json_has_one_object_a_line(written: io.StringIO) -> None:
    redactor = Redactor([KEY])
    logs.install(redactor)
    event_id = events.log("provider_failed", provider="groq", status=429, code=KEY, param=None, ms=1.23456)
    logging.getLogger("roundtable.store").warning("two\nlines of %s", KEY)
    event, message = map(json.loads, written.getvalue().splitlines())
    assert event["time"].endswith("Z")
    assert {name: event[name] for name in ("level", "logger", "event", "id", "provider", "status", "code", "ms")} == {
        "level": "warning", "logger": "roundtable.events", "event": "provider_failed", "id": event_id,
        "provider": "groq", "status": 429, "code": HIDDEN, "ms": 1.235,
    }  # fmt: skip
    assert "param" not in event
    assert message["message"] == f"two\\nlines of {HIDDEN}"


def test_json_names_who_signed_in_until_they_erase_everything(written: io.StringIO) -> None:
    events.introduce("jane", "Jane Doe")
    for owner_id in ("jane", "visitor"):
        events.log("question_refused", person=events.person(owner_id))
    events.forget("jane")
    events.log("question_refused", person=events.person("jane"))
    lines = lines_of(written, "question_refused")
    assert [line.get("name") for line in lines] == ["Jane Doe", None, None]
    assert [line["person"] for line in lines] == [events.person(name) for name in ("jane", "visitor", "jane")]


@pytest.mark.parametrize("written", ["text"], indirect=True)
def test_text_has_the_same_words(written: io.StringIO) -> None:
    logs.install(redactor := Redactor([KEY]))
    failed_id = events.log("provider_failed", code="invalid_api_key", attempt=1)
    assert f"provider_failed id={failed_id}, code=invalid_api_key, attempt=1\n" in written.getvalue()
    assert redactor
    event_id = events.log("login", level=logging.INFO, role="admin")
    assert f"INFO    roundtable.events: login id={event_id}, role=admin\n" in written.getvalue()


def test_what_is_not_one_word_is_left_out(written: io.StringIO) -> None:
    events.log("provider_failed", code=PROMPT, param="提示词", model="x" * 500, kind="rate_limited")
    [line] = lines_of(written, "provider_failed")
    assert (line["code"], line["param"], line["model"], line["kind"]) == ("other", "other", "other", "rate_limited")


def raise_two() -> None:
    try:
        raise ValueError(PROMPT)
    except ValueError as error:
        raise KeyError(PROMPT) from error


@pytest.mark.parametrize("written", ["json", "text"], indirect=True)
def test_an_exception_shows_where_and_not_what_it_says(written: io.StringIO) -> None:
    try:
        raise_two()
    except KeyError as error:
        events.log("page_failed", error=error)
        logging.getLogger("roundtable.jobs").exception("an answer could not be kept")
    text = written.getvalue()
    assert text.count("in raise_two") == 4
    assert text.index("builtins.ValueError") < text.index("builtins.KeyError")
    assert PROMPT not in text


def test_strangers_cannot_fill_the_log(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 60.0
    monkeypatch.setattr(events, "_throttle", events.Throttle(lambda: now))
    for _ in range(1000):
        events.log("request_refused", reason="host")
    assert len(lines_of(written, "request_refused")) == events.STRANGERS_PER_MINUTE
    events.log("provider_failed")
    now = 120.0
    events.log("request_refused", reason="host")
    assert lines_of(written, "request_refused")[-1]["left_out"] == 1000 - events.STRANGERS_PER_MINUTE
    assert "left_out" not in lines_of(written, "provider_failed")[0]


def test_each_failed_attempt_is_one_line_and_the_last_one_is_named(
    tmp_path: Path, server: FaultyServer, written: io.StringIO
) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("overloaded")))
    completion = answer(workspace, "r1", "acme/small", PROMPT)
    assert completion.error
    failures = lines_of(written, "provider_failed")
    assert [line["attempt"] for line in failures] == [1, 2, 3]
    assert failures[-1]["id"] == completion.error.event_id
    assert {line["kind"] for line in failures} == {"overloaded"}
    assert failures[0]["person"] == events.person("owner-me")
    assert "owner-me" not in written.getvalue()
    assert PROMPT not in written.getvalue()


def test_a_question_that_cannot_be_sent_is_a_line_too(tmp_path: Path, written: io.StringIO) -> None:
    workspace = workspace_of(tmp_path, table("acme", "http://127.0.0.1:9"))
    workspace.of("owner-me").chats.ask("r1", PROMPT, "acme/small")  # without a key
    completion = ended(workspace, "r1")
    [line] = lines_of(written, "question_refused")
    assert completion.error
    assert (line["id"], line["kind"]) == (completion.error.event_id, "missing_key")
    assert PROMPT not in written.getvalue()


def test_the_id_is_stored_with_the_answer() -> None:
    error = RateLimited("slow down", origin="provider", event_id="7F3K-9QWD")
    assert codec._decode_error(codec._encode_error(error)).event_id == "7F3K-9QWD"


def test_a_database_in_memory_is_told(written: io.StringIO) -> None:
    database = memory_database()
    [line] = lines_of(written, "database_state")
    assert (line["state"], line["code"], line["id"]) == ("read-only", "memory", database.health().event_id)
    database.close()
