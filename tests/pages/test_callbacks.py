"""A click whose work is not done when the next one comes."""

from __future__ import annotations

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from core.ui import callbacks

PATCHED = (
    (ScriptRunner, "_maybe_handle_execution_control_request"),
    (SafeSessionState, "on_script_will_rerun"),
)


def page() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

    def send() -> None:
        context = get_script_run_ctx()
        assert context
        assert context.script_requests
        context.script_requests.request_rerun(RerunData())  # the next click
        st.session_state["began"] = True
        st.session_state["sent"] = True

    def leave() -> None:
        st.session_state["left"] = True
        st.rerun()

    st.button("Send", on_click=send)
    st.button("Leave", on_click=leave)
    st.write(" ".join(sorted(st.session_state.to_dict().keys() & {"began", "sent", "left"})))


def test_a_callback_ends_before_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in PATCHED:
        monkeypatch.setattr(owner, name, getattr(owner, name))  # puts it back afterwards
    callbacks.install()
    callbacks.install()
    test = AppTest.from_function(page).run()
    test.button[0].click().run()
    assert test.markdown[0].value == "began sent"
    test.button[1].click().run()  # its own rerun still works
    assert test.markdown[0].value == "began left sent"
    assert not test.exception
