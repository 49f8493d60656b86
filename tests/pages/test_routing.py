"""Auto on the screen: how it is picked, what it says of its choice, who was tried, and one click that it was wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import RateLimited
from core.records import AUTO, Attempt, Completion, Finish, Note, Timing, routing_of
from core.store import routed_answers, turns
from core.ui.app_state import AppState
from core.ui.routing import words
from core.workspace.routing_threshold import row
from tests.pages.conftest import ME, a_chat, in_address, texts

BIG, SMALL = "groq/openai/gpt-oss-120b", "groq/openai/gpt-oss-20b"
ROUTED = (Note("routed", "big · is_proof, is_code"), Note("difficulty", "0.913"))
TRIED = (
    Attempt("groq", BIG, 1, "overloaded", 420.0, 1.2, 2),
    Attempt("groq", BIG, 2, "overloaded", 400.0),
    Attempt("cerebras", "cerebras/gpt-oss-120b", 3, "ok", 900.0),
)


def an_answer(shared: AppState, **of: object) -> str:
    """A kept conversation with one answer like this; its id. How it was routed stands in its notes, as it is stored."""
    values = {"finish": Finish("stop"), "timing": Timing(datetime.now(UTC), total_ms=900.0, waited_ms=2020.0), **of}
    completion = Completion(**{"model_id": BIG, "text": "Yes.", "reasoning": "", "usage": None, **values})  # type: ignore[arg-type]
    database = shared.workspace.database
    started = turns.begin(database, ME, turns.NewTurn("r1", "Prove it", model_id="auto"), owner_process="here/1/a")
    routing = routing_of(completion.notes)
    state: turns.End = "failed" if completion.error else "done"
    turns.finish(database, ME, "r1", completion, state, row(routing) if routing else None)
    return started.conversation_id


def open_picker(at: AppTest) -> AppTest:
    at.session_state["pick-chat"] = True
    return at.run()


def test_auto_is_offered_first_and_answers_in_a_new_chat(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_picker(open_page())
    rows = [button.key for button in at.button if button.key and button.key.startswith("row-chat-")]
    assert rows[:3] == ["row-chat-auto", "row-chat-auto/small", "row-chat-auto/big"]
    at.button(key="row-chat-auto").click().run()
    assert "Each question goes to a model of the right size." in texts(at)
    at.chat_input(key="ask").set_value("Write a birthday wish.").run()
    assert not at.exception
    assert "Auto: a small model (0.04), because of: writing a text, small talk" in texts(at)
    view = shared.workspace.of(ME).chats.get(in_address(at, "c"))
    assert (view.model_id, view.turns[0].model_id) == ("auto", "sim/quick")


def test_auto_can_be_picked_in_an_old_chat(open_page: Callable[..., AppTest], shared: AppState) -> None:
    view = a_chat(shared.workspace, "What is a tree?", model_id="sim/thinker")
    at = open_picker(open_page(c=view.id))
    at.button(key="row-chat-auto/big").click().run()
    assert shared.workspace.of(ME).chats.get(view.id).model_id == "auto/big"
    at.chat_input(key="ask").set_value("Write a birthday wish.").run()
    assert "Auto: a big model, as you chose" in texts(at)


def test_a_search_finds_auto_by_its_words_only(open_page: Callable[..., AppTest]) -> None:
    at = open_picker(open_page())
    at.text_input(key="find-chat").set_value("cheap").run()
    rows = [button.key for button in at.button if button.key and button.key.startswith("row-chat-")]
    assert rows == ["row-chat-auto/small"]


def test_no_column_of_a_comparison_is_auto(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare", m=["auto/big", "sim/steady"])
    at.session_state["pick-lane-0"] = True
    at.run()
    assert not at.exception
    rows = [button.key.removeprefix("row-lane-0-") for button in at.button if button.key]
    assert "sim/steady" in rows
    assert not set(AUTO) & set(rows)


def test_the_ladder_tells_every_attempt(open_page: Callable[..., AppTest], shared: AppState) -> None:
    over = Note("passed_over", f"{SMALL} (limit), sim/quick (rests)")
    name = an_answer(shared, attempts=TRIED, notes=(*ROUTED, over, Note("failed_over", BIG)))
    for lang, expected in (
        ("en", ("skipped: quota used up", "overloaded** · 0.42 s", "after waiting 1.2 s")),
        ("zh", ("跳过：额度已用完", "过载", "等待 1.2 s 后")),
    ):
        at = open_page(c=name, lang=lang)
        assert not at.exception
        shown = texts(at)
        assert all(piece.replace("**", "") in shown for piece in expected)
        assert ("2.9 s in total, including 1.2 s waiting" if lang == "en" else "共用 2.9 s，其中等待 1.2 s") in shown
        assert shown.index("1. ") < shown.index("2. ") < shown.index("3. ")
    assert "gpt\\-oss\\-120b (Groq) 未能回答（过载），改用 " in texts(at).replace("openai/", "")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ((), "not sent: rate limited"),
        ((Note("too_large", BIG),), "too long for its rate limit"),
        ((Note("beyond_credit", BIG),), "not enough credit"),
    ],
)
def test_what_we_refused_ourselves_is_not_told_as_the_provider_s_refusal(
    open_page: Callable[..., AppTest], shared: AppState, more: tuple[Note, ...], reason: str
) -> None:
    tried = (replace(TRIED[1], n=1, outcome="rate_limited", sent=False), replace(TRIED[2], n=2))
    shown = texts(open_page(c=an_answer(shared, attempts=tried, notes=(Note("failed_over", BIG), *more))))
    assert f"failed ({reason}), so " in shown


def test_an_answer_that_came_straight_has_no_ladder(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shown = texts(open_page(c=an_answer(shared, attempts=TRIED[2:])))
    assert "Attempts" not in shown


def test_a_fall_to_a_smaller_model_is_said(open_page: Callable[..., AppTest], shared: AppState) -> None:
    notes = (Note("routed", "small · conversation"), Note("tier_fell", "big · small"))
    shown = texts(open_page(c=an_answer(shared, model_id=SMALL, notes=notes)))
    assert "Auto: a big model, because this chat had a hard question earlier" in shown
    assert "No big model was available, so a smaller one answered" in shown
    assert ":orange-badge[smaller model]" in shown


def test_leaving_the_big_models_and_a_short_window_are_said(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    passed = Note("passed_over", f"{BIG} (window)")
    notes = (Note("routed", "small · long_ago, is_chat"), Note("difficulty", "0.120"), passed)
    shown = texts(open_page(c=an_answer(shared, model_id=SMALL, notes=notes)))
    assert "Auto: a small model (0.12), because of: no hard question recently, small talk" in shown
    assert "skipped: context window too small for this chat" in shown


def test_one_click_judges_the_size_and_another_takes_it_back(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page(c=an_answer(shared, notes=ROUTED))
    assert at.button(key="verdict-0").label == "Model too big"
    at.button(key="verdict-0").click().run()
    assert [row.verdict for row in routed_answers.newest(shared.workspace.database, ME)] == ["small"]
    again = open_page(c=in_address(at, "c"))
    assert "blue" in again.button(key="verdict-0").label
    again.button(key="verdict-0").click().run()
    assert [row.verdict for row in routed_answers.newest(shared.workspace.database, ME)] == [None]
    assert again.button(key="verdict-0").label == "Model too big"


def test_an_answer_of_a_chosen_model_cannot_be_judged(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page(c=an_answer(shared, attempts=TRIED))
    assert not [button.key for button in at.button if button.key and button.key.startswith("verdict")]


def test_a_kept_answer_tells_its_age_and_can_be_asked_again(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    name = an_answer(shared, model_id="sim/quick", cached=True, notes=(Note("cached", "11520"),))
    at = open_page(c=name)
    assert "Cached answer, 3 h 12 min old; no quota used" in texts(at)
    assert "0.90 s" not in texts(at)
    at.session_state["models"] = {name: "sim/quick"}
    at.button(key="ask-anew").click().run()
    assert not at.exception
    turn = shared.workspace.of(ME).chats.get(name).turns[0]
    assert len(turn.answer_siblings) == 2
    assert turn.completion
    assert not turn.completion.cached


@pytest.mark.parametrize(("ago_s", "sentence"), [(0, "Try again at"), (90, "You can try again now.")])
def test_a_failure_says_when_to_try_again(
    open_page: Callable[..., AppTest], shared: AppState, ago_s: float, sentence: str
) -> None:
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    error = RateLimited("slow down", retry_after_s=80.0)
    shown = texts(open_page(c=an_answer(shared, text="", error=error, finish=None, timing=Timing(at, total_ms=10.0))))
    assert sentence in shown


def insight() -> None:
    from core.ui.insight import routing_feedback

    routing_feedback.draw()


def test_the_table_counts_verdicts(shared: AppState) -> None:
    at = AppTest.from_function(insight).run()
    assert "No answers by Auto yet." in texts(at)
    an_answer(shared, notes=ROUTED)
    (row,) = routed_answers.newest(shared.workspace.database, ME)
    routed_answers.judge(shared.workspace.database, ME, row.message_id, "small", {})
    at.run()
    assert not at.exception
    assert "| big | 1 | 1 | 100% (21%–100%) |" in texts(at)
    assert "| small | 0 | 0 | – |" in texts(at)
    assert "After five ratings" in texts(at)


def test_reasons_are_words_and_said_once() -> None:
    assert words.reasons(("is_code", "code_signs", "is_proof")) == "code, a proof"
