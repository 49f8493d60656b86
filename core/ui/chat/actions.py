"""The chat's actions: open a conversation, ask, stop, retry, edit.

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
from ...store import NotFound, StoreError, Unavailable
from ...views.conversation import ConversationView, Decision, File, GenerationSettings, PendingQuestion, Turn
from .. import session, tips
from ..base import lasting
from ..base.flash import blocked, flash, store_errors_shown
from ..models import sight
from ..scheduled import offer
from ..text import plain, t
from . import documents, drafts, outgoing_notice, sight_notice, tray, unsaved_fields
from .settings import system_box
from .state import DRAFT, Chat, generation_values, leaves, note_leaf

SHOWN = 20  # messages, so that a long chat costs no more than a short one
ASK = "ask"
AT_ONCE_S = 0.02  # long enough for a cached answer, so that the page is drawn once instead of twice


def current() -> Chat:
    """The chat in the address, else a new one. Only the address decides, so that Back works."""
    name = st.query_params.get("c")
    view = _read(name) if name else None
    if view is None:
        return Chat(None, session.default_model(), st.session_state.setdefault("draft", {}))
    st.session_state["conversation"] = view.id
    view, diverged = _in_this_tab(view)
    view = _send_waiting(view)
    last = view.turns[-1] if view.turns else None
    return Chat(
        view,
        _model(view),
        generation_values(view.generation),
        waiting=session.person().chats.waiting(view.id),
        editing=last if last and st.session_state.get("editing") == last.question_id else None,
        marked=st.query_params.get("at"),
        diverged=diverged,
    )


def _model(view: ConversationView) -> str:
    """The model for the next answer; this tab's choice counts even if it could not be saved."""
    chosen: str | None = st.session_state.get("models", {}).get(view.id)
    return chosen or view.model_id or session.default_model()


def _read(name: str, at: str | None = None) -> ConversationView | None:
    """The stored conversation; None, with a message, if it is not this visitor's or cannot be read."""
    at = at or st.query_params.get("at")
    try:
        with suppress(NotFound):
            return session.person().chats.get(name, messages=_shown(name), at=at)
        return session.person().chats.get(name, messages=_shown(name))
    except NotFound:
        flash(lasting.gone(t("That conversation was deleted or belongs to another browser. This is a new one.")))
        del st.query_params["c"]
        st.query_params.pop("at", None)
        st.session_state.pop("conversation", None)
    except Unavailable:
        flash(
            t("That conversation cannot be loaded: the database is unavailable. Reload when it is back."), warning=True
        )
    return None


def _in_this_tab(view: ConversationView) -> tuple[ConversationView, bool]:
    """The branch that this tab shows, and whether another tab has continued on a different one."""
    shown_leaves = leaves(view.id)
    if shown_leaves and view.leaf_id not in shown_leaves and not st.query_params.get("at"):
        leaf_id = shown_leaves[-1]
        if all(turn.answer_id != leaf_id for turn in view.turns):
            return _read(view.id, leaf_id) or view, True
        st.toast(t("Changed in another tab"), icon=":material/sync:")
    note_leaf(view.id, view.leaf_id)
    return view, False


def catch_up(chat: Chat) -> None:
    """Show the other tab's branch."""
    leaves(chat.name).clear()


def _send_waiting(view: ConversationView) -> ConversationView:
    """Send the queued question if the answer it waits for has ended: once, even from several tabs."""
    chats = session.person().chats
    waiting = chats.waiting(view.id)
    if waiting is None or view.running() or waiting.parent_id != view.leaf_id:
        return view

    model_id = _model(view)
    with store_errors_shown():
        started = chats.ask(
            waiting.request_id,
            waiting.prompt,
            model_id,
            view=view,
            parent_id=waiting.parent_id,
            generation=view.generation,
            files=waiting.files,
            decision="decided",
        )
        chats.wait(view.id, None)
        note_leaf(view.id, started.answer_message_id)
    return _read(view.id) or view


def open_(conversation_id: str) -> None:
    """Make this the open conversation, in the session and in the address."""
    st.session_state["conversation"] = conversation_id
    st.query_params.pop("at", None)
    if st.query_params.get("c") != conversation_id:
        st.query_params["c"] = conversation_id


def ask(chat: Chat, prompt: str, files: Sequence[File] = (), decision: Decision = "ask") -> None:
    """Send a question, or queue it while an answer is running. A double click sends it once. One that contains secrets
    or personal data waits for the person's decision."""
    if decision == "ask":
        name = draft_name(chat)
        files = list(dict.fromkeys((*outgoing_notice.files(ASK, name), *tray.files(ASK, name), *files)))
        pictures = [file for file in files if file.is_picture]
        if documents.must_wait(name, prompt, [file for file in files if not file.is_picture], chat.model_id):
            outgoing_notice.forget(ASK)
            tray.put(ASK, name, pictures)
            drafts.put(ASK, prompt)
            return
        files = list(dict.fromkeys((*documents.held(name), *files)))
    prompt = tray.without_words(files) if is_blank(prompt) else prompt.strip()
    if not prompt:
        return
    if any(file.is_picture for file in files) and sight.sees(chat.model_id) is False:
        outgoing_notice.forget(ASK)
        documents.forget(draft_name(chat))
        hold(chat, prompt, files)
        return
    running, chats = chat.running(), session.person().chats
    request_id = chat.request_id("ask", prompt, *(file.name for file in files))
    generation = chat.view.generation if chat.view else GenerationSettings(**chat.generation)
    alarm = session.person().outgoing.of_chat(prompt, chat.model_id, view=chat.view, generation=generation, files=files)
    if alarm and decision == "ask":
        outgoing_notice.hold(ASK, draft_name(chat), prompt, alarm, files)
        documents.forget(draft_name(chat))
        return
    later = offer.chosen(chat.name).get(chat.model_id)
    try:
        if running and not later and not _ended(running):
            if alarm.personal:
                wish(chat, "personal_data", decision)
            _let_wait(chat, running, prompt, files)
            outgoing_notice.forget(ASK)
            tray.clear(ASK, draft_name(chat))
            documents.forget(draft_name(chat))
            drafts.sent(ASK, draft_name(chat), prompt)
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
        documents.forget(draft_name(chat))
        tray.put(ASK, draft_name(chat), files)
        return
    outgoing_notice.forget(ASK)
    tray.clear(ASK, draft_name(chat))
    documents.forget(draft_name(chat))
    drafts.sent(ASK, draft_name(chat), prompt)
    if chat.view is None:
        unsaved_fields.used(system_box(DRAFT))
    for name in ("draft", "editing"):
        st.session_state.pop(name, None)
    if chat.generation.get("reuse") and (job := chats.job(request_id)):
        job.wait(AT_ONCE_S)
    note_leaf(started.conversation_id, started.answer_message_id)
    open_(started.conversation_id)


def hold(chat: Chat, prompt: str, files: Sequence[File]) -> None:
    """Keep what is not sent yet: the text in the box, the files above it."""
    tray.add(ASK, draft_name(chat), files)
    if prompt:
        drafts.put(ASK, prompt)


def notice(chat: Chat) -> None:
    """What goes with the question, and what in it a person must decide on before it is sent."""

    def trains() -> str:
        provider = session.engine().catalog.providers.get(chat.model_id.partition("/")[0])
        if session.person().outgoing.takes_personal_data(chat.model_id):
            return ""
        return plain(provider.label) if provider else t("some models")

    outgoing_notice.draw(ASK, draft_name(chat), lambda *question: ask(chat, *question), trains)
    tray.draw(ASK, draft_name(chat))
    now, earlier = sight_notice.pictures(tray.files(ASK, draft_name(chat)), chat.turns)
    sight_notice.draw(chat.model_id, lambda model_id: choose(chat, model_id), now=now, earlier=earlier)


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
        tray.put(ASK, draft_name(chat), session.person().chats.files(turn))
        st.session_state["editing"] = turn.question_id
        drafts.put(ASK, turn.prompt, keep=False)


def keep(chat: Chat) -> None:
    """Stop editing the last question."""
    st.session_state.pop("editing", None)
    tray.clear(ASK, draft_name(chat))
    drafts.put(ASK, "", keep=False)


def choose(chat: Chat, model_id: str) -> None:
    """Select the model for the next answer, here and in new chats."""
    choose_in(chat.view.id if chat.view else None, model_id)


def choose_in(conversation_id: str | None, model_id: str) -> None:
    """The same for the conversation with this id; None: only for new chats."""
    session.choose_model(model_id)
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


def show_earlier(chat: Chat) -> None:
    shown: dict[str, int] = st.session_state.setdefault("shown", {})
    shown[chat.name] = _shown(chat.name) + SHOWN


def _shown(name: str) -> int:
    shown: dict[str, int] = st.session_state.setdefault("shown", {})
    return shown.get(name, SHOWN)


def stop(chat: Chat) -> None:
    """Stop the running answer; what has arrived is kept."""
    running = chat.running()
    if running and not session.person().chats.stop(running.request_id):
        flash(t("Another instance of the app is writing this answer; it will finish by itself."))


def take_back(chat: Chat) -> None:
    """Put the queued question back into the composer."""
    if chat.waiting:
        drafts.put(ASK, chat.waiting.prompt)
        tray.put(ASK, draft_name(chat), chat.waiting.files)
        session.person().chats.wait(chat.name, None)


def _ended(turn: Turn) -> bool:
    with suppress(StoreError):
        return session.person().chats.progress(turn.request_id).completion is not None
    return False
