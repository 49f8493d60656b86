"""What other programs export: reasoning, citations, tools, missing dates, damaged messages, files in a zip."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.store import BadImport
from core.store.portable import archive
from core.store.portable.load import read
from core.store.portable.records import ImportedConversation

AT = 1_787_000_000.5


def talks(*items: Any) -> list[ImportedConversation]:
    return read(json.dumps(list(items)).encode())[1]


def node(name: str, parent: str | None, role: str | None, text: Any, **more: Any) -> dict[str, Any]:
    content = {"content_type": "text", "parts": [text]}
    message = {"author": {"role": role}, "create_time": AT, "content": content, "metadata": {}, **more}
    return {"id": name, "parent": parent, "message": message}


def chatgpt(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    mapping = {each["id"]: each for each in nodes}
    return {"id": "c", "title": "T", "create_time": AT, "mapping": mapping, "current_node": nodes[-1]["id"], **more}


def webui(*texts: Any) -> dict[str, Any]:
    messages = {
        f"m{number}": {
            "parentId": f"m{number - 1}" if number else None,
            "role": "assistant" if number % 2 else "user",
            "content": text,
            "timestamp": int(AT),
            "model": "qwen3:8b",
        }
        for number, text in enumerate(texts)
    }
    history = {"messages": messages, "currentId": f"m{len(texts) - 1}"}
    return {"id": "w", "title": "T", "created_at": int(AT), "chat": {"history": history}}


def test_marks_of_citations_become_their_links() -> None:
    mark, entity = "\ue200cite\ue202turn0search3\ue201", '\ue200entity\ue202["people","Ada",0]\ue201'
    text = f"Ada did. {mark} Ask {entity}. Old【4†source】."
    metadata = {"content_references": [{"matched_text": mark, "alt": "([E](https://e.example))"}]}
    (talk,) = talks(chatgpt(node("q", None, "user", "Who?"), node("a", "q", "assistant", text, metadata=metadata)))
    assert talk.messages[-1].text == "Ada did. ([E](https://e.example)) Ask Ada. Old."


def test_what_is_written_to_a_tool_is_left_out() -> None:
    (talk,) = talks(
        chatgpt(
            node("q", None, "user", "1+1?"),
            node("c", "q", "assistant", "print(1+1)", recipient="python"),
            node("t", "c", "tool", "2"),
            node("a", "t", "assistant", "It is 2."),
        )
    )
    assert [message.text for message in talk.messages] == ["1+1?", "It is 2."]
    assert talk.messages[-1].parent_id == "q"


@pytest.mark.parametrize("missing", [{"create_time": None, "update_time": None}, {"create_time": None}])
def test_a_conversation_without_dates_has_those_of_its_messages(missing: dict[str, Any]) -> None:
    (talk,) = talks(chatgpt(node("q", None, "user", "When?"), **missing))
    assert talk.created_at is not None
    assert talk.updated_at is not None
    assert {talk.created_at.year, talk.updated_at.year} == {2026}


def test_reasoning_and_tools_of_open_webui_are_no_text() -> None:
    inner = "<summary>Thought</summary>\n&gt; Beans &amp; peas.\n&gt; Yes."
    thought = f'<details type="reasoning" done="true" duration="3">\n{inner}\n</details>\nPut beans in.'
    called = '<details type="tool_calls" name="clock">\n<summary>Executed</summary>\n</details>\nIt is noon.'
    plain = "<details><summary>More</summary>\nmine</details>"
    (talk,) = talks(webui("How?", thought, "When?", called, "And?", plain))
    assert [message.text for message in talk.messages][1::2] == ["Put beans in.", "It is noon.", plain]
    assert talk.messages[1].completion is not None
    assert talk.messages[1].completion.reasoning == "Beans & peas.\nYes."


def test_deepseek_and_claude_are_read_with_their_reasoning() -> None:
    at = "2026-08-01T10:00:00+08:00"

    def node(name: str, parent: str, *fragments: tuple[str, str]) -> dict[str, Any]:
        made = [{"type": kind, "content": text} for kind, text in fragments]
        return {
            "id": name,
            "parent": parent,
            "message": {"model": "deepseek-chat", "inserted_at": at, "fragments": made},
        }

    mapping = {"root": {"id": "root", "message": None}, "1": node("1", "root", ("REQUEST", "Hi"))}
    mapping["2"] = node("2", "1", ("THINK", "A greeting."), ("RESPONSE", "Hello"))
    (talk,) = talks({"id": "d", "title": "T", "inserted_at": at, "updated_at": at, "mapping": mapping})
    assert [message.text for message in talk.messages] == ["Hi", "Hello"]
    assert talk.messages[1].completion
    assert talk.messages[1].completion.reasoning == "A greeting."
    parts = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hello"}]
    question = {"uuid": "m1", "sender": "human", "text": "Hi", "created_at": at,
             "attachments": [{"file_name": "a.txt", "extracted_content": "beans"}]}  # fmt: skip
    answer = {"uuid": "m2", "sender": "assistant", "content": parts, "created_at": at}
    (talk,) = talks({"uuid": "u", "name": "T", "created_at": at, "updated_at": at, "chat_messages": [question, answer]})
    assert [message.text for message in talk.messages] == ["Hi", "Hello"]
    assert talk.messages[0].files[0].text == "beans"
    assert talk.messages[1].parent_id == "m1"
    assert talk.messages[1].completion
    assert talk.messages[1].completion.reasoning == "Hm."


@pytest.mark.parametrize("damage", [{"message": None}, {"message": {"author": None, "content": None}}, {"message": 5}])
def test_a_damaged_message_is_left_out_and_the_rest_taken(damage: dict[str, Any]) -> None:
    damaged = {"id": "x", "parent": "q", **damage}
    (talk,) = talks(chatgpt(node("q", None, "user", "Hi"), damaged, node("a", "x", "assistant", "Yo")))
    assert [message.text for message in talk.messages] == ["Hi", "Yo"]


def test_numbered_files_of_a_zip_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in (1, 0):
            talk = chatgpt(node("q", None, "user", f"{number}"))
            packed.writestr(f"export/conversations-00{number}.json", json.dumps([talk]))
        packed.writestr("export/user.json", "{}")
    files, _ = archive.opened(path)
    held = [json.loads(file.read(10**6))[0] for file, _ in files]
    assert [talk["mapping"]["q"]["message"]["content"]["parts"] for talk in held] == [["0"], ["1"]]
    for file, _ in files:
        file.close()


def test_what_is_nobodys_export_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadImport, match="not a supported export"):
        talks({"something": "else"})


def test_what_has_no_id_is_taken_all_the_same() -> None:
    nodes = {"a": {"parent": None, "message": {"author": {"role": "user"}, "content": {"parts": ["hi"]}}}}
    chats = [{"sender": "human", "text": "hi"}, {"sender": "assistant", "text": "yo"}]
    for item in ({"title": "T", "mapping": nodes}, {"name": None, "chat_messages": chats}):
        first, second = read(json.dumps([item, item]).encode())[1]
        assert first.messages[0].text == "hi"
        assert first.id != second.id


TALK = [("user", "Hi"), ("assistant", "Hello")]
LIBRE_ANSWER = {"messageId": "m2", "parentMessageId": "m1", "text": "Hello", "isCreatedByUser": False, "model": "m"}


def turns_of(talk: ImportedConversation) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in talk.messages]


def reasoning_of(talk: ImportedConversation) -> str:
    completion = talk.messages[-1].completion
    return completion.reasoning or "" if completion else ""


def libre(answer: dict[str, Any], *, nested: bool = False) -> dict[str, Any]:
    question = {"messageId": "m1", "parentMessageId": "00000000-0000-0000-0000-000000000000", "text": "Hi"}
    question |= {"isCreatedByUser": True, "createdAt": "2026-06-01T12:00:00.000Z"}  # type: ignore[dict-item]
    answer = {"createdAt": "2026-06-01T12:00:01.000Z", **answer}
    messages = [{**question, "children": [answer]}] if nested else [question, answer]
    return {"conversationId": "l", "title": "T", "options": {"model": "m"}, "messages": messages}


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize(
    ("answer", "reasoning"),
    [
        (LIBRE_ANSWER, ""),
        ({**LIBRE_ANSWER, "text": ":::thinking\nhm\n:::\n\nHello"}, "hm"),
        ({**LIBRE_ANSWER, "content": [{"type": "think", "think": "hm"}, {"type": "text", "text": "Hello"}]}, "hm"),
        ({**LIBRE_ANSWER, "content": [{"type": "text", "text": {"value": "Hello"}}]}, ""),
    ],
)
def test_librechat_is_read(answer: dict[str, Any], reasoning: str, *, nested: bool) -> None:
    (talk,) = talks(libre(answer, nested=nested))
    assert turns_of(talk) == TALK
    assert (talk.messages[1].parent_id, talk.messages[1].model_id) == ("m1", "librechat/m")
    assert reasoning_of(talk) == reasoning


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
        [{"role": "user", "content": "Hi"}, {"role": "model", "parts": [{"text": "Hello"}]}],
        [{"sender": "human", "text": "Hi"}, {"sender": "AI", "text": "Hello"}],
    ],
)
def test_messages_of_a_role_and_a_text_are_read_whoever_wrote_them(messages: list[dict[str, Any]]) -> None:
    source, (talk,) = read(json.dumps({"title": "T", "messages": messages}).encode())
    assert (source, talk.title, turns_of(talk)) == ("plain", "T", TALK)


def chat(**answer: Any) -> dict[str, Any]:
    return chatgpt(node("q", None, "user", "Hi"), node("a", "q", "assistant", "Hello", **answer))


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(chat()).encode("utf-16"),
        json.dumps({"conversations": [chat()]}).encode(),
        json.dumps([None, chat()]).encode(),
        json.dumps([chat()]).encode("utf-8-sig"),
    ],
)
def test_an_export_may_come_in_another_frame(data: bytes) -> None:
    source, (talk,) = read(data)
    assert (source, turns_of(talk)) == ("chatgpt", TALK)


def test_conversations_may_stand_one_a_line() -> None:
    lines = b"\n".join(json.dumps({**chat(), "id": name}).encode() for name in "abc")
    assert {talk.id for talk in read(lines)[1]} == {"a", "b", "c"}


def test_newer_exports_of_chatgpt_tell_model_and_thoughts_elsewhere() -> None:
    thought = {"content_type": "thoughts", "thoughts": [{"summary": "S", "content": "A greeting."}]}
    nodes = (node("q", None, "user", "Hi"), node("t", "q", "assistant", "", content=thought))
    (talk,) = talks(chatgpt(*nodes, node("a", "t", "assistant", "Hello"), default_model_slug="gpt-5"))
    assert (talk.messages[-1].model_id, reasoning_of(talk)) == ("chatgpt/gpt-5", "A greeting.")


@pytest.mark.parametrize(
    "date", ["2026-08-01T10:00:00", "2026-08-01 10:00:00 UTC", "2026/8/1 10:00:00", "Sat, 01 Aug 2026 10:00:00 GMT"]
)
def test_a_date_is_read_in_any_spelling_and_without_a_zone(date: str) -> None:
    (talk,) = talks({"title": "T", "messages": [{"role": "user", "content": "Hi", "date": date}]})
    assert talk.messages[0].created_at is not None
    assert talk.messages[0].created_at.isoformat() == "2026-08-01T10:00:00+00:00"


@pytest.mark.parametrize("name", ["data", "chats", "items"])
def test_conversations_may_stand_under_any_name(name: str) -> None:
    source, (talk,) = read(json.dumps({"version": 1, name: [chat()]}).encode())
    assert (source, turns_of(talk)) == ("chatgpt", TALK)


def test_times_are_read_as_numbers_in_words_too() -> None:
    (talk,) = talks(chat(create_time=f"{AT}"))
    assert talk.messages[-1].created_at == talk.messages[0].created_at


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([{"type": "tool_use", "name": "artifacts"}], "[artifacts]"),
        ([{"type": "text", "text": "It is", "citations": [{}]}, {"type": "text", "text": " far."}], "It is far."),
        ([{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}], "One.\n\nTwo."),
    ],
)
def test_the_parts_of_claudes_answers_are_one_text(parts: list[dict[str, Any]], text: str) -> None:
    answer = {"uuid": "m2", "sender": "assistant", "text": "", "content": parts, "created_at": "2026-08-01T10:00:00Z"}
    (talk,) = talks({"uuid": "u", "name": "T", "chat_messages": [answer]})
    assert talk.messages[0].text == text


def test_older_exports_of_deepseek_name_no_author() -> None:
    at = "2026-08-01T10:00:00+08:00"
    question = {"content": "Hi", "reasoning_content": None, "inserted_at": at, "files": [{"name": "a.pdf"}]}
    answer = {"content": "Hello [citation:1]", "reasoning_content": "hm", "inserted_at": at, "model": "r"}
    mapping = {"root": {"message": None}, "1": {"parent": "root", "message": question}}
    (talk,) = talks({"id": "d", "title": "T", "mapping": {**mapping, "2": {"parent": "1", "message": answer}}})
    assert (turns_of(talk), reasoning_of(talk)) == ([("user", "Hi\n\n[a.pdf]"), ("assistant", "Hello")], "hm")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("<think>\nhm\n</think>\n\nHello", "Hello"),
        ('<details type="reasoning" done="false">\n<summary>Thinking</summary>\n> hm\n', ""),
    ],
)
def test_reasoning_of_open_webui_in_tags_and_without_end(answer: str, text: str) -> None:
    (talk,) = talks(webui("Hi", answer))
    assert (talk.messages[1].text, reasoning_of(talk)) == (text, "hm")


def test_open_webui_keeps_newer_answers_as_output() -> None:
    export = webui("Hi", "")
    parts = {"reasoning": "hm", "message": "Hello"}
    output = [{"type": kind, "content": [{"type": "output_text", "text": text}]} for kind, text in parts.items()]
    export["chat"]["history"]["messages"]["m1"]["output"] = output
    (talk,) = talks(export)
    assert (turns_of(talk), reasoning_of(talk)) == (TALK, "hm")


@pytest.mark.parametrize(
    ("members", "number"),
    [
        (["conversations (1).json"], 1),
        (["conversations/a.json", "conversations/b.json", "user.json"], 2),
        (["chat-export-1.json", "users.json", "__MACOSX/._chat-export-1.json"], 1),
    ],
)
def test_a_zip_may_name_its_files_otherwise(tmp_path: Path, members: list[str], number: int) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for member in members:
            packed.writestr(member, json.dumps(chat()))
    files, _ = archive.opened(path)
    assert len(files) == number
    for file, _ in files:
        file.close()
