"""The files above a box: one place for all that goes with its next question, pictures, documents and texts.

held      the value: each file with what is known of it, by box and by the name of the draft
reading   from an upload to such a file
rows      draws them: a document with its pages, what was read, and a field for its password
fitting   about how many tokens they are, and which models they fit
notice    what was not attached or not sent, and why
browser   takes what arrives in the box, and brings the tray back after a reload

`draw` stands above a box, `take` gets what a question brings along, `must_wait` says whether a person should look
first, `files` are what is sent and `sent` says that it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ....views.conversation import File, Turn
from ...models import fit
from ...text import t, tn
from . import browser, fitting, held, notice, rows
from .browser import take
from .held import add, clear, files, put
from .notice import say

__all__ = ["add", "clear", "draw", "files", "is_repeated", "must_wait", "put", "say", "sent", "take", "without_words"]

Ask = Callable[[str], None]
Choose = Callable[[str], None]


def draw(
    box: str,
    name: str,
    *,
    models: Sequence[str] = (),
    choose: Choose | None = None,
    ask: Ask | None = None,
    last: Turn | None = None,
    keep: bool = True,
) -> None:
    """What is above the box of this draft, with what came into it since the last run.

    `models`: whom the question is for, () where that is not to be told. `choose` takes another one, `ask` asks about
    the files without a word. `last`: the newest question of the chat; `keep`: a reload brings the files back.
    """
    with st.container(gap="xsmall"):
        browser.take_arrived(box, name)
        waiting = files(box, name)
        if waiting:
            with st.container(key="tray", gap="xsmall"):
                rows.draw(box, name, models)
            notice.draw(box, name)
            _foot(waiting, models, choose, ask if _is_ready(box, name, models) else None)
            if keep:
                browser.keep_texts(box, name)
            held.seen(box, name)
        else:
            notice.draw(box, name)
    browser.tell(box, name, last, keep=keep)


def _foot(waiting: Sequence[File], models: Sequence[str], choose: Choose | None, ask: Ask | None) -> None:
    load = fit.load(waiting)
    if sentence := fitting.too_long(load, models):
        st.caption(f":orange[:material/warning: {sentence}]")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tray-foot"):
        st.caption(t("Goes with your next question"), width="content")
        if any(file.page_count for file in waiting):
            fitting.draw(load, choose)
        if ask:
            words = without_words(waiting)
            with_enter = not any(file.page_count for file in waiting)
            st.button(
                words,
                key="tray-ask" if with_enter else "tray-summarize",
                type="tertiary",
                icon=":material/send:",
                on_click=ask,
                args=(words,),
            )


def without_words(waiting: Sequence[File]) -> str:
    """What is asked about files without a word; "" without files."""
    if not waiting:
        return ""
    if all(file.is_picture for file in waiting):
        return tn("Describe this picture.", "Describe these {number} pictures.", len(waiting))
    return tn("Summarize this file.", "Summarize these {number} files.", len(waiting))


def must_wait(box: str, name: str, prompt: str, models: Sequence[str]) -> bool:
    """Whether a person should look at the documents above the box before they go to these models: one is locked or too
    long, was read in part and not looked at yet, or came without a question. Says so."""
    notice.forget(box, name)
    every = held.held(box, name)
    documents = [each for each in every if each.is_document]
    if documents and not prompt.strip():
        return True
    unread = any(rows.fault(each, models) for each in documents if not each.is_seen)
    if _is_ready(box, name, models) and not unread:
        return False
    notice.say(box, name, t("Not sent yet: look at the files above the box."))
    return True


def sent(box: str, name: str, nonce: str, prompt: str) -> None:
    """The question of this page run is kept, its files with it."""
    st.session_state[f"sent-question-{box}"] = (nonce, prompt)
    notice.forget(box, name)
    clear(box, name)


def is_repeated(box: str, name: str, nonce: str, prompt: str) -> bool:
    """Whether this page run has sent just this question, and nothing new is above the box: a double click, whose files
    went with the first."""
    return st.session_state.get(f"sent-question-{box}") == (nonce, prompt.strip()) and not files(box, name)


def _is_ready(box: str, name: str, models: Sequence[str]) -> bool:
    """Whether the files can go to these models as far as is known; pictures are not judged here."""
    every = held.held(box, name)
    load = fit.load([each.file for each in every if not each.file.is_picture])
    return not any(each.is_locked for each in every) and not any(fit.lack_of(model_id, load) for model_id in models)
