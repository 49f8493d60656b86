"""What the reader's own log shows on the Insights page, without a browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from core.store import Health, Unavailable, own_messages
from core.store.columns import from_us
from core.store.search import title_words
from core.store.tables import conversations, messages
from core.ui.admin import login
from core.ui.app_state import AppState
from core.ui.insight import own_log
from core.workspace.insights import LogReading
from tests.pages.conftest import ME, a_chat, texts

DAY_US = 86_400_000_000
BEGAN_US = 1_770_000_000_000_000
ASKED = (
    "How do I undo a git commit?", "how can i undo a git commit", "What does git rebase do to a branch?",
    "Explain git merge conflicts in a branch", "请帮我写一个关于机器学习的介绍", "机器学习和神经网络有什么区别？",
    "怎么训练神经网络？", "Suggest a pasta sauce for dinner", "Which pasta sauce goes with dinner for guests?",
    "Great, thank you so much!", "This is wrong again, how annoying", "太好了，谢谢！",
)  # fmt: skip


def seed(shared: AppState, answer: str = "Here you are.", error: str | None = None) -> None:
    """A chat for each question, with an answer."""
    with shared.workspace.database.write() as connection:
        for n, text in enumerate(ASKED):
            at = from_us(BEGAN_US + n * DAY_US // 5)
            talk = {
                "id": f"talk{n}", "owner_id": ME, "kind": "chat", "title": "", "title_by_person": False, "pinned": 0,
                "settings": {}, "version": 1, "created_at": at, "updated_at": at,
            }  # fmt: skip
            connection.execute(insert(conversations), [talk])
            common = {"conversation_id": f"talk{n}", "created_at": at}
            words = title_words("", text)
            completion = {"finish": None if error else {"reason": "stop"}, "error": {"kind": error} if error else None}
            asking = {"id": f"q{n}", "parent_id": None, "depth": 0, "role": "user", "text": text, "words": words}
            answering = {"id": f"a{n}", "parent_id": f"q{n}", "depth": 1, "role": "assistant", "text": answer}
            connection.execute(insert(messages), [{**common, **asking, "state": "done", "model_id": None}])
            state = "failed" if error else "done"
            answering |= {"words": answer and "x", "model_id": "sim/quick", "state": state, "completion": completion}
            connection.execute(insert(messages), [{**common, **answering}])


def at_the_end(at: AppTest) -> AppTest:
    """The page once the reading has ended."""
    for _ in range(600):
        if not at.get("progress"):
            return at
        time.sleep(0.05)  # what is waited for is a thread of the app
        at.run()
    raise AssertionError("the reading does not end")


@pytest.fixture
def shown(open_page: Callable[..., AppTest], shared: AppState) -> AppTest:
    seed(shared)
    return at_the_end(open_page("insights"))


def test_without_questions_it_says_what_will_appear(open_page: Callable[..., AppTest]) -> None:
    at = at_the_end(open_page("insights"))
    assert not at.exception
    assert "After your first question" in texts(at)


def test_one_question_is_enough_for_the_overview(open_page: Callable[..., AppTest], shared: AppState) -> None:
    a_chat(shared.workspace, "How do tides work?")
    at = at_the_end(open_page("insights"))
    assert not at.exception
    assert "1 question in 1 conversation or comparison" in texts(at)
    assert "English 100%" in texts(at)
    assert "Topics appear after 8 questions" in texts(at)
    assert "1 requests to models" in texts(at)


def test_all_sections(shown: AppTest) -> None:
    assert not shown.exception
    text = texts(shown)
    assert "12 questions in 12 conversations and comparisons" in text
    assert "English 67%" in text
    assert "Chinese 33%" in text
    assert "| 12 | 0% | 0% | 0% | 0% |" in text
    assert "Of 12 prompts: 17% positive, 75% neutral, 8% negative." in text
    assert "1 question had been asked before" in text
    labels = [expander.label for expander in shown.expander]
    assert any("git" in label for label in labels)
    assert not any(word in label for label in labels for word in ("How", "请", "explain", "区别"))


def test_all_failing_answers_are_counted_as_that(open_page: Callable[..., AppTest], shared: AppState) -> None:
    seed(shared, answer="", error="timeout")
    at = at_the_end(open_page("insights"))
    assert not at.exception
    assert "100%" in texts(at)
    assert "Answers: unknown" in texts(at)


def test_an_administrator_puts_a_repeated_question_on_the_faq_list(
    shown: AppTest, shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [button for button in shown.button if "FAQ" in button.label]
    assert "An administrator can put" in texts(shown) or "Reuse cached answers" in texts(shown)
    monkeypatch.setattr(login, "is_logged_in", lambda: True)
    at = shown.run()
    [button] = [button for button in at.button if "FAQ" in button.label]
    at = button.click().run()
    assert not at.exception
    assert [entry.question for entry in shared.workspace.of(ME).faq.questions()] == ["how can i undo a git commit"]
    assert "on the FAQ list" in texts(at)
    assert "By person, last 30 days" in texts(at)


def test_who_lost_the_rights_meanwhile_adds_nothing(
    shown: AppTest, shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    rights = [True]
    monkeypatch.setattr(login, "is_logged_in", lambda: rights[0])
    [button] = [button for button in shown.run().button if "FAQ" in button.label]
    rights[0] = False
    assert not button.click().run().exception
    assert shared.workspace.of(ME).faq.questions() == []


def test_while_the_database_is_unavailable_it_says_so(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise Unavailable(Health("down"))

    seed(shared)
    with monkeypatch.context() as patch:
        patch.setattr(own_messages, "conversations_of", gone)
        at = at_the_end(open_page("insights"))
        assert not at.exception
        assert "Your log cannot be read right now: the database is unavailable." in texts(at)


def test_a_page_that_is_opened_while_it_reads_shows_how_far_it_is(
    open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.workspace.insights import Insights

    monkeypatch.setattr(Insights, "look", lambda self: LogReading(stage="topics", share=0.78))
    at = open_page("insights")
    assert not at.exception
    assert "You can leave this page" in texts(at)
    assert own_log.stage("topics") == "Finding topics …"


def test_the_reading_goes_on_while_the_page_is_left(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(shared)
    may_go_on = threading.Event()
    original = own_messages.conversations_of

    def waiting(*arguments: Any) -> Any:
        may_go_on.wait(60)
        return original(*arguments)

    monkeypatch.setattr(own_messages, "conversations_of", waiting)
    at = open_page("insights")
    assert at.get("progress")
    at.switch_page("pages/history.py").run()
    assert not at.exception
    may_go_on.set()
    at.switch_page("pages/insights.py")
    assert "12 questions" in texts(at_the_end(at.run()))
