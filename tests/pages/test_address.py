"""The address of a page whose run was asked for with the one before."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.base import address


def page() -> None:
    import streamlit as st

    from core.ui.base import address

    st.button("Open", on_click=address.put, args=("c", "one"))
    st.button("Close", on_click=address.drop, args=("c",))
    st.write(address.get("c") or "none")


def shown(test: AppTest, value: str | None) -> str:
    """By a run that comes with this value in its address."""
    test.query_params.clear()
    if value:
        test.query_params["c"] = value
    return str(test.run().markdown[0].value)


def test_a_run_that_was_asked_for_before_shows_what_was_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 10.0
    monkeypatch.setattr(address, "monotonic", lambda: now)
    test = AppTest.from_function(page).run()
    assert test.button[0].click().run().markdown[0].value == "one"
    assert shown(test, None) == "one"
    assert test.query_params["c"] == "one"
    assert shown(test, "two") == "two"
    now += address.HEARD_S + 0.1
    assert shown(test, None) == "none"


def test_what_was_closed_stays_closed() -> None:
    test = AppTest.from_function(page).run()
    test.button[0].click().run()
    assert test.button[1].click().run().markdown[0].value == "none"
    assert shown(test, None) == "none"
