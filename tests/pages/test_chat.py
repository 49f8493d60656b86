"""The chat page, without a browser: what is drawn, asked, kept and said when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.ui import owner
from core.ui.app_state import AppState
from core.views.conversation import ConversationView
from tests.pages.conftest import ME, ROOT, a_chat, in_address, texts


def stored(shared: AppState, at: AppTest) -> ConversationView:
    return shared.workspace.of(ME).chats.get(in_address(at, "c"))


def test_an_empty_chat_says_who_answers_and_offers_examples(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    assert not at.exception
    assert at.header[0].value == "What would you like to know?"
    assert "quick" in texts(at)
    assert sum(button.key.startswith("example-") for button in at.button if button.key) == 6


def test_a_new_visitor_needs_no_database(open_page: Callable[..., AppTest], shared: AppState) -> None:
    for page in (None, "compare"):
        assert not open_page(page).exception
    assert not shared.is_open


def test_a_question_is_answered_and_kept_under_the_address(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("What is a tree?").run()
    assert not at.exception
    assert [message.name for message in at.chat_message] == ["user", "assistant"]
    assert "tok" in texts(at)
    turn = stored(shared, at).turns[0]
    assert (turn.prompt, turn.state) == ("What is a tree?", "done")


def test_the_address_opens_the_chat_in_another_session(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page(c=a_chat(shared.workspace, "What is a tree?", "And a forest?").id)
    assert "And a forest?" in texts(at)
    assert "tok" in texts(at)


def test_an_address_gives_nothing_to_another_owner(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = a_chat(shared.workspace, "my secret plan")
    monkeypatch.setattr(owner, "current", lambda: "somebody else")
    at = open_page(c=view.id)
    assert not at.exception
    assert "secret" not in texts(at)
    assert "was deleted" in at.info[0].value
    assert at.header[0].value == "What would you like to know?"
    at.chat_input(key="ask").set_value("mine").run()
    assert in_address(at, "c") != view.id


def test_a_model_without_a_key_fails_in_words(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    at.session_state["model"] = "groq/openai/gpt-oss-20b"
    at.run()
    at.chat_input(key="ask").set_value("hello").run()
    assert not at.exception
    assert "No Groq key in this session." in texts(at)


def test_only_the_newest_turns_are_drawn(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page(c=a_chat(shared.workspace, *(f"question {number}." for number in range(25))).id)
    assert "question 15." in texts(at)
    assert "question 14." not in texts(at)
    at.button(key="earlier").click().run()
    assert "question 5." in texts(at)
    assert "question 4." not in texts(at)


def test_a_search_lands_on_its_message(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, *(f"question {number}." for number in range(14)))
    first = shared.workspace.of(ME).chats.get(view.id, messages=100).turns[1]
    at = open_page(c=view.id, at=first.question_id)
    assert not at.exception
    assert "question 1." in texts(at)
    assert "question 0." not in texts(at)
    assert "question 13." not in texts(at)
    at.button(key="newest").click().run()
    assert "question 13." in texts(at)


def test_one_question_however_often_it_is_sent(open_page: Callable[..., AppTest], shared: AppState) -> None:
    from core.ui.chat.state import Chat

    chat = Chat(None, "sim/quick", {})
    first, second = chat.request_id("ask", "hello"), chat.request_id("ask", "hello")
    assert first == second != chat.request_id("ask", "hello!")
    assert first != Chat(None, "sim/quick", {}).request_id("ask", "hello")
    assert "\ud800" not in chat.request_id("ask", "\ud800")


def test_deleting_leads_to_a_new_chat_and_can_be_undone(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "What is a tree?")
    at = open_page(c=view.id)
    at.session_state["menu-chat"] = True
    at.run()
    at.button(key="delete-chat").click().run()
    assert at.header[0].value == "What would you like to know?"
    assert shared.workspace.of(ME).history.count() == 0
    at.button(key="undo").click().run()
    assert shared.workspace.of(ME).history.count() == 1


def test_an_edited_question_stands_beside_the_first(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "first", "second")
    at = open_page(c=view.id)
    at.button(key="edit").click().run()
    assert at.session_state["editing"] == view.turns[1].question_id
    at.chat_input(key="ask").set_value("a better question").run()
    turns = stored(shared, at).turns
    assert [turn.prompt for turn in turns] == ["first", "a better question"]
    assert len(turns[1].question_siblings) == 2
    assert "2/2" in texts(at)
    at.button(key="version-1-q1").click().run()
    assert [turn.prompt for turn in stored(shared, at).turns] == ["first", "second"]
    assert "1/2" in texts(at)


def test_another_answer_stands_beside_the_first(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "What is a tree?")
    at = open_page(c=view.id)
    at.button(key="again").click().run()
    turns = stored(shared, at).turns
    assert len(turns) == 1
    assert len(turns[0].answer_siblings) == 2
    assert "2/2" in texts(at)


def test_two_tabs_overwrite_nothing(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "first")
    first, second = open_page(c=view.id), open_page(c=view.id)
    first.chat_input(key="ask").set_value("from one").run()
    second.chat_input(key="ask").set_value("from two").run()
    assert "from two" in texts(second)
    first.run()
    assert "from one" in texts(first)
    assert "from two" not in texts(first)
    assert "Changed in another tab" in texts(first)
    first.chat_input(key="ask").set_value("one again").run()
    assert [turn.prompt for turn in stored(shared, first).turns] == ["first", "from one", "one again"]
    second.run()
    second.button(key="catch-up").click().run()
    assert "one again" in texts(second)


def test_a_file_goes_with_the_question(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("What is in it?").upload("notes.md", b"blue whale").run()
    assert not at.exception
    assert [file.name for file in stored(shared, at).turns[0].attached] == ["notes.md"]
    assert "notes" in texts(at)


def test_a_file_that_is_no_text_is_refused_in_a_sentence(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("What is in it?").upload("notes.txt", b"\xff\x01\xfe").run()
    assert not at.exception
    assert "not a text file" in at.warning[0].value
    assert "c" not in at.query_params


def test_hostile_text_is_drawn_harmless(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page(c=a_chat(shared.workspace, "![x](http://evil.example/q)").id)
    assert not at.exception
    shown = "\n".join(element.value for element in at.markdown)
    assert "![x]" not in shown
    links = [link.proto.label for link in at.get("page_link")]
    assert not any("![x]" in label for label in links)


def test_settings_are_kept_and_sent(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "first")
    at = open_page(c=view.id)
    at.text_area(key=f"set-{view.id}-system").set_value("Be brief.").run()
    at.number_input(key=f"set-{view.id}-temperature").set_value(0.5).run()
    at.chat_input(key="ask").set_value("second").run()
    job = shared.workspace.of(ME).chats.job(stored(shared, at).turns[1].request_id)
    assert job
    request = job.request
    assert (request.messages[0].role, request.messages[0].text) == ("system", "Be brief.")
    assert request.temperature == 0.5
    assert request.seed is None


def test_settings_of_a_new_chat_go_with_its_first_question(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    at.text_area(key="set-draft-system").set_value("Be brief.").run()
    at.chat_input(key="ask").set_value("first").run()
    assert stored(shared, at).generation.system == "Be brief."


def test_chinese_by_the_address(open_page: Callable[..., AppTest]) -> None:
    at = open_page(lang="zh")
    assert at.header[0].value == "想了解些什么？"


def test_the_pages_import_no_sql_of_their_own() -> None:
    """Nor does any module of the screen: what it reads stands where no database is imported."""
    files = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "core" / "ui").rglob("*.py")]
    names = sorted(".".join(path.parts).removesuffix(".__init__") for path in files)
    code = f"import sys\n{''.join(f'import {name}{chr(10)}' for name in names)}print('sqlalchemy' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_first_visitor_waits_for_no_import(tmp_path: Path, language: str) -> None:
    """What the warm-up has not imported, the first page does without: tables and HTTP take a second, the table of emoji
    and a look through the stack a tenth of it."""
    code = "import sys, streamlit.components.v2.manifest_scanner\nfrom streamlit.testing.v1 import AppTest\n"
    code += "from core.ui import app_state, middleware, translations\n"
    code += "app_state.AppState.finish_start = lambda self: None\napp_state.PATIENCE_S = 0\nmiddleware.warm_up()\n"
    code += f"translations.translations({language!r})\n"  # the first reader of a language waits for its words
    page = str(ROOT / "streamlit_app.py")
    code += f"at, known = AppTest.from_file({page!r}, default_timeout=600), set(sys.modules)\n"
    code += f"at.query_params['lang'] = {language!r}\nimport inspect\ninspect.stack = None\n"
    code += "at.run()\nprint(len(at.chat_input), sorted(set(sys.modules) - known))\n"
    code += f"print({language!r} != 'en' or 'babel' not in sys.modules)"
    environ = {**os.environ, "ROUNDTABLE_DATA_FOLDER": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    assert result.stdout.split("\n")[:2] == ["1 []", "True"]
