"""The History page, the list beside the chat and the banner, without a browser."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.store import Health, NotFound, Notice
from core.store.search_tables import search_backlog
from core.ui import text
from core.ui.app_state import AppState
from core.ui.chat.tray import reading
from core.ui.history import entries
from core.views.conversation import File, PendingQuestion
from core.workspace import Workspace
from tests.pages.conftest import ME, a_chat, in_address, texts


def links(at: AppTest) -> list[str]:
    return [link.proto.label for link in at.get("page_link")]


def many(shared: AppState, number: int) -> None:
    """So many conversations, two hours apart, the newest now."""
    now = datetime.now(UTC)
    talks = []
    for n in range(number):
        at = (now - timedelta(hours=2 * n)).isoformat()
        messages = [{"id": f"m{n}", "parent_id": None, "role": "user", "text": f"Question {n}", "created_at": at}]
        times = {"created_at": at, "updated_at": at}
        talks.append({"id": f"c{n}", "title": f"Talk {n:03}", "messages": messages, **times})
    content = {"format": "roundtable", "version": 1, "conversations": talks}
    shared.workspace.of(ME).history.load(json.dumps(content).encode())


def test_an_empty_history_leads_to_the_chat(open_page: Callable[..., AppTest]) -> None:
    at = open_page("history")
    assert not at.exception
    assert "No conversations yet" in texts(at)
    assert "Start a chat" in links(at)


def test_chats_and_comparisons_stand_in_one_list_by_day(open_page: Callable[..., AppTest], shared: AppState) -> None:
    a_chat(shared.workspace, "What is a tree?")
    run_id = shared.workspace.of(ME).comparisons.start("c1", "Tea or coffee?", ["sim/quick", "sim/steady"])
    at = open_page("history")
    assert not at.exception
    assert "**Today**" in texts(at)
    assert {"What is a tree?", "Tea or coffee?"} <= {label.replace("\\", "") for label in links(at)}
    queries = [link.proto.query_string for link in at.get("page_link")]
    assert f"run={run_id}" in queries


def test_fifty_a_page_and_more_on_demand(open_page: Callable[..., AppTest], shared: AppState) -> None:
    many(shared, 120)
    at = open_page("history")
    assert "Talk 049" in links(at)
    assert "Talk 050" not in links(at)
    assert "120 conversations" in texts(at)
    at.button(key="more").click().run()
    assert "Talk 099" in links(at)
    assert "Talk 100" not in links(at)


def test_a_search_goes_on_beyond_fifty(open_page: Callable[..., AppTest], shared: AppState) -> None:
    many(shared, 120)
    at = open_page("history")
    at.text_input(key="search").set_value("question").run()
    assert "The first 50 results" in texts(at)
    at.button(key="more-hits").click().run()
    assert "The first 100 results" in texts(at)
    at.button(key="more-hits").click().run()
    assert "120 found" in texts(at)
    assert not [button for button in at.button if button.key == "more-hits"]
    at.text_input(key="search").set_value("question 119").run()
    assert "1 found" in texts(at)


def test_messages_from_before_are_told_of_until_search_knows_them(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    many(shared, 1)
    with shared.workspace.database.write() as connection:
        connection.execute(search_backlog.insert(), {"below": 30, "began": 120})
    at = open_page("history")
    at.text_input(key="search").set_value("question").run()
    assert "Older messages are still being indexed for search: 75% done." in texts(at)


def test_the_sidebar_lists_twelve_and_leads_to_all(open_page: Callable[..., AppTest], shared: AppState) -> None:
    many(shared, 20)
    shared.workspace.of(ME).history.pin("c15", True)
    at = open_page(c="c3")
    shown = links(at)
    assert [label for label in shown if "Talk" in label][:2] == ["Talk 015", "Talk 000"]
    assert "**Talk 003**" in shown
    assert sum("Talk" in label for label in shown) == 12
    assert "All conversations" in shown
    assert "Pinned" in texts(at)


def test_a_search_shows_the_match_and_leads_to_the_message(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "机器学习 is **hard**, isn't it?")
    at = open_page("history")
    at.text_input(key="search").set_value("学习").run()
    assert not at.exception
    assert ":orange-background[**学习**]" in texts(at)
    assert "You · " in texts(at)
    wanted = f"at={view.turns[0].question_id}"
    assert any(wanted in link.proto.query_string for link in at.get("page_link"))
    at.text_input(key="search").set_value("nowhere").run()
    assert "No results for **nowhere**." in texts(at)


def test_what_was_found_is_drawn_harmless(open_page: Callable[..., AppTest], shared: AppState) -> None:
    a_chat(shared.workspace, "needle ![x](http://evil.example/q) :red[a] $x$ [b](javascript:alert(1))")
    at = open_page("history")
    at.text_input(key="search").set_value("needle").run()
    for mark in ("![", "](http", "](java", " :red["):
        assert mark not in texts(at)
    assert not [label for label in links(at) if "](" in label]


def test_rename_pin_delete_and_undo(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "What is a tree?")
    at = open_page("history")
    at.session_state[f"menu-{view.id}"] = True
    at.run()
    at.text_input(key=f"rename-{view.id}").set_value("Trees").run()
    assert shared.workspace.of(ME).chats.get(view.id).title == "Trees"
    at.session_state[f"menu-{view.id}"] = True
    at.run()
    at.button(key=f"pin-{view.id}").click().run()
    assert shared.workspace.of(ME).chats.get(view.id).pinned
    at.session_state[f"menu-{view.id}"] = True
    at.run()
    at.button(key=f"delete-{view.id}").click().run()
    assert "Deleted: **Trees**" in texts(at)
    assert shared.workspace.of(ME).history.count() == 0
    at.button(key="undo").click().run()
    assert "Trees" in "".join(links(at))
    assert shared.workspace.of(ME).chats.get(view.id).turns


@pytest.mark.parametrize("form", ["markdown", "json", "csv"])
def test_exports_hold_what_was_said(shared: AppState, form: str) -> None:
    a_chat(shared.workspace, "What is a tree?")
    assert "What is a tree?" in shared.workspace.of(ME).history.export(form).decode()  # type: ignore[arg-type]
    assert "tree" not in shared.workspace.of("somebody else").history.export(form).decode()  # type: ignore[arg-type]


def test_what_is_imported_can_be_read_and_gone_on_with(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = datetime.now(UTC).isoformat()
    messages = [
        {"id": "q", "parent_id": None, "role": "user", "text": "An old question", "created_at": at},
        {"id": "a", "parent_id": "q", "role": "assistant", "text": "An old answer", "created_at": at},
        {"id": "q2", "parent_id": "a", "role": "user", "text": "Never answered", "created_at": at},
    ]
    conversation = {"id": "old", "title": "Old", "messages": messages, "created_at": at, "updated_at": at}
    content = json.dumps({"format": "roundtable", "version": 1, "conversations": [conversation]}).encode()
    assert shared.workspace.of(ME).history.preview(content).messages == 3
    shared.workspace.of(ME).history.load(content)
    page = open_page(c="old")
    assert not page.exception
    assert "An old answer" in texts(page)
    page.button(key="again").click().run()
    assert not page.exception
    assert shared.workspace.of(ME).chats.get("old").turns[-1].state == "done"
    page.chat_input(key="ask").set_value("And now?").run()
    assert [turn.prompt for turn in shared.workspace.of(ME).chats.get(in_address(page, "c")).turns][-1] == "And now?"


def test_a_damaged_file_is_taken_but_for_what_the_page_names(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    numbers = {"model_id": "a/b", "timing": {"started_at": "2026-01-01T00:00:00Z", "total_ms": "abc"}, "usage": "abc"}
    messages = [
        {"id": "q", "role": "user", "text": "An old question", "created_at": "0001-01-01T00:00:00+00:00"},
        {"id": "a", "parent_id": "q", "role": "assistant", "text": "An old answer", "completion": numbers},
        {"id": "b", "parent_id": "q", "role": "assistant", "text": 10**400},
    ]
    talks = [{"id": "old", "title": "Old", "messages": messages}, 5]
    content = json.dumps({"format": "roundtable", "version": 1, "conversations": talks}).encode()
    page = open_page("history")
    page.session_state["menu-import"] = True
    page.run()
    page.file_uploader[0].upload("backup.json", content, "application/json").run()
    assert "1 conversation, 3 details, 1 message. First: Conversation 1" in page.warning[0].value
    page.button(key="import").click().run()
    assert "Left out" in page.warning[0].value
    page = open_page(c="old")
    assert not page.exception
    assert "An old answer" in texts(page)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("full", "The disk is full"),
        ("unreachable", "database is unavailable"),
        ("newer", "a newer version of Roundtable"),
    ],
)
def test_one_banner_says_what_is_not_saved(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch, code: str, sentence: str
) -> None:
    a_chat(shared.workspace, "What is a tree?")
    state = "read-only" if code == "full" else "down"
    health = Health(state, code, "", 3)  # type: ignore[arg-type]
    monkeypatch.setattr(shared.workspace.database, "health", lambda: health)
    for page in (None, "compare", "history", "providers"):
        at = open_page(page)
        assert [sentence in warning.value for warning in at.warning].count(True) == 1
        assert "Not saved yet: 3." in at.warning[0].value
        assert bool(at.get("download_button")) == (state == "down")
    assert "磁盘已满" in open_page(lang="zh").warning[0].value if code == "full" else True


def test_what_waits_is_said_to_be_missing_from_files_and_from_what_is_found(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_chat(shared.workspace, "What is a tree?")
    sentences = ("not included in these files", "can be found once they are saved")

    def seen() -> list[bool]:
        at = open_page("history")
        at.session_state["menu-export"] = True
        at.session_state["search"] = "tree"
        at.run()
        return [words in texts(at) for words in sentences]

    assert seen() == [False, False]
    health = Health("read-only", "locked", "", 2)
    monkeypatch.setattr(shared.workspace.database, "health", lambda: health)
    assert seen() == [True, True]


def test_a_file_that_was_moved_aside_is_named_until_it_was_read(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    shared.workspace.database.notices = (Notice("moved_aside", "", "data/roundtable.db.damaged"),)
    at = open_page()
    assert "damaged" in at.warning[0].value
    at.button(key="notice-close").click().run()
    assert not at.warning


def test_a_refused_database_is_left_alone_and_the_app_runs(open_page: Callable[..., AppTest], shared: AppState) -> None:
    object.__setattr__(shared.engine.settings, "database_url", "mysql://me:secret@host/name")
    at = open_page("history")
    assert not at.exception
    assert "Nothing is saved to disk here" in at.warning[0].value
    assert "secret" not in at.warning[0].value
    at = open_page()
    at.chat_input(key="ask").set_value("hello").run()
    assert not at.exception
    assert "tok" in texts(at)


def test_days_have_names(shared: AppState) -> None:
    text.use("en")
    today = date(2026, 11, 22)
    names = [entries.day(today - timedelta(days=days), today) for days in (0, 1, 2, 40)]
    assert names == ["Today", "Yesterday", "Nov 20, 2026", "Oct 13, 2026"]
    assert entries.day(date(2026, 11, 1), today, rough=True) == "Earlier"
    text.use("zh")
    assert entries.day(date(2026, 11, 1), today) == "2026年11月1日"
    text.use("en")


class Uploaded:
    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self._data = data

    def getvalue(self) -> bytes:
        return self._data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"\xff\x01\xfe", "not a text file"), (b"a\x00b", "not a text file")],
)
def test_files_that_cannot_be_taken(data: bytes, sentence: str) -> None:
    accepted, fault = reading.read([Uploaded("a.txt", b"fine"), Uploaded("b.txt", data)])
    assert [each.file for each in accepted] == [File("a.txt", "fine")]  # it stays above the box
    assert sentence in fault
    assert "**b\\.txt**" in fault or "**b.txt**" in fault


def test_files_are_text(tmp_path: Path) -> None:
    accepted, fault = reading.read([Uploaded("a.txt", "\ufeff中文".encode())])
    assert (accepted[0].file.text, fault) == ("中文", "")
    assert reading.read([Uploaded("a.txt", "天空是什么颜色？".encode("gbk"))])[0][0].file.text == "天空是什么颜色？"
    assert reading.read([Uploaded(f"{n}.txt", b"") for n in range(11)])[1]


def test_a_waiting_question_survives_a_restart(shared: AppState) -> None:

    view = a_chat(shared.workspace, "What is a tree?")
    waiting = PendingQuestion("And then?", "r9", str(view.leaf_id), (File("a.txt", "text"),))
    shared.workspace.of(ME).chats.wait(view.id, waiting)
    again = Workspace(shared.engine, shared.workspace.database)
    assert again.of(ME).chats.waiting(view.id) == waiting
    assert again.of("somebody else").chats.waiting(view.id) is None
    again.of(ME).chats.wait(view.id, None)
    assert again.of(ME).chats.waiting(view.id) is None
    assert isinstance(shared.workspace, Workspace)


def test_everything_is_exported_and_erased(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "What is a zanzibar?")
    shared.workspace.of(ME).settings.consent("may_leave", "groq", True)
    archive = zipfile.ZipFile(io.BytesIO(shared.workspace.of(ME).history.export("zip")))
    assert archive.testzip() is None
    assert "zanzibar" in archive.read("history.json").decode()
    assert {"README.txt", "rows/calls.jsonl", "rows/settings.jsonl"} <= set(archive.namelist())
    calls = [json.loads(line) for line in archive.read("rows/calls.jsonl").decode().splitlines()]
    assert {call["owner_id"] for call in calls} == {ME}

    page = open_page("history")
    page.session_state["menu-erase"] = True
    page.run()
    assert page.button("erase").disabled
    page.checkbox("erase-sure").check().run()
    page.button("erase").click().run()
    assert not page.exception
    assert "Everything of yours was erased." in [message.value for message in page.info]
    with pytest.raises(NotFound):
        shared.workspace.of(ME).chats.get(view.id)
    assert shared.workspace.of(ME).history.count() == 0


def test_a_limit_to_keeping_is_told(open_page: Callable[..., AppTest], shared: AppState) -> None:
    object.__setattr__(shared.engine.settings, "keep_days", 90)
    page = open_page("history")
    assert any("for 90 days" in caption.value for caption in page.caption)
