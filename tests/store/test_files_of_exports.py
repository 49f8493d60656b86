"""Pictures and documents in the zips of ChatGPT and Claude: brought, counted where they are not, never too much."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.encodings import zip_name
from core.records import Picture
from core.store import BadImport, blobs, conversations, tree
from core.store.database import Database
from core.store.imports.load import load_file
from core.store.portable import archive
from core.store.portable.export_files import FilesOfExport, keeping
from core.store.tables import messages
from core.views.conversation import File
from core.views.imports import FileRefused, Loaded
from tests.store.conftest import OWNER
from tests.store.test_foreign_exports import AT, chatgpt, node

PNG, JPEG, PDF = b"\x89PNG\r\n\x1a\n-one", b"\xff\xd8\xff-two", b"%PDF-1.4 three"


def zipped(path: Path, talks: list[Any], files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("conversations.json", json.dumps(talks))
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def pointer(asset: str, kind: str = "image_asset_pointer") -> dict[str, Any]:
    return {"content_type": kind, "asset_pointer": asset, "size_bytes": 9, "width": 3, "height": 2}


def turn(name: str, parent: str | None, role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    made = node(name, parent, role, "", **more)
    made["message"]["content"] = {"content_type": "multimodal_text", "parts": list(parts)}
    return made


def imported(database: Database, path: Path, **how: Any) -> Loaded:
    return load_file(database, OWNER, path, sleep=lambda _: None, **how)


def branch(database: Database) -> Any:
    (entry,) = conversations.recent(database, OWNER).entries
    return tree.path(database, OWNER, entry.id).turns


def number_of_blobs(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(blobs.blobs)).scalar_one())


def test_pictures_and_documents_of_chatgpt_come_with_their_messages(database: Database, tmp_path: Path) -> None:
    attached = [
        {"id": "file-aB3", "name": "我的猫.png", "mime_type": "image/png"},
        {"id": "file_0c", "name": "plan.pdf", "mime_type": "application/pdf"},
    ]
    talk = chatgpt(
        turn("q", None, "user", pointer("file-service://file-aB3"), "Look", metadata={"attachments": attached}),
        node("call", "q", "assistant", '{"prompt": "a cat"}', recipient="dalle.text2im"),
        turn("t", "call", "tool", pointer("sediment://file_00ff")),
        node("a", "t", "assistant", "Here."),
        node("q2", "a", "user", "Another"),
        turn("t2", "q2", "tool", pointer("sediment://file_00ee")),
    )
    names = {"file_0c.dat": "plan.pdf", "file_00ff.dat": "cat.png"}
    files = {
        "file-aB3-whatever.png": PNG,
        "file_0c.dat": PDF,
        "user-x/file_00ff.dat": JPEG,
        "dalle-generations/file_00ee-cat.webp": JPEG,
        "conversation_asset_file_names.json": json.dumps(names).encode(),
    }
    loaded = imported(database, zipped(tmp_path / "export.zip", [talk], files))
    assert not loaded.left
    question, answer, _, drawn = branch(database)
    assert (question.text, [file.name for file in question.attached]) == ("Look", ["我的猫.png", "plan.pdf"])
    assert (answer.text, drawn.text, drawn.role) == ("Here.", "", "assistant")
    (picture,) = answer.completion.parts
    assert isinstance(picture, Picture)
    assert picture.name == "cat.png"
    assert drawn.completion.parts[0].sha256 == picture.sha256
    stored = blobs.load(database, OWNER, [*(file.sha256 for file in question.attached), picture.sha256])
    assert sorted(stored.values()) == sorted([PNG, PDF, JPEG])
    assert number_of_blobs(database) == 3
    history = tree.history(
        database, OWNER, branch(database)[0].id and conversations.recent(database, OWNER).entries[0].id, drawn.id
    )
    assert [len(message.media) for message in history] == [2, 1, 0, 1]


def test_what_the_export_lacks_is_counted_and_named_where_it_was(database: Database, tmp_path: Path) -> None:
    talk = chatgpt(
        turn("q", None, "user", pointer("file-service://file-gone"), pointer("nothing"), "Look"),
        turn("a", "q", "assistant", pointer("sediment://file_lost"), "Seen."),
    )
    loaded = imported(database, zipped(tmp_path / "export.zip", [talk], {}))
    assert loaded.left.files == {"missing": 3}
    assert [turn.text for turn in branch(database)] == ["Look\n\n[picture]\n[picture]", "Seen.\n\n[picture]"]
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([talk]))
    assert imported(database, path).left.files == {"missing": 3}


def test_a_file_without_room_is_named_and_comes_with_the_next_import(database: Database, tmp_path: Path) -> None:
    attached = {"attachments": [{"id": "file-a", "name": "cat.png"}]}
    talk = chatgpt(
        turn("q", None, "user", pointer("file-service://file-a"), "Look", metadata=attached),
        turn("a", "q", "assistant", pointer("file-service://file-b"), "Here."),
    )
    path = zipped(tmp_path / "export.zip", [talk], {"file-a-x.png": PNG, "file-b-y.png": JPEG})

    def full(name: str, data: bytes) -> File:
        raise FileRefused("room")

    loaded = imported(database, path, take_file=full)
    assert (loaded.left.files, loaded.left.file_names) == ({"room": 2}, {"room": ["cat.png", "y.png"]})
    assert number_of_blobs(database) == 0
    again = imported(database, path)
    assert (again.messages, bool(again.left)) == (0, False)
    question, answer = branch(database)
    assert ([file.name for file in question.attached], len(answer.completion.parts)) == (["cat.png"], 1)
    imported(database, path)
    assert len(branch(database)[0].attached) == 1


def test_code_its_output_and_a_canvas_stay_with_the_answer(database: Database, tmp_path: Path) -> None:
    canvas = json.dumps({"name": "Plan", "type": "document", "content": "One\n```\ntwo"})
    run = {"aggregate_result": {"messages": [{"message_type": "image", "image_url": "file-service://file-plot"}]}}
    result = node("r", "c", "tool", "")
    result["message"] |= {"content": {"content_type": "execution_output", "text": "4"}, "metadata": run}
    talk = chatgpt(
        node("q", None, "user", "Plot"),
        node("c", "q", "assistant", "print(2 + 2)", recipient="python"),
        result,
        node("k", "r", "assistant", canvas, recipient="canmore.create_textdoc"),
        node("a", "k", "assistant", "Done."),
    )
    imported(database, zipped(tmp_path / "export.zip", [talk], {"file-plot-1.png": PNG}))
    answer = branch(database)[-1]
    assert answer.text == "Plan:\n\n````\nOne\n```\ntwo\n````\n\nDone."
    assert answer.completion.reasoning == "```python\nprint(2 + 2)\n```\n\n```\n4\n```"
    assert [part.name for part in answer.completion.parts] == ["1.png"]


def test_edits_of_a_canvas_are_marked_and_counted_and_a_canvas_without_an_answer_stays(
    database: Database, tmp_path: Path
) -> None:
    edits = [{"pattern": "One", "multiple": False, "replacement": "1"}, {"pattern": "two", "replacement": "2"}]
    rewritten = {"updates": [{"pattern": ".*", "multiple": False, "replacement": "Anew"}]}
    remark = {"comments": [{"pattern": "Anew", "comment": "Say more."}]}
    talk = chatgpt(
        node("q", None, "user", "Plan it"),
        node("k", "q", "assistant", json.dumps({"updates": edits}), recipient="canmore.update_textdoc"),
        node("a", "k", "assistant", "Changed."),
        node("q2", "a", "user", "Again"),
        node("l", "q2", "assistant", json.dumps(rewritten), recipient="canmore.update_textdoc"),
        node("m", "l", "assistant", json.dumps(remark), recipient="canmore.comment_textdoc"),
    )
    loaded = imported(database, zipped(tmp_path / "export.zip", [talk], {}))
    assert (loaded.left.canvas_edits, bool(loaded.left), loaded.left.counts) == (3, True, {})
    with database.read() as connection:
        texts = list(connection.execute(select(messages.c.text).order_by(messages.c.seq)).scalars())
    assert texts == ["Plan it", "[canvas: 2 edits]\n\nChanged.", "Again", "```\nAnew\n```", "[canvas: 1 edit]"]


def test_a_recording_is_left_out_and_its_words_stay(database: Database, tmp_path: Path) -> None:
    sound = {"content_type": "real_time_user_audio_video_asset_pointer",
             "audio_asset_pointer": pointer("sediment://file_s", "audio_asset_pointer")}  # fmt: skip
    words = {"content_type": "audio_transcription", "text": "Hello there"}
    loaded = imported(database, zipped(tmp_path / "export.zip", [chatgpt(turn("q", None, "user", sound, words))], {}))
    assert loaded.left.files == {"sound": 1}
    assert branch(database)[0].text == "Hello there"


def test_claude_has_the_text_and_names_the_rest(database: Database, tmp_path: Path) -> None:
    at = "2026-08-01T10:00:00+00:00"
    question = {
        "uuid": "m1", "sender": "human", "text": "Read", "created_at": at,
        "attachments": [{"file_name": "a.txt", "extracted_content": "beans"}],
        "files": [
            {"file_name": "a.txt"},
            {"file_name": "cat.png", "file_uuid": "11111111-2222-3333-4444-555555555555"},
            {"file_name": "dog.png", "file_uuid": "11111111-2222-3333-4444-555555555556"},
        ],
    }  # fmt: skip
    talk = {"uuid": "u", "name": "T", "created_at": at, "updated_at": at, "chat_messages": [question]}
    files = {"attachments/11111111-2222-3333-4444-555555555555.png": PNG}
    loaded = imported(database, zipped(tmp_path / "export.zip", [talk], files))
    assert (loaded.left.files, loaded.left.file_names) == ({"missing": 1}, {"missing": ["dog.png"]})
    (turn,) = branch(database)
    assert (turn.text, [file.name for file in turn.attached]) == ("Read\n\n[dog.png]", ["a.txt", "cat.png"])


def exported(tmp_path: Path, files: Mapping[str, bytes], damage: Any = None) -> archive.ExportFiles:
    path = zipped(tmp_path / "export.zip", [], files)
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    export_files = archive.opened(path)[1]
    assert export_files
    return export_files


def refused(files: archive.ExportFiles, asset: str, most_bytes: int = 1000) -> str:
    member = files.find(asset, "")
    assert member
    with pytest.raises(FileRefused) as raised:
        files.read(member, most_bytes)
    return raised.value.code


def test_a_bomb_a_lie_and_a_damaged_member_are_refused(tmp_path: Path) -> None:
    bomb = {"file-bomb.png": b"\0" * 30_000_000, "file-ok.png": PNG * 50}
    files = exported(tmp_path, bomb)
    assert refused(files, "file-bomb") == "size"
    lying = files.find("file-bomb", "")
    assert lying
    lying.file_size = 10  # what its entry says is not believed
    assert refused(files, "file-bomb") in ("size", "broken")
    damaged = exported(tmp_path, bomb, lambda data: data.replace(PNG * 50, b"x" * len(PNG * 50)))
    ok = damaged.find("file-ok", "")
    assert ok
    ok.CRC ^= 1
    assert refused(damaged, "file-ok") == "broken"
    ok.flag_bits |= 1
    assert refused(damaged, "file-ok") == "locked"


def test_all_files_together_are_bounded(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", [], {"file-a.png": b"\0" * 900, "file-b.png": b"\1" * 900})
    with zipfile.ZipFile(path) as packed:
        files = archive.ExportFiles(packed, packed.infolist(), most_bytes=1000)
        first = files.find("file-a", "")
        assert first
        assert len(files.read(first, 1000)) == 900
        assert refused(files, "file-b") == "size"


def test_a_list_of_members_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "export.zip", [], {f"file-{number}.png": b"" for number in range(50)})
    monkeypatch.setattr(archive, "MOST_LIST_BYTES", 1000)
    with pytest.raises(BadImport, match="more than a million"):
        archive.opened(path)


def test_a_name_leads_nowhere(database: Database, tmp_path: Path) -> None:
    attached = {"attachments": [{"id": "file-a", "name": "..\\..\\evil/../../x\u202egnp.exe"}]}
    talk = chatgpt(turn("q", None, "user", "Look", metadata=attached))
    path = zipped(tmp_path / "export.zip", [talk], {"../../../file-a-x.png": PNG, "/etc/passwd": b"x"})
    before = set(tmp_path.rglob("*"))
    imported(database, path)
    assert branch(database)[0].attached[0].name == "xgnp.exe"
    assert {each for each in tmp_path.rglob("*") if each.suffix not in (".db-wal", ".db-shm")} - before == set()


@pytest.mark.parametrize(
    ("name", "codec"),
    [("照片/我的小猫.jpg", "gbk"), ("文件.txt", "gbk"), ("报告.pdf", "utf-8"), ("レポート.txt", "cp932"),
     ("Größe.png", "cp437"), ("résumé.pdf", "cp437"), ("отчёт.doc", "cp866"), ("a.png", "ascii")],
)  # fmt: skip
def test_names_of_older_programs_are_read_as_they_were_meant(name: str, codec: str) -> None:
    as_python_reads_it = name.encode(codec).decode("cp437")
    assert zip_name(as_python_reads_it, is_utf8=False) == name
    assert zip_name(name, is_utf8=True) == name


def test_a_file_that_many_messages_name_is_read_once(database: Database, tmp_path: Path) -> None:
    files = exported(tmp_path, {"file-a.png": PNG})
    names: list[str] = []

    def take(name: str, data: bytes) -> File:
        names.append(name)
        return keeping(database, OWNER)(name, data)

    of_export = FilesOfExport(files, take, 1000)
    message = {"role": "user", "text": "", "created_at": AT}
    talk = {"messages": [{**message, "files": [{"asset": "file-a", "name": "", "kind": "picture"}]} for _ in range(9)]}
    of_export.fill(talk, Loaded("", 0, 0, 0).left)
    assert names == [""]
    assert len({each["files"][0]["sha256"] for each in talk["messages"]}) == 1  # type: ignore[index]
