"""Votes below the answers and the blind mode, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.store import NotFound
from core.ui import default_model, session, text
from core.ui.app_state import AppState
from core.ui.compare import blind
from core.ui.quota import ledger, price_line
from core.workspace.votes import Votes
from tests.pages.conftest import ME, in_address, texts

TWO = ["sim/quick", "sim/steady"]
NAMES = re.compile(r"\b(quick|steady|thinker|Demo|sim)\b")


def ask_models(open_page: Callable[..., AppTest], models: list[str], prompt: str = "Explain recursion") -> AppTest:
    at = open_page("compare", m=models)
    return at.chat_input(key="ask-all").set_value(prompt).run()


def start_blind(open_page: Callable[..., AppTest], models: list[str], prompt: str = "Explain recursion") -> AppTest:
    at = open_page("compare", m=models)
    at.toggle(key="blind-on-switch").set_value(True).run()
    return at.chat_input(key="ask-all").set_value(prompt).run()


def press(at: AppTest, choice: int | str) -> AppTest:
    return at.button(key=f"vote-{choice}").click().run()


def test_a_vote_names_the_provider_where_the_model_is_the_same(open_page: Callable[..., AppTest]) -> None:
    at = ask_models(open_page, ["sim/quick", "sim-north/quick", "sim/steady"])
    assert [at.button(key=f"vote-{number}").label for number in range(3)] == [
        "A · Demo",
        "B · Demo North",
        "C · steady",
    ]


def test_a_vote_is_thanked_for_and_can_be_changed(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = ask_models(open_page, TWO)
    (question,) = [element for element in at.markdown if "Which answer is best?" in element.value]
    assert "Your votes build your own leaderboard." in question.help
    press(at, 0)
    assert not at.exception
    assert "is now #1 of 2" in texts(at)
    assert "new entry" in texts(at)
    press(at, 1)
    assert [vote.winner for vote in shared.workspace.of(ME).votes.all()] == ["sim/steady"]
    press(at, "tie")
    assert "A tie counts as half a win for each" in texts(at)
    (vote,) = shared.workspace.of(ME).votes.all()
    assert (vote.outcome, vote.turn, vote.blind, vote.model_ids, vote.topic) == ("tie", 1, False, tuple(TWO), "facts")


def test_what_a_vote_did_is_worked_out_once(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = press(ask_models(open_page, TWO), 0)
    read: list[str] = []
    monkeypatch.setattr(Votes, "tallies", lambda *_: read.append("sums") or [])
    monkeypatch.setattr(Votes, "all", lambda *_: read.append("all") or [])
    at.run()
    assert "is now #1 of 2" in texts(at)
    assert read == []


def test_every_turn_has_its_own_vote(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = press(ask_models(open_page, TWO), 0)
    at.chat_input(key="ask-all").set_value("Now write a poem about it").run()
    assert "Thank you." not in texts(at)
    press(at, "bad")
    assert "“All bad” counts as a loss for each" in texts(at)
    votes = shared.workspace.of(ME).votes.all()
    assert [(vote.turn, vote.choice, vote.topic) for vote in votes] == [(1, 0, "facts"), (2, "bad", "writing")]


def test_a_column_that_failed_cannot_be_voted_for(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = ask_models(open_page, ["sim/quick", "groq/no-key", "sim/steady"])
    assert not [button for button in at.button if button.key == "vote-1"]
    press(at, 2)
    (vote,) = shared.workspace.of(ME).votes.all()
    assert (vote.winner, vote.model_ids) == ("sim/steady", ("sim/quick", "sim/steady"))
    at = ask_models(open_page, ["sim/quick", "groq/no-key"])
    assert "A vote needs two answers." in texts(at)
    assert at.button(key="vote-0").disabled


def test_a_blind_comparison_tells_nothing_until_the_vote(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = start_blind(open_page, ["sim/quick", "sim/steady", "sim/thinker"])
    assert not at.exception
    assert "m" not in at.query_params
    assert at.session_state["line-up"]["m"] == ["sim/quick", "sim/steady", "sim/thinker"]
    assert NAMES.findall(" ".join([texts(at), *(button.label for button in at.button)])) == []
    assert "tok/s" not in texts(at)
    assert texts(at).count("Done") == 3
    assert not [status for status in at.status if "hought" in status.label]
    assert not [button for button in at.button if (button.key or "").startswith(("again-", "chat-", "play-"))]
    assert at.button(key="add").disabled
    press(at, 1)
    assert texts(at).count("tok/s") == 3
    (vote,) = shared.workspace.of(ME).votes.all()
    assert vote.blind
    assert sorted(vote.model_ids) == ["sim/quick", "sim/steady", "sim/thinker"]
    press(at, 0)
    assert "no longer counts as blind" in at.info[0].value


def test_a_failure_in_a_blind_comparison_tells_only_that(open_page: Callable[..., AppTest]) -> None:
    at = start_blind(open_page, ["sim/quick", "groq/no-key", "sim/steady"])
    shown = texts(at)
    assert "This model could not answer." in shown
    assert "Groq" not in shown
    assert "key for" not in shown


def test_a_lane_of_a_blind_comparison_opens_nowhere_else(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = start_blind(open_page, TWO)
    run = shared.workspace.of(ME).comparisons.get(in_address(at, "run"))
    with pytest.raises(NotFound):
        shared.workspace.of(ME).chats.get(run.lanes[0].id)
    chat = open_page(None, c=run.lanes[0].id)
    assert "That conversation was deleted" in chat.info[0].value
    assert not [
        view for view in shared.workspace.of(ME).chats.in_memory() if view.id in {lane.id for lane in run.lanes}
    ]
    press(at, "bad")
    assert shared.workspace.of(ME).chats.get(run.lanes[0].id).model_id == run.lanes[0].model_id


def test_names_can_be_shown_without_a_vote(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = start_blind(open_page, TWO)
    at.button(key="show-names").click().run()
    assert texts(at).count("tok/s") == 2
    press(at, 0)
    assert not shared.workspace.of(ME).votes.all()[0].blind


def test_a_new_comparison_keeps_the_order_that_was_chosen(open_page: Callable[..., AppTest]) -> None:
    """The shuffled order in the address would tell who was A."""
    models = ["sim/thinker", "sim/quick", "sim/steady", "sim/slow"]
    at = start_blind(open_page, models)
    at.button(key="clear").click().run()
    assert at.query_params["m"] == models


def test_an_answer_that_names_its_model_is_noted_by_letter(open_page: Callable[..., AppTest]) -> None:
    at = start_blind(open_page, TWO, "Hello")
    (remark,) = [line.value for line in at.caption if "mention a model name" in line.value]
    assert re.search(r": [AB]\.$", remark)
    press(at, "tie")
    assert "mention a model name" not in texts(at)


def test_the_lot_names_nobody_before_it_is_drawn(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("compare", m=TWO)
    at.toggle(key="blind-on-switch").set_value(True).run()
    at.toggle(key="blind-lot-switch").set_value(True).run()
    assert "m" not in at.query_params
    assert NAMES.findall(texts(at)) == []
    assert "2 calls; the models are picked when you ask" in texts(at)
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    run = shared.workspace.of(ME).comparisons.get(in_address(at, "run"))
    assert len({lane.model_id for lane in run.lanes}) == 2
    assert NAMES.findall(texts(at)) == []


def test_the_lot_takes_ready_models_each_once(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "engine", lambda: shared.engine)
    monkeypatch.setattr(default_model, "usual", lambda: iter(["groq/openai/gpt-oss-20b", "groq/openai/gpt-oss-120b"]))
    assert blind.drawn(3, "a") == blind.drawn(3, "a")
    drawn_models = {name for seed in range(40) for name in blind.drawn(2, str(seed))}
    assert {name.partition("/")[0] for name in drawn_models} == {"groq"}
    assert all(len(set(blind.drawn(8, str(seed)))) == len(blind.drawn(8, str(seed))) for seed in range(9))


def test_the_sum_of_a_blind_question_names_nobody(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions: list[str] = []
    monkeypatch.setattr(price_line, "caption", captions.append)
    monkeypatch.setattr(session, "engine", lambda: shared.engine)
    monkeypatch.setattr(ledger, "prices", lambda *_: [])
    text.use("en")
    price_line.total(TWO)
    assert captions == ["2 calls · uses no quota"]
