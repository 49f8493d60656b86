"""A message is a list of parts; most are one text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.records import Completion, Document, Message, Picture, Text, Thought, Timing, ToolCall, ToolResult
from core.safety.screening import screen
from core.store import parts as codec
from core.views.conversation import File, asked_with

PARTS = (
    Text("Look"),
    Picture("image/png", b"123", name="cat.png", width=2, height=3),
    Document("a.pdf", "One.", "application/pdf", b"%PDF", pages="3-7", page_count=9),
    ToolCall("1", "calculator", '{"expression": "1+1"}', "sig"),
    ToolResult("1", "calculator", "2"),
    Thought("Hm.", "sig", provider_id="anthropic"),
)


def test_a_text_is_the_only_part() -> None:
    message = Message("user", "Hi")
    assert (message.parts, message.text, message.is_plain) == ((Text("Hi"),), "Hi", True)
    assert replace(message, model_id="sim/quick") == Message("user", "Hi", "sim/quick")


def test_its_text_is_what_a_model_reads() -> None:
    assert Message("user", PARTS).text == "Look\n\na.pdf:\n```\nOne.\n```\n\n2"
    assert not Message("user", [Picture("image/png", b"1")]).is_empty
    assert Message("user", " ").is_empty


def test_a_document_cannot_end_its_own_fence() -> None:
    assert Document("a.md", "```\nx\n```").as_text().startswith("a.md:\n````\n```")


def test_bytes_are_known_by_their_hash() -> None:
    read = Picture("image/png", b"1")
    assert read == Picture("image/png", sha256=read.sha256, size_bytes=1)
    assert "data" not in repr(read)


def test_texts_are_replaced_in_their_places() -> None:
    message = Message("user", PARTS)
    assert message.texts() == ("Look", "a.pdf", "One.", "2")
    changed = message.with_texts(["A", "B", "C", "D"])
    assert (changed.texts(), changed.parts[1]) == (("A", "B", "C", "D"), PARTS[1])
    with pytest.raises(ValueError, match="4 texts"):
        message.with_texts(["A"])


def test_parts_survive_storage_without_their_bytes() -> None:
    stored = codec.decode(codec.encode(PARTS))
    assert stored == PARTS
    assert stored[1].data == b""
    assert codec.decode([{"type": "hologram"}, {"type": "picture"}, "x", None]) == ()
    steps = (Message("assistant", PARTS[3:4]), Message("tool", PARTS[4:5]))
    assert codec.decode_messages(codec.encode_messages(steps)) == steps


def test_secrets_and_names_are_masked_in_every_part() -> None:
    question = asked_with("Write to ana@example.org", [File("ben@example.org.txt", "call ana@example.org")])
    sent = screen([question], secrets="mask", personal="mask").messages[0]
    assert sent.texts() == ("Write to [mail-1]", "[mail-2]", "call [mail-1]")


def test_an_answer_is_sent_back_thoughts_first() -> None:
    timing = Timing(datetime(2026, 1, 1, tzinfo=UTC))
    completion = Completion("a/b", "Two.", "", None, None, timing, parts=(PARTS[3], PARTS[5]))
    assert [type(part) for part in completion.message().parts] == [Thought, Text, ToolCall]
