"""A banner on every page while the database does not save, and notices from opening it."""

from __future__ import annotations

import streamlit as st

from ...report.chats import written
from ...store import Health, Notice
from .. import session
from ..failures import ours
from ..text import plain, t


def banner() -> None:
    if not session.is_open():
        return
    health = session.health()
    if health.state != "ok":
        with st.container(key="banner", horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.warning(_sentence(health), icon=":material/cloud_off:")
            if health.state == "down" or health.in_memory:
                _take_along()
    closed: set[str] = st.session_state.setdefault("notices", set())
    for notice in session.notices():
        if notice.code == "moved_aside" and notice.path not in closed:
            _notice(notice)


def _sentence(health: Health) -> str:
    """What is wrong, what happens to new questions and changes, and what has to wait."""
    if health.code == "memory":
        sentence = t("Nothing is saved on disk here: conversations last until the app stops. Export what matters.")
        return f"{sentence}  \n:small[{plain(ours.translated(health.sentence, 'local', None))}]"
    sentences = [_cause(health), _kept(health), _works(health)]
    if health.waiting:
        sentences.append(t("Waiting to be saved: {number}.", number=health.waiting))
    return " ".join(filter(None, sentences))


def _cause(health: Health) -> str:
    words = {
        "full": lambda: t("The disk is full."),
        "locked": lambda: t("Another program is using the database."),
        "read_only": lambda: t("The database cannot be written."),
        "unreachable": lambda: t("The database cannot be reached; older conversations are not shown until it is back."),
        "gone": lambda: t(
            "The data folder was moved or deleted while the app is running. Put it back where it was: "
            "a start without it begins with an empty database."
        ),
        "broken": lambda: t(
            "The database file is damaged. It is never deleted: at the next start it is moved aside, a new one begun."
        ),
        "newer": lambda: t(
            "A newer Roundtable wrote this database. It is left as it is: update the app to use it again."
        ),
    }
    return words[health.code]() if health.code in words else t("The database does not save at the moment.")


def _kept(health: Health) -> str:
    if health.in_memory or health.code == "gone":
        return t("What you ask and change now is shown, but kept in memory only: it is lost if the app stops first.")
    return t("What you ask and change now is kept aside, shown, and saved as soon as possible.")


def _works(health: Health) -> str:
    if health.state == "down":
        works = t("You can ask and compare; everything else has to wait.")
    else:
        works = t("You can ask, compare, rename and delete; votes, judging, batches and imports have to wait.")
    if not _has_shared_keys():
        return works
    uncounted = t("Models behind the app's own keys are not asked meanwhile, because their quota cannot be counted.")
    return f"{works} {uncounted}"


def _has_shared_keys() -> bool:
    engine = session.engine()
    real = [provider for provider in engine.catalog.providers.values() if not provider.simulated]
    return any(engine.keyring.find(provider, {}) and engine.directory.is_ready(provider, {}) for provider in real)


def _take_along() -> None:
    """A download of the conversations in this process's memory."""
    chats = session.person().chats

    def content() -> str:
        return written(chats.held())

    if chats.held():
        st.download_button(
            t("Export what is open"),
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
                "The database file was damaged. It was moved aside, nothing in it was deleted; a new one was begun. "
                "The old one: {path}",
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
