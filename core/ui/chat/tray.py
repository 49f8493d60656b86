"""Files above a box that go with its next question: those of a question that was not sent, or that is edited.

They belong to the draft of one chat, in this tab: a reload drops them, and their names are told when they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...views.conversation import File
from .. import attached_files
from ..base.buttons import icon_button
from ..text import plain, t, tn

Tray = dict[str, tuple[File, ...]]  # by the name of the draft


def files(box: str, name: str) -> tuple[File, ...]:
    return _trays(box).get(name, ())


def put(box: str, name: str, files: Sequence[File]) -> None:
    """What is above the box now, instead of what was."""
    if files:
        _trays(box)[name] = tuple(dict.fromkeys(files))
    else:
        _trays(box).pop(name, None)


def add(box: str, name: str, more: Sequence[File]) -> None:
    put(box, name, [*files(box, name), *more])


def without_words(files: Sequence[File]) -> str:
    """What is asked about files without a word; "" without files."""
    if files and all(file.is_picture for file in files):
        return tn("Describe this picture.", "Describe these {number} pictures.", len(files))
    return ", ".join(file.name for file in files)


def clear(box: str, name: str) -> None:
    put(box, name, ())


def draw(box: str, name: str) -> None:
    """The files, each with a button that takes it out."""
    waiting = files(box, name)
    if not waiting:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"tray-{box}"):
        for place, file in enumerate(waiting):
            with st.container(horizontal=True, gap=None, width="content", key=f"tray-file-{place}"):
                attached_files.draw((file,), f"tray-{place}")
                icon_button(
                    "close", t("Remove {name}", name=plain(file.name)), f"tray-out-{place}", _remove, box, name, file
                )
        st.caption(t("Goes with your next question"), width="content")


def _remove(box: str, name: str, file: File) -> None:
    put(box, name, [other for other in files(box, name) if other != file])


def _trays(box: str) -> Tray:
    trays: Tray = st.session_state.setdefault(f"tray-of-{box}", {})
    return trays
