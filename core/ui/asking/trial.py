"""The Providers page's test: one tiny request to one provider, as a job; what came back stays for the session."""

from __future__ import annotations

import streamlit as st

from core.records import ChatRequest, Message
from core.ui import here, runtime
from core.ui.asking import chat
from core.ui.asking.state import Turn
from core.ui.text import t

QUESTION = "Reply with the single word: ready"
MOST_TOKENS = 256  # models that think spend some before they speak


def _turns() -> dict[str, Turn]:
    held: dict[str, Turn] = st.session_state.setdefault("trials", {})
    return held


def turn(provider_id: str) -> Turn | None:
    """The last test of this provider in this session."""
    return _turns().get(provider_id)


def running(provider_id: str) -> bool:
    last = turn(provider_id)
    return last is not None and last.completion is None


def start(provider_id: str, model_id: str) -> None:
    """Send the request, unless one is on its way."""
    if running(provider_id):
        return
    fresh = Turn(QUESTION, model_id, runtime.new_id())
    request = ChatRequest(
        messages=(Message("user", QUESTION),),
        model_id=model_id,
        max_output_tokens=MOST_TOKENS,
        request_id=fresh.request_id,
    )
    turns = _turns()
    runtime.get().jobs.start(request, here.keys())
    turns[provider_id] = fresh


def outcome_words(last: Turn) -> str:
    """How far a running test is."""
    job = chat.job_of(last)
    return t("Testing · {time}", time=f"{int(job.look().elapsed_ms / 1000) if job else 0} s")


def follow() -> None:
    """Wait for the running tests, then draw the page anew."""
    waiting = [last for last in _turns().values() if last.completion is None]
    if not waiting:
        return
    while waiting:
        st.session_state.get("tick")  # here Streamlit may stop this run; the test goes on
        job = chat.job_of(waiting[0])
        if job is not None and not job.done:
            job.wait(chat.TICK_S)
            continue
        waiting[0].completion = chat.outcome(waiting[0])
        waiting.pop(0)
    st.rerun()
