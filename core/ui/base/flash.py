"""A message about what the last click did, shown once at the top of the next page run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ...errors import BlockedInput
from ...safety.incoming import MOST_FILES, MOST_NAME_CHARS, MOST_READ_CHARS
from ...store import NotFound, StoreError
from .. import session
from ..failures.own_messages import translated
from ..text import plain, t, whole

DOCUMENT = ("empty", "broken", "password", "legacy", "kind", "unsafe", "too_slow", "off", "pages")  # codes of documents


def flash(sentence: str, *, warning: bool = False) -> None:
    """Show a sentence at the top of the next run."""
    st.session_state["flash"] = (sentence, warning)


def show_flash() -> None:
    """Draw the pending message, once."""
    sentence, warning = st.session_state.pop("flash", ("", False))
    if sentence:
        (st.warning if warning else st.info)(sentence, icon=":material/warning:" if warning else ":material/info:")


@contextmanager
def store_errors_shown() -> Iterator[None]:
    """Turn an error of the store or of the input into a message on the next run."""
    try:
        yield
    except BlockedInput as error:
        flash(blocked(error), warning=True)
    except NotFound:
        flash(t("It no longer exists."))
    except StoreError:
        flash(t("This cannot be saved right now. Try again when the database is back."), warning=True)


def blocked(error: BlockedInput) -> str:
    """Why an input was rejected, and what to do."""
    if error.param == "files" and error.code in DOCUMENT:
        return plain(translated(error.message, None, None))
    if error.code == "empty":
        return t("Nothing to send yet: write a question.")
    if error.code == "stopping":
        return t("Roundtable is being restarted. Nothing was sent: send it again in a minute.")
    if error.param == "scheduled":
        return t(
            "You have the most questions that can wait ({number}). Cancel one in the sidebar first. Nothing was sent.",
            number=session.engine().settings.scheduled_questions,
        )
    if error.param == "answers":
        return t(
            "{number} of your answers can run at once. Wait until one has ended, or stop one. Nothing was sent.",
            number=session.engine().settings.visitor_answers,
        )
    if error.param == "batches":
        return t(
            "{number} of your batches can run at once. Wait until one has ended, or pause one. Nothing was started.",
            number=session.engine().settings.visitor_batches,
        )
    if error.code == "too_many":
        return t("You can attach at most {number} files to one question.", number=MOST_FILES)
    if error.code in ("too_large", "full"):
        return plain(translated(error.message, None, None))
    label = {
        "prompt": t("Your text"),
        "files": t("Your text with the attached files"),
        "system": t("The system prompt"),
        "model": t("The model name"),
        "row": t("Row {row}", row=error.param[4:] if error.param else ""),
    }.get((error.param or "").partition(" ")[0], plain(error.param or ""))
    max_chars = {"model": MOST_NAME_CHARS, "files": MOST_READ_CHARS}.get(
        error.param or "", session.engine().settings.max_prompt_chars
    )
    return t(
        "{what} is too long: shorten it to {most} characters. Nothing was sent or saved.",
        what=label,
        most=whole(max_chars),
    )
