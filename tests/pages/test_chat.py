"""The chat page, without a browser: what is drawn, asked, kept and said when it fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from core.records import Completion, Finish, Timing, Usage
from core.ui.asking.state import Conversation, Turn
from core.ui.runtime import Runtime
from tests.pages.conftest import in_address


def texts(at: AppTest) -> str:
    return "\n".join(element.value for element in [*at.markdown, *at.caption])


def a_chat(shared: Runtime, turns: int) -> Conversation:
    made = Conversation("c" * 32, "sim/quick")
    timing = Timing(datetime.now(UTC), ttft_ms=420, first_answer_ms=420, last_ms=1420, total_ms=1500, chunks=9)
    for number in range(turns):
        answer = Completion(
            "sim/quick", f"answer {number}", "", Usage(312, 118), Finish("stop"), timing, notes=(), error=None
        )
        made.turns.append(Turn(f"question {number}", "sim/quick", f"r{number}", answer))
    shared.conversations.put(made)
    return made


def test_an_empty_chat_says_who_answers_and_offers_examples(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    assert not at.exception
    assert at.title[0].value == "What would you like to know?"
    assert "quick" in texts(at)
    assert sum(button.key.startswith("example-") for button in at.button if button.key) == 6


def test_a_question_is_answered_and_kept_under_the_address(open_page: Callable[..., AppTest], shared: Runtime) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("What is a tree?").run()
    assert not at.exception
    assert [message.name for message in at.chat_message] == ["user", "assistant"]
    assert "tok" in texts(at)
    kept = shared.conversations.get(in_address(at, "c"))
    assert kept is not None
    assert kept.turns[0].prompt == "What is a tree?"
    assert kept.turns[0].completion is not None


def test_the_address_opens_the_chat_in_another_session(open_page: Callable[..., AppTest], shared: Runtime) -> None:
    kept = a_chat(shared, 2)
    at = open_page(c=kept.id)
    assert "question 1" in texts(at)
    assert "312→118 tok" in texts(at)
    assert "first token 0.42 s · 118 tok/s" in texts(at)


def test_an_unknown_address_is_said_and_a_new_chat_opens(open_page: Callable[..., AppTest]) -> None:
    at = open_page(c="f" * 32)
    assert not at.exception
    assert "no longer held" in at.info[0].value
    assert at.title[0].value == "What would you like to know?"


def test_a_model_without_a_key_fails_in_words(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    at.session_state["draft"].model_id = "groq/openai/gpt-oss-20b"
    at.chat_input(key="ask").set_value("hello").run()
    assert not at.exception
    assert "There is no key for Groq yet." in texts(at)
    assert at.button(key="retry-0").label == "Retry"


def test_only_the_newest_turns_are_drawn(open_page: Callable[..., AppTest], shared: Runtime) -> None:
    at = open_page(c=a_chat(shared, 50).id)
    assert "question 40\n" in texts(at)
    assert "question 39\n" not in texts(at)
    at.button(key="earlier").click().run()
    assert "question 30\n" in texts(at)
    assert "question 29\n" not in texts(at)


def test_clear_forgets_and_new_chat_leaves(open_page: Callable[..., AppTest], shared: Runtime) -> None:
    kept = a_chat(shared, 1)
    at = open_page(c=kept.id)
    at.button(key="clear").click().run()
    assert kept.turns == []
    assert at.title[0].value == "What would you like to know?"


def test_editing_replaces_the_last_question(open_page: Callable[..., AppTest], shared: Runtime) -> None:
    kept = a_chat(shared, 2)
    at = open_page(c=kept.id)
    at.button(key="edit").click().run()
    assert kept.editing
    at.chat_input(key="ask").set_value("a better question").run()
    assert [turn.prompt for turn in kept.turns] == ["question 0", "a better question"]
    assert not kept.editing


def test_answer_again_replaces_the_answer(open_page: Callable[..., AppTest], shared: Runtime) -> None:
    kept = a_chat(shared, 1)
    at = open_page(c=kept.id)
    at.button(key="again").click().run()
    assert len(kept.turns) == 1
    assert kept.turns[0].completion is not None
    assert kept.turns[0].completion.text != "answer 0"


def test_hostile_text_is_drawn_harmless(open_page: Callable[..., AppTest], shared: Runtime) -> None:
    kept = a_chat(shared, 1)
    kept.turns[0].prompt = "![x](http://evil.example/q)"
    at = open_page(c=kept.id)
    assert "![x]" not in texts(at)


def test_settings_are_kept_and_sent(open_page: Callable[..., AppTest], shared: Runtime) -> None:
    kept = a_chat(shared, 1)
    at = open_page(c=kept.id)
    at.text_area(key=f"set-{kept.id}-system").set_value("Be brief.").run()
    at.number_input(key=f"set-{kept.id}-temperature").set_value(0.5).run()
    request = kept.request(kept.turns[0])
    assert (request.messages[0].role, request.messages[0].text) == ("system", "Be brief.")
    assert request.temperature == 0.5
    assert request.seed is None


def test_chinese_by_the_address(open_page: Callable[..., AppTest]) -> None:
    at = open_page(lang="zh")
    assert at.title[0].value == "想了解些什么？"
