"""The example questions: the simulator answers each word for word, in every language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.records import Message
from core.simulator.answer import write
from core.ui import text
from core.ui.chat import examples
from tests.pages.conftest import texts


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_example_is_answered_in_full(language: str) -> None:
    text.use(language)
    for questions in (examples.of_chat(), examples.of_comparison()):
        assert len({kind for _, kind, _ in questions}) == 6
        for _, kind, question in questions:
            in_app = write([Message("user", question)], "steady", 0, in_app=True)
            assert in_app == write([Message("user", question)], "steady", 0), (kind, "it is taken for another question")


def test_an_example_is_sent_on_a_click_and_answered(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    at.button(key="example-0").click().run()
    assert not at.exception
    assert "because its wavelength is shorter" in texts(at)


def test_other_questions_are_told_how_to_ask_a_real_model(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    at.chat_input(key="ask").set_value("What is a tree?").run()
    assert "add a free key on the **Providers** page" in texts(at)


def test_an_empty_comparison_offers_questions_on_which_models_differ(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare")
    labels = [button.label for button in at.button if (button.key or "").startswith("example-")]
    assert len(labels) == 6
    assert "bakery" in labels[0]
