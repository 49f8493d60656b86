"""The chat's doings: which conversation is open, asking, stopping, trying again, and following the answer.

An answer is a job of the process. The page only starts it and looks at it ten times a second, so a click, a reload or
a change of page costs nothing: the next run looks again. A prompt sent meanwhile waits in `queued` for its turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import Server
from core.records import Completion, Timing
from core.ui import here, runtime
from core.ui.asking.state import Conversation, Turn

if TYPE_CHECKING:
    from core.jobs import Job
    from core.ui.answer.view import View

TICK_S = 0.1
SHOWN_TURNS = 10  # twenty messages; a click in a chat of a thousand costs no more than in one of twenty
ASK = "ask"


def current() -> Conversation:
    """The conversation in the address, else a new one. The address alone decides, so that Back works."""
    shelf = runtime.get().conversations
    found = shelf.get(st.query_params.get("c"))
    if found is None and "c" in st.query_params:
        st.session_state["lost"] = True
        del st.query_params["c"]
    if found is None:
        # Kept out of the shelf until something is asked: visitors who only look push nobody's chat out.
        draft: Conversation = st.session_state.setdefault("draft", _new())
        return draft
    open_(found)
    go_on(found, here.keys())
    return found


def _new() -> Conversation:
    return Conversation(runtime.new_id(), here.default_model())


def open_(conversation: Conversation) -> None:
    """Make this the open conversation, in the session and in the address."""
    st.session_state["conversation"] = conversation.id
    if st.query_params.get("c") != conversation.id:
        st.query_params["c"] = conversation.id
    recent: list[str] = st.session_state.setdefault("recent", [])
    if conversation.id not in recent:
        recent.insert(0, conversation.id)


def choose(conversation: Conversation, model_id: str) -> None:
    """The model for the next answer, here and in the next new chat."""
    conversation.model_id = model_id
    st.session_state["model"] = model_id


def ask(conversation: Conversation, prompt: str) -> None:
    """Put a question. While an answer is running it waits its turn; the same question twice at once is one."""
    prompt, keys = prompt.strip(), here.keys()
    if not prompt:
        return
    with conversation.lock:
        settle(conversation)
        running = conversation.running()
        if running is not None:
            if prompt not in (running.prompt, conversation.queued):
                conversation.queued = f"{conversation.queued}\n\n{prompt}" if conversation.queued else prompt
            return
        if conversation.editing and conversation.turns:
            conversation.turns.pop()
        conversation.editing = False
        _start(conversation, prompt, keys)
        runtime.get().conversations.put(conversation)
    st.session_state.pop("draft", None)
    open_(conversation)


def again(conversation: Conversation) -> None:
    """Answer the last question once more, with the model chosen now."""
    keys = here.keys()
    with conversation.lock:
        settle(conversation)
        if conversation.turns and conversation.running() is None:
            _start(conversation, conversation.turns.pop().prompt, keys)


def go_on(conversation: Conversation, keys: Mapping[str, str]) -> None:
    """Keep an end that has come, and start the question that waits for it."""
    with conversation.lock:
        settle(conversation)
        if conversation.queued and conversation.running() is None:
            waiting, conversation.queued = conversation.queued, None
            _start(conversation, waiting, keys)


def _start(conversation: Conversation, prompt: str, keys: Mapping[str, str]) -> None:
    """Turn and job come together: nothing here touches `st`, where Streamlit could end this run in between."""
    turn = Turn(prompt, conversation.model_id, runtime.new_id())
    conversation.turns.append(turn)
    runtime.get().jobs.start(conversation.request(turn), keys)


def edit(conversation: Conversation) -> None:
    """Put the last question back into the composer; sending it replaces the question and its answer."""
    if conversation.turns and conversation.running() is None:
        conversation.editing = True
        st.session_state[ASK] = conversation.turns[-1].prompt


def keep(conversation: Conversation) -> None:
    """Leave the last question as it was."""
    conversation.editing = False
    st.session_state[ASK] = ""


def clear(conversation: Conversation) -> None:
    """Forget all questions and answers, keep model and settings."""
    stop(conversation)
    with conversation.lock:
        conversation.turns.clear()
        conversation.queued = None
        conversation.editing = False


def stop(conversation: Conversation) -> None:
    """End the running answer at once; the part stays."""
    stop_turn(conversation.running())


def stop_turn(turn: Turn | None) -> None:
    job = job_of(turn)
    if job:
        job.cancel()


def take_back(conversation: Conversation) -> None:
    """Put the waiting prompt back into the composer."""
    st.session_state[ASK] = conversation.queued or ""
    conversation.queued = None


def job_of(turn: Turn | None) -> Job | None:
    return runtime.get().jobs.get(turn.request_id) if turn else None


def settle(conversation: Conversation) -> None:
    """Keep the running answer's end, if it has come."""
    with conversation.lock:
        turn = conversation.running()
        if turn is not None:
            turn.completion = outcome(turn)


def outcome(turn: Turn) -> Completion | None:
    """How the answer ended; None while it goes on. A job the process no longer knows ended in an error."""
    job = job_of(turn)
    if job is not None:
        return job.look().completion
    lost = Server("This answer is no longer held by the server.", retryable=False)
    return Completion(turn.model_id, "", "", None, None, Timing(datetime.now(UTC)), error=lost)


def follow(conversation: Conversation, view: View) -> None:
    """Paint the running answer until it ends, then start what waits and draw the page anew."""
    job, keys = job_of(conversation.running()), here.keys()
    while job and not job.done:
        view.show(job.look())
        st.session_state.get("tick")  # here Streamlit may stop this run; the job goes on
        job.wait(TICK_S)
    go_on(conversation, keys)
    st.rerun()
