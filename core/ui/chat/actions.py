"""The chat's actions: ask, stop, retry, edit.

Each goes through the workspace, which commits it before anything is sent. An answer is a background job, so it survives
a click, a reload or a change of page.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import streamlit as st

from ...errors import BlockedInput
from ...records import AUTO
from ...safety.incoming import is_blank
from ...store import NotFound, StoreError
from ...views.conversation import Decision, File, GenerationSettings, PendingQuestion, Turn
from .. import default_model, session, tips
from ..base.flash import blocked, flash, store_errors_shown
from ..models import sight
from ..scheduled import offer
from ..text import plain, t
from . import drafts, held_back, outgoing_notice, sight_notice, tray, unsaved_fields
from .opening import open_
from .settings import system_box
from .state import DRAFT, Chat, note_leaf

ASK = "ask"
AT_ONCE_S = 0.02  # long enough for a cached answer, so that the page is drawn once instead of twice


def ask(chat: Chat, prompt: str, files: Sequence[File] | None = None, decision: Decision = "ask") -> None:
    """Send a question with the files above the box, or these; while an answer is running, queue it. A double click
    sends it once. One that contains secrets or personal data waits for the person's decision."""
    if files is None and not _may_go(chat, prompt):
        return
    files = files_above(chat) if files is None else files
    prompt = tray.without_words(files) if is_blank(prompt) else prompt.strip()
    if not prompt:
        return
    running, chats = chat.running(), session.person().chats
    request_id = chat.request_id("ask", prompt, *(file.name for file in files))
    generation = chat.view.generation if chat.view else GenerationSettings(**chat.generation)
    alarm = session.person().outgoing.of_chat(prompt, chat.model_id, view=chat.view, generation=generation, files=files)
    if alarm and decision == "ask":
        outgoing_notice.hold(ASK, draft_name(chat), prompt, alarm)
        return
    later = offer.chosen(chat.name).get(chat.model_id)
    try:
        if running and not later and not _ended(running):
            if alarm.personal:
                wish(chat, "personal_data", decision)
            _let_wait(chat, running, prompt, files)
            _sent(chat, prompt)
            return
        started = chats.ask(
            request_id,
            prompt,
            chat.model_id,
            view=chat.view,
            parent_id=chat.editing.parent_id if chat.editing else chat.view.leaf_id if chat.view else None,
            generation=generation,
            files=files,
            decision=decision,
            not_before=later,
        )
    except (StoreError, BlockedInput) as error:
        _not_sent(error, prompt)
        return
    _sent(chat, prompt)
    if chat.view is None:
        unsaved_fields.used(system_box(DRAFT))
    for name in ("draft", "editing"):
        st.session_state.pop(name, None)
    if chat.generation.get("reuse") and (job := chats.job(request_id)):
        job.wait(AT_ONCE_S)
    note_leaf(started.conversation_id, started.answer_message_id)
    open_(started.conversation_id)


def _may_go(chat: Chat, prompt: str) -> bool:
    """Whether the question is a new one and its files can go to the model. If not, all of it stays where it is."""
    name = tray_name(chat)
    if tray.is_repeated(ASK, name, chat.nonce, prompt):
        return False
    is_blind = any(file.is_picture for file in tray.files(ASK, name)) and sight.sees(chat.model_id) is False
    if is_blind:
        held_back.note(ASK)
    if not (is_blind or tray.must_wait(ASK, name, prompt, [chat.model_id])):
        return True
    outgoing_notice.forget(ASK)
    if prompt:
        drafts.put(ASK, prompt)
    return False


def _sent(chat: Chat, prompt: str) -> None:
    """The question is kept or queued, its files with it."""
    outgoing_notice.forget(ASK)
    tray.sent(ASK, tray_name(chat), chat.nonce, prompt)
    drafts.sent(ASK, draft_name(chat), prompt)


def notice(chat: Chat) -> None:
    """What goes with the question, and what in it a person must decide on before it is sent."""

    def trains() -> str:
        provider = session.engine().catalog.providers.get(chat.model_id.partition("/")[0])
        if session.person().outgoing.takes_personal_data(chat.model_id):
            return ""
        return plain(provider.label) if provider else t("some models")

    def switch(model_id: str) -> None:
        choose(chat, model_id)

    name = tray_name(chat)
    tray.draw(
        ASK,
        name,
        models=[chat.model_id],
        choose=switch,
        ask=lambda words: ask(chat, words),
        last=chat.turns[-1] if chat.turns else None,
        keep=chat.editing is None,
    )
    outgoing_notice.draw(ASK, draft_name(chat), lambda *question: ask(chat, *question), trains)
    now, earlier = sight_notice.pictures(tray.files(ASK, name), chat.turns)
    sight_notice.draw(chat.model_id, switch, now=now, earlier=earlier)


def files_above(chat: Chat) -> tuple[File, ...]:
    """What goes with the next question."""
    return tray.files(ASK, tray_name(chat))


def tray_name(chat: Chat) -> str:
    """The name of what is above the box: an edited question has its own files, and leaves those of the draft alone."""
    return chat.editing.question_id if chat.editing else draft_name(chat)


def draft_name(chat: Chat) -> str:
    """The name of the draft in the box."""
    return chat.view.id if chat.view else drafts.NEW


def _let_wait(chat: Chat, running: Turn, prompt: str, files: Sequence[File]) -> None:
    chats = session.person().chats
    earlier = chats.waiting(chat.name)
    if prompt in (running.prompt, earlier.prompt if earlier else None) and not files:
        return
    earlier_files = earlier.files if earlier else ()
    waiting = PendingQuestion(
        prompt=f"{earlier.prompt}\n\n{prompt}" if earlier else prompt,
        request_id=earlier.request_id if earlier else chat.request_id("ask", prompt),
        parent_id=running.answer_id,
        files=(*earlier_files, *files),
    )
    chats.wait(chat.name, waiting)


def _not_sent(error: StoreError | BlockedInput, prompt: str) -> None:
    drafts.put(ASK, prompt)
    if isinstance(error, BlockedInput):
        flash(blocked(error), warning=True)
    elif isinstance(error, NotFound):
        flash(t("Not sent: this conversation has been deleted. Your question is back in the input box."), warning=True)
    else:
        flash(t("Not sent: nothing can be saved right now. Your question is back in the input box."), warning=True)


def again(chat: Chat, turn: Turn, model_id: str | None = None) -> None:
    """Answer the last question again, with this model or the selected one; earlier answers are kept as versions."""
    view = chat.view
    if view and turn.question_id and chat.running() is None:
        request_id = chat.request_id("again", turn.question_id)
        with store_errors_shown():
            started = session.person().chats.again(request_id, view, turn, model_id or chat.model_id)
            note_leaf(view.id, started.answer_message_id)


def send_later(chat: Chat, turn: Turn, at: datetime) -> None:
    """Queue a refused question until its limit resets; the refusal is kept as a version."""
    view = chat.view
    if view and turn.question_id and chat.running() is None:
        request_id = chat.request_id("later", turn.question_id)
        with store_errors_shown():
            started = session.person().chats.again(request_id, view, turn, turn.model_id, not_before=at)
            note_leaf(view.id, started.answer_message_id)


def go_on(chat: Chat) -> None:
    """Continue an answer that was cut."""
    view = chat.view
    if view and chat.running() is None:
        with store_errors_shown():
            started = session.person().chats.go_on(chat.request_id("go on"), view, chat.model_id)
            note_leaf(view.id, started.answer_message_id)


def edit(chat: Chat, turn: Turn) -> None:
    """Put the last question into the composer, with its files; sending it creates another version."""
    with store_errors_shown():
        tray.put(ASK, turn.question_id, session.person().chats.files(turn))
        st.session_state["editing"] = turn.question_id
        drafts.put(ASK, turn.prompt, keep=False)


def keep(chat: Chat) -> None:
    """Stop editing the last question."""
    tray.clear(ASK, tray_name(chat))
    st.session_state.pop("editing", None)
    drafts.put(ASK, "", keep=False)


def choose(chat: Chat, model_id: str) -> None:
    """Select the model for the next answer, here and in new chats."""
    choose_in(chat.view.id if chat.view else None, model_id)


def choose_in(conversation_id: str | None, model_id: str) -> None:
    """The same for the conversation with this id; None: only for new chats."""
    default_model.choose(model_id)
    if model_id in AUTO:
        tips.done("auto")
    if conversation_id:
        st.session_state.setdefault("models", {})[conversation_id] = model_id
        with suppress(StoreError, BlockedInput):
            session.person().chats.configure(conversation_id, model_id=model_id)


def wish(chat: Chat, name: str, value: object) -> None:
    """Change a setting, from the next question on."""
    generation = {**chat.generation, name: value}
    if chat.view is None:
        st.session_state["draft"] = generation
        return
    system = str(generation.pop("system", "") or "")
    sampling = {name: value for name, value in generation.items() if value is not None}
    with store_errors_shown():
        session.person().chats.configure(chat.view.id, system=system, settings=sampling)


def show_version(chat: Chat, message_id: str) -> None:
    """Show another version of a question or an answer, with what followed it."""
    if chat.view:
        with store_errors_shown():
            note_leaf(chat.view.id, session.person().chats.show_version(chat.view.id, message_id))
            st.query_params.pop("at", None)


def stop(chat: Chat) -> None:
    """Stop the running answer; what has arrived is kept."""
    running = chat.running()
    if running and not session.person().chats.stop(running.request_id):
        flash(t("Another instance of the app is writing this answer; it will finish by itself."))


def take_back(chat: Chat) -> None:
    """Put the queued question back into the composer."""
    if chat.waiting:
        drafts.put(ASK, chat.waiting.prompt)
        tray.add(ASK, draft_name(chat), chat.waiting.files)
        session.person().chats.wait(chat.name, None)


def _ended(turn: Turn) -> bool:
    with suppress(StoreError):
        return session.person().chats.progress(turn.request_id).completion is not None
    return False
