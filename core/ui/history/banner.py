"""A banner on every page while the database does not save, and notices from opening it."""

from __future__ import annotations

import streamlit as st

from ...report.chats import written
from ...store import Health, Notice
from .. import session
from ..failures import error_id, own_messages
from ..text import plain, sentences, t


def banner() -> None:
    if not session.is_open():
        return
    health = session.health()
    if health.state != "ok":
        with st.container(key="banner", horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.warning(error_id.after(_sentence(health), health.event_id), icon=":material/cloud_off:")
            if health.state == "down" or health.in_memory:
                _export_open()
    closed: set[str] = st.session_state.setdefault("notices", set())
    for notice in session.notices():
        if notice.code == "moved_aside" and notice.path not in closed:
            _notice(notice)


def _sentence(health: Health) -> str:
    """What is wrong, what happens to new questions and changes, and what has to wait."""
    if health.code == "memory":
        sentence = t(
            "Nothing is saved to disk here: conversations last until the app stops. Export what you want to keep."
        )
        return f"{sentence}  \n:small[{plain(own_messages.translated(health.sentence, 'local', None))}]"
    waiting = t("Not saved yet: {number}.", number=health.waiting) if health.waiting else ""
    return sentences(_cause(health), _new_changes(health), _possible(health), waiting)


def _cause(health: Health) -> str:
    words = {
        "full": lambda: t("The disk is full."),
        "locked": lambda: t("Another program is using the database."),
        "read_only": lambda: t("The database cannot be written to."),
        "unreachable": lambda: t("The database is unavailable. Older conversations appear when it is back."),
        "gone": lambda: t(
            "The data folder was moved or deleted while the app was running. Put it back before you restart: "
            "without it the app starts with an empty database."
        ),
        "broken": lambda: t(
            "The database file is damaged. It will not be deleted: at the next start the app moves it aside and "
            "creates a new one."
        ),
        "newer": lambda: t(
            "This database was written by a newer version of Roundtable and was not changed. Update the app to use it."
        ),
    }
    return words[health.code]() if health.code in words else t("The database cannot save right now.")


def _new_changes(health: Health) -> str:
    if health.in_memory or health.code == "gone":
        return t(
            "New questions and changes are kept in memory only: they are lost if the app stops before they "
            "can be saved."
        )
    return t("New questions and changes are kept in a temporary file and saved as soon as possible.")


def _possible(health: Health) -> str:
    if health.state == "down":
        works = t("You can chat and compare; everything else has to wait.")
    else:
        works = t("You can chat, compare, rename and delete; votes, judging, batches and imports have to wait.")
    if not _has_shared_keys():
        return works
    uncounted = t(
        "Until then, models that use the app's own keys are unavailable, because their quota cannot be counted."
    )
    return f"{works} {uncounted}"


def _has_shared_keys() -> bool:
    engine = session.engine()
    real = [provider for provider in engine.catalog.providers.values() if not provider.simulated]
    return any(engine.keyring.find(provider, {}) and engine.directory.is_ready(provider, {}) for provider in real)


def _export_open() -> None:
    """A download of the conversations in this process's memory."""
    chats = session.person().chats

    def content() -> str:
        return written(chats.in_memory())

    if chats.in_memory():
        st.download_button(
            t("Export open conversations"),
            content,
            file_name="roundtable.md",
            mime="text/markdown",
            icon=":material/download:",
            key="take-along",
            on_click="ignore",
        )


def _notice(notice: Notice) -> None:
    with st.container(key="notice", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.warning(
            t(
                "The database file was damaged. It was moved to {path}, unchanged, and a new one was created.",
                path=plain(notice.path),
            ),
            icon=":material/healing:",
        )
        st.button(
            t("Close"),
            icon=":material/close:",
            type="tertiary",
            key="notice-close",
            on_click=_close,
            args=(notice.path,),
        )


def _close(path: str) -> None:
    st.session_state["notices"].add(path)
