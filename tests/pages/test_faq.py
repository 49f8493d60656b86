"""The page of questions for everybody: who may see it, how often a password is tried, the list; without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.options import load
from core.store.people.sign_ins import FREE_TRIES
from core.ui import app_state
from core.ui.app_state import AppState
from core.ui.sign_in import throttle
from tests.pages.conftest import a_chat, texts

PASSWORD = "open sesame 1"


@pytest.fixture
def guarded(shared: AppState, tmp_path: Path) -> AppState:
    """The runtime with an administrator."""
    environ = {"ROUNDTABLE_SIMULATOR_SPEED": "1000", "ROUNDTABLE_ADMIN_PASSWORD": PASSWORD}
    shared.engine = build(load(environ=environ, secrets={}, folder=tmp_path), folder=tmp_path)
    return shared


def knock(at: AppTest, password: str) -> AppTest:
    at.text_input(key="admin-password").set_value(password)
    return at.button[-1].click().run()


def signed_in(open_page: Callable[..., AppTest]) -> AppTest:
    at = knock(open_page("faq"), PASSWORD)
    assert not at.exception
    return at


def add(at: AppTest, words: str) -> AppTest:
    at.text_area(key="faq-new").set_value(words)
    return next(button for button in at.button if button.label == "Add to the list").click().run()


def taken_off(at: AppTest) -> AppTest:
    return next(button for button in at.button if button.label == "Remove").click().run()


def test_without_a_password_set_there_is_nobody_to_be(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("faq")
    assert "ROUNDTABLE_ADMIN_PASSWORD or ROUNDTABLE_ADMINS is not set" in at.info[0].value
    assert not at.text_input
    at.session_state["admin"] = True
    assert not at.run().text_area


def test_only_the_password_opens_it(open_page: Callable[..., AppTest], guarded: AppState) -> None:
    at = knock(open_page("faq"), "open sesame 2")
    assert "Wrong password" in at.warning[0].value
    assert not at.text_area
    at = knock(at, PASSWORD)
    assert at.text_area
    assert PASSWORD not in str([at.session_state[name] for name in at.session_state])
    at = at.button(key="admin-leave").click().run()
    assert not at.text_area


def test_wrong_passwords_close_the_door_for_a_while(open_page: Callable[..., AppTest], guarded: AppState) -> None:
    at = open_page("faq")
    for _ in range(FREE_TRIES + 1):
        at = knock(at, "open sesame 2")
    assert "Too many wrong passwords" in at.warning[0].value
    assert at.button[-1].disabled
    assert guarded.workspace.people.wait_s(throttle._address()) > 0


def test_questions_come_and_go(open_page: Callable[..., AppTest], guarded: AppState) -> None:
    at = add(signed_in(open_page), "What is a quota?\nwhat is a QUOTA\n\nWho are you?")
    assert at.info[0].value == "Added: 2. Already on the list, or empty: 1."
    assert "2 of 2 questions" in texts(at)
    at = taken_off(at)
    assert "1 of 1 question" in texts(at)
    at = at.button(key="faq-back").click().run()
    assert "2 of 2 questions" in texts(at)
    assert not at.exception


def test_a_click_of_a_tab_that_was_left_changes_nothing(open_page: Callable[..., AppTest], guarded: AppState) -> None:
    at = add(signed_in(open_page), "What is a quota?")
    del at.session_state["admin"]
    taken_off(at)
    assert [question.question for question in guarded.workspace.of("admin").faq.questions()] == ["What is a quota?"]


def test_a_marked_question_is_answered_once_for_all(open_page: Callable[..., AppTest], guarded: AppState) -> None:
    add(signed_in(open_page), "What is a quota?")
    first = a_chat(guarded.workspace, "What is a quota?").turns[-1].completion
    unapproved = a_chat(guarded.workspace, "what is a QUOTA").turns[-1].completion
    assert unapproved
    assert not unapproved.cached
    at = signed_in(open_page)
    assert first
    assert first.text.split()[0] in texts(at)
    at = next(button for button in at.button if button.label == "Approve").click().run()
    assert not at.exception
    assert not [button for button in at.button if button.label == "Approve"]
    again = a_chat(guarded.workspace, "what is a  QUOTA").turns[-1].completion
    other = a_chat(guarded.workspace, "Hi", "What is a quota?").turns[-1].completion
    assert again
    assert other
    assert (first.cached, again.cached, other.cached) == (False, True, False)
    assert again.text == first.text
    at = open_page("quota")
    at.session_state["saved"] = True
    at.run()
    assert "| today | 1 |" in texts(at)
    assert "Simulated answers only" in texts(at)
    assert "answered from the cache once" in texts(signed_in(open_page))


def test_the_page_is_chinese_too(open_page: Callable[..., AppTest], guarded: AppState) -> None:
    at = open_page("faq", lang="zh")
    assert not at.exception
    assert at.text_input(key="admin-password").label == "管理员密码"
    assert app_state.get() is guarded


def test_an_answer_is_changed_rejected_and_withdrawn(open_page: Callable[..., AppTest], guarded: AppState) -> None:
    faq = guarded.workspace.of("admin").faq
    add(signed_in(open_page), "What is a quota?")
    a_chat(guarded.workspace, "What is a quota?")
    at = signed_in(open_page)
    name = faq.proposed()[0].name
    at = at.button(key=f"faq-reject-{name}").click().run()
    assert (faq.proposed(), faq.approved()) == ([], [])
    a_chat(guarded.workspace, "What is a quota?")
    at.run()
    at.text_area(key=f"faq-answer-{name}").set_value("A share of calls.")
    at = at.button(key=f"faq-approve-{name}").click().run()
    assert [(answer.text, answer.edited) for answer in faq.approved()] == [("A share of calls.", True)]
    reused = a_chat(guarded.workspace, "What is a quota?").turns[-1]
    assert reused.completion
    assert reused.completion.text == "A share of calls."
    saved_name = faq.approved()[0].name
    at.text_area(key=f"faq-answer-{saved_name}").set_value("  ")
    at = at.button(key=f"faq-approve-{saved_name}").click().run()
    assert "Nothing to send" in at.warning[0].value
    assert faq.approved()[0].text == "A share of calls."
    at = at.button(key=f"faq-reject-{saved_name}").click().run()
    assert faq.approved() == []


def test_a_tab_that_was_left_approves_nothing(open_page: Callable[..., AppTest], guarded: AppState) -> None:
    add(signed_in(open_page), "What is a quota?")
    a_chat(guarded.workspace, "What is a quota?")
    at = signed_in(open_page)
    del at.session_state["admin"]
    next(button for button in at.button if button.label == "Approve").click().run()
    assert guarded.workspace.of("admin").faq.approved() == []
