"""The comparison, without a browser."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from tests.pages.conftest import ME, in_address, texts


def test_four_models_stand_ready(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare")
    assert not at.exception
    assert at.session_state["line-up"] == {"m": ["sim/quick", "sim/steady", "sim/thinker", "sim/flaky"]}
    assert texts(at).count("Ready") == 4


def test_all_are_asked_at_once_and_a_failure_stays_in_its_column(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page("compare", m=["sim/quick", "groq/no-key", "sim/steady"])
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    assert not at.exception
    run = shared.workspace.of(ME).comparisons.get(in_address(at, "run"))
    ended = [lane.turns[0].completion for lane in run.lanes]
    assert [answer.error.kind if answer and answer.error else None for answer in ended] == [None, "missing_key", None]
    assert texts(at).count("Done") == 2
    assert texts(at).count("fastest") == 1


def test_the_address_of_a_run_names_no_model_and_opens_it(open_page: Callable[..., AppTest]) -> None:
    first = open_page("compare", m=["sim/quick", "sim/steady"])
    first.chat_input(key="ask-all").set_value("Explain recursion").run()
    assert "m" not in first.query_params
    for line_up in ({}, {"m": ["sim/quick", "sim/steady"]}):  # links of older versions still name the models
        other = open_page("compare", run=in_address(first, "run"), **line_up)
        assert "Explain recursion" in texts(other)
        assert texts(other).count("Done") == 2


def test_a_model_that_joins_is_asked_when_somebody_says_so(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare", m=["sim/quick", "sim/steady"])
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    at.button(key="add").click().run()
    assert "Not asked yet" in texts(at)
    at.button(key="play-2").click().run()
    assert texts(at).count("Done") == 3


def test_the_line_up_has_two_to_eight(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare", m=["sim/quick"] * 9)
    assert texts(at).count("Ready") == 8
    assert at.button(key="add").disabled
    at = open_page("compare", m=["sim/quick"])
    assert texts(at).count("Ready") == 2
    assert not [button for button in at.button if button.key == "remove-0"]


def test_nonsense_in_the_address_is_harmless(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare", m=["nothing", "nobody/![x](http://evil/)"], run="nope")
    assert not at.exception
    assert "![x]" not in texts(at)
