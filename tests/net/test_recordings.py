"""The raw request and reply of an answer: without keys, for its owner, for a time, and no longer than the answer."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from core.net.recordings import MOST_ANSWERS, Recordings
from core.records import Head, HttpRequest
from core.safety.redact import Redactor
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, answer, table, workspace_of

KEY = "abcd-0123456789-efgh-0123456789"
PROMPT = "What is a tide?"
ASKED = HttpRequest("POST", "https://a.example/v1", {"Content-Type": "application/json"}, {"q": PROMPT}, "sse")


def test_what_was_sent_and_what_came(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good")))
    answer(workspace, "r1", "acme/small", PROMPT)
    [record] = workspace.of(ME).chats.wire_records("r1")
    assert json.loads(record.body)["messages"][-1]["content"] == PROMPT
    assert (record.method, record.status) == ("POST", 200)
    assert record.url.endswith("/chat/completions")
    assert "data: {" in record.reply
    assert record.reply_bytes == len(record.reply.encode())
    assert not any("authorization" in name.lower() for name in record.headers)
    assert KEYS["acme"] not in str(record)
    assert workspace.of("somebody else").chats.wire_records("r1") == []


def test_each_attempt_is_one_record(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("overloaded")))
    answer(workspace, "r1", "acme/small", PROMPT)
    records = workspace.of(ME).chats.wire_records("r1")
    assert len(records) == 3
    assert {record.status for record in records} == {529}
    assert all(record.reply for record in records)


def test_it_goes_with_the_answer(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good")))
    person = workspace.of(ME, KEYS)
    first = person.chats.ask("r1", PROMPT, "acme/small")
    answer(workspace, "r2", "acme/small", PROMPT)
    answer(workspace, "r3", "acme/small", PROMPT)
    person.history.remove(first.conversation_id)
    assert person.chats.wire_records("r1") == []
    assert person.chats.wire_records("r2")
    person.history.erase_everything()
    assert person.chats.wire_records("r3") == []


def test_without_the_option_nothing_is_kept(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good")), ROUNDTABLE_INSPECT_KB="0")
    answer(workspace, "r1", "acme/small", PROMPT)
    assert workspace.of(ME).chats.wire_records("r1") == []


def test_it_is_cut_to_a_size_and_clean() -> None:
    recordings = Recordings(100, 60)
    recorder = recordings.begin(ME, "r1", "c", ASKED, Redactor([KEY]))
    recorder.came(Head(200, {"x-echo": f"Bearer {KEY}"}))
    recorder.add(f"data: {KEY} ".encode())
    recorder.add(b"x" * 1000)
    [record] = recordings.of(ME, "r1")
    assert len(record.reply) <= 100
    assert record.reply_bytes == 1000 + len(KEY) + 7
    assert KEY not in str(record)


def test_a_key_at_the_cut_is_not_shown_in_part() -> None:
    recordings = Recordings(40, 60)
    recorder = recordings.begin(ME, "r1", "c", ASKED, Redactor([KEY]))
    recorder.came(Head(200))
    recorder.add(f"data: 1234567890 {KEY}".encode())
    [record] = recordings.of(ME, "r1")
    assert KEY[:12] not in record.reply


def test_old_ones_and_too_many_are_dropped() -> None:
    now = 0.0
    recordings = Recordings(100, 60, lambda: now)
    for number in range(MOST_ANSWERS + 1):
        recordings.begin(ME, f"r{number}", "c", ASKED, Redactor())
    assert recordings.of(ME, "r0") == []
    assert recordings.of(ME, "r1")
    now = 61.0
    assert recordings.of(ME, "r1") == []


def test_pictures_are_not_kept_but_told() -> None:
    content = b"\x89PNG" + bytes(30_000)
    data = b64encode(content).decode()
    text = "A" * 2_000
    body = {
        "messages": [{"content": [{"image_url": {"url": f"data:image/png;base64,{data}"}}, {"text": text}]}],
        "images": [data],
    }
    recordings = Recordings(100_000, 60)
    recorder = recordings.begin(ME, "r1", "c", HttpRequest("POST", "https://x.invalid", {}, body, "json"), Redactor())
    assert data not in str(vars(recorder))
    recorder.came(Head(200))
    recorder.add(b'{"data": "' + data.encode() + b'"}')
    [record] = recordings.of(ME, "r1")
    written = f"… {len(content)} bytes, SHA-256 {sha256(content).hexdigest()} …"
    assert f"data:image/png;base64,{written}" in record.body
    assert record.body.count(written) == 2
    assert text in record.body  # a person's words, however they look
    assert record.reply == '{"data": "' + written + '"}'
