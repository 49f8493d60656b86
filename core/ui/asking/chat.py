"""The chat's doings: which conversation is open, asking, stopping, trying again, and following the answer.

Every act goes through the desk, which commits it before anything is sent. An answer is a job of some process: the page
looks at it ten times a second, so a click, a reload or a change of page costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from core.errors import BlockedInput
from core.safety.incoming import is_blank
from core.store import NotFound, StoreError, Unavailable
from core.ui import here, runtime
from core.ui.asking import drafts, unsaved
from core.ui.asking.files import Attachment
from core.ui.asking.settings import system_box
from core.ui.asking.state import DRAFT, Chat, leaves, note_leaf, wished
from core.ui.base.flash import blocked, flash, store_errors_shown
from core.ui.text import t
from core.views.conversation import File, Sheet, Turn, Waiting, Wishes

SHOWN = 20  # messages; a click in a chat of a thousand costs no more than in one of twenty
ASK = "ask"
AT_ONCE_S = 0.02  # within this time a kept answer is there, and the page is drawn once instead of twice


def current() -> Chat:
    """The chat in the address, else a new one. The address alone decides, so that Back works."""
    name = st.query_params.get("c")
    sheet = _read(name) if name else None
    if sheet is None:
        return Chat(None, here.default_model(), st.session_state.setdefault("draft", {}))
    st.session_state["conversation"] = sheet.id
    sheet, behind = _in_this_tab(sheet)
    sheet = _send_waiting(sheet)
    last = sheet.turns[-1] if sheet.turns else None
    return Chat(
        sheet,
        _model(sheet),
        wished(sheet.wishes),
        waiting=runtime.get().archive.waiting(here.owner(), sheet.id),
        editing=last if last and st.session_state.get("editing") == last.question_id else None,
        marked=st.query_params.get("at"),
        behind=behind,
    )


def _model(sheet: Sheet) -> str:
    """The model for the next answer: what this tab chose counts also while it cannot be saved."""
    chosen: str | None = st.session_state.get("models", {}).get(sheet.id)
    return chosen or sheet.model_id or here.default_model()


def _read(name: str, at: str | None = None) -> Sheet | None:
    """The conversation as the database has it; None, with a sentence, where it is not this visitor's to see."""
    at = at or st.query_params.get("at")
    try:
        with suppress(NotFound):
            return runtime.get().desk.sheet(here.owner(), name, messages=_shown(name), at=at)
        return runtime.get().desk.sheet(here.owner(), name, messages=_shown(name))
    except NotFound:
        flash(t("That conversation is not here (deleted, or another browser's); this is a new one."))
        del st.query_params["c"]
        st.query_params.pop("at", None)
        st.session_state.pop("conversation", None)
    except Unavailable:
        flash(t("That conversation cannot be read now: the database is away. Reload when it is back."), warning=True)
    return None


def _in_this_tab(sheet: Sheet) -> tuple[Sheet, bool]:
    """The branch that this tab shows, and whether another tab has gone on along another one."""
    known = leaves(sheet.id)
    if known and sheet.leaf_id not in known and not st.query_params.get("at"):
        mine = known[-1]
        if all(turn.answer_id != mine for turn in sheet.turns):
            return _read(sheet.id, mine) or sheet, True
        st.toast(t("Changed in another tab"), icon=":material/sync:")
    note_leaf(sheet.id, sheet.leaf_id)
    return sheet, False


def catch_up(chat: Chat) -> None:
    """Show what the other tab shows."""
    leaves(chat.name).clear()


def _send_waiting(sheet: Sheet) -> Sheet:
    """Start the question that waits for the answer shown, if that has ended: once, whoever does it."""
    shared, owner, keys = runtime.get(), here.owner(), here.keys()
    waiting = shared.archive.waiting(owner, sheet.id)
    if waiting is None or sheet.running() or waiting.parent_id != sheet.leaf_id:
        return sheet

    model_id = _model(sheet)
    with store_errors_shown():
        begun = shared.desk.ask(
            owner,
            waiting.request_id,
            waiting.prompt,
            model_id,
            sheet=sheet,
            parent_id=waiting.parent_id,
            wishes=sheet.wishes,
            files=[File(name, text) for name, text in waiting.files],
            keys=keys,
        )
        shared.archive.wait(owner, sheet.id, None)
        note_leaf(sheet.id, begun.answer_message_id)
    return _read(sheet.id) or sheet


def open_(conversation_id: str) -> None:
    """Make this the open conversation, in the session and in the address."""
    st.session_state["conversation"] = conversation_id
    st.query_params.pop("at", None)
    if st.query_params.get("c") != conversation_id:
        st.query_params["c"] = conversation_id


def ask(chat: Chat, prompt: str, files: Sequence[Attachment] = ()) -> None:
    """Put a question. While an answer is running it waits its turn; the same question twice at once is one."""
    prompt = ", ".join(file.name for file in files) if is_blank(prompt) else prompt.strip()
    if not prompt:
        return
    running, owner, keys = chat.running(), here.owner(), here.keys()

    desk, request_id = runtime.get().desk, chat.request_id("ask", prompt, *(file.name for file in files))
    try:
        if running and not _ended(running):
            _let_wait(chat, running, prompt, files)
            drafts.sent(ASK, draft_name(chat), prompt)
            return
        begun = desk.ask(
            owner,
            request_id,
            prompt,
            chat.model_id,
            sheet=chat.sheet,
            parent_id=chat.editing.parent_id if chat.editing else chat.sheet.leaf_id if chat.sheet else None,
            wishes=chat.sheet.wishes if chat.sheet else Wishes(**chat.wishes),
            files=[File(file.name, file.text) for file in files],
            keys=keys,
        )
    except (StoreError, BlockedInput) as error:
        _not_sent(error, prompt)
        return
    drafts.sent(ASK, draft_name(chat), prompt)
    if chat.sheet is None:
        unsaved.used(system_box(DRAFT))
    for name in ("draft", "editing"):
        st.session_state.pop(name, None)
    if chat.wishes.get("reuse") and (job := desk.job(owner, request_id)):
        job.wait(AT_ONCE_S)
    note_leaf(begun.conversation_id, begun.answer_message_id)
    open_(begun.conversation_id)


def draft_name(chat: Chat) -> str:
    """Whose draft the box holds."""
    return chat.sheet.id if chat.sheet else drafts.NEW


def _let_wait(chat: Chat, running: Turn, prompt: str, files: Sequence[Attachment]) -> None:
    archive, owner = runtime.get().archive, here.owner()
    before = archive.waiting(owner, chat.name)
    if prompt in (running.prompt, before.prompt if before else None) and not files:
        return
    kept = before.files if before else ()
    waiting = Waiting(
        prompt=f"{before.prompt}\n\n{prompt}" if before else prompt,
        request_id=before.request_id if before else chat.request_id("ask", prompt),
        parent_id=running.answer_id,
        files=(*kept, *((file.name, file.text) for file in files)),
    )
    archive.wait(owner, chat.name, waiting)


def _not_sent(error: StoreError | BlockedInput, prompt: str) -> None:
    drafts.put(ASK, prompt)
    if isinstance(error, BlockedInput):
        flash(blocked(error), warning=True)
    elif isinstance(error, NotFound):
        flash(t("Not sent: this conversation was deleted meanwhile. Your question is back in the box."), warning=True)
    else:
        flash(t("Not sent: nothing can be kept now. Your question is back in the box."), warning=True)


def again(chat: Chat, turn: Turn, model_id: str | None = None) -> None:
    """Answer the last question once more, with this model or the one chosen now; the answers before stay beside it."""
    owner, keys, sheet = here.owner(), here.keys(), chat.sheet
    if sheet and turn.question_id and chat.running() is None:
        request_id = chat.request_id("again", turn.question_id)
        with store_errors_shown():
            begun = runtime.get().desk.again(owner, request_id, sheet, turn, model_id or chat.model_id, keys)
            note_leaf(sheet.id, begun.answer_message_id)


def go_on(chat: Chat) -> None:
    """Ask for the rest of an answer that was cut."""
    owner, keys, sheet = here.owner(), here.keys(), chat.sheet
    if sheet and chat.running() is None:
        with store_errors_shown():
            begun = runtime.get().desk.go_on(owner, chat.request_id("go on"), sheet, chat.model_id, keys)
            note_leaf(sheet.id, begun.answer_message_id)


def edit(turn: Turn) -> None:
    """Put the last question back into the composer; sending it makes a version beside the first."""
    st.session_state["editing"] = turn.question_id
    drafts.put(ASK, turn.prompt, keep=False)


def keep() -> None:
    """Leave the last question as it was."""
    st.session_state.pop("editing", None)
    drafts.put(ASK, "", keep=False)


def choose(chat: Chat, model_id: str) -> None:
    """The model for the next answer, here and in the next new chat."""
    st.session_state["model"] = model_id
    if chat.sheet:
        st.session_state.setdefault("models", {})[chat.sheet.id] = model_id
        with suppress(StoreError, BlockedInput):
            runtime.get().archive.configure(here.owner(), chat.sheet.id, model_id=model_id)


def wish(chat: Chat, name: str, value: object) -> None:
    """Change a setting from the next question on."""
    wishes = {**chat.wishes, name: value}
    if chat.sheet is None:
        st.session_state["draft"] = wishes
        return
    system = str(wishes.pop("system", "") or "")
    sampling = {name: value for name, value in wishes.items() if value is not None}
    with store_errors_shown():
        runtime.get().archive.configure(here.owner(), chat.sheet.id, system=system, settings=sampling)


def show_version(chat: Chat, message_id: str) -> None:
    """Show another version of a question or an answer, and what followed it."""
    if chat.sheet:
        with store_errors_shown():
            note_leaf(chat.sheet.id, runtime.get().archive.show_version(here.owner(), chat.sheet.id, message_id))
            st.query_params.pop("at", None)


def show_earlier(chat: Chat) -> None:
    shown: dict[str, int] = st.session_state.setdefault("shown", {})
    shown[chat.name] = _shown(chat.name) + SHOWN


def _shown(name: str) -> int:
    shown: dict[str, int] = st.session_state.setdefault("shown", {})
    return shown.get(name, SHOWN)


def stop(chat: Chat) -> None:
    """End the running answer at once; the part stays."""
    running = chat.running()
    if running and not runtime.get().desk.stop(here.owner(), running.request_id):
        flash(t("Another copy of the app writes this answer; it ends by itself."))


def take_back(chat: Chat) -> None:
    """Put the waiting question back into the composer."""
    if chat.waiting:
        drafts.put(ASK, chat.waiting.prompt)
        runtime.get().archive.wait(here.owner(), chat.name, None)


def _ended(turn: Turn) -> bool:
    with suppress(StoreError):
        return runtime.get().desk.look(here.owner(), turn.request_id).completion is not None
    return False
