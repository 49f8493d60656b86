"""The bar stands below the columns once there are answers."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import texts


def test_the_bar_is_drawn(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare", m=["sim/quick", "sim/steady"])
    assert "columns stand above" not in texts(at)
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    assert not at.exception
    assert "2 columns stand above." in texts(at)
