"""Files on their way from the browser to the box: how far they are, and what became of those that did not arrive.

Only the browser knows it, so a component says it above the box and holds a question back until its files are there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from .. import uploads
from ..text import t

SCRIPT = Path(__file__).parents[1] / "static" / "uploading.js"


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def watch(box: str) -> None:
    """Draw the component for the box with this key."""
    component = st.components.v2.component("roundtable-uploading", js=_script())
    component(key="uploading", height=0, data=[{"box": box, "labels": _labels()}])  # in a list: see drafts.py


def _labels() -> dict[str, str]:
    """Sentences about one file, and about many; `{names}` and `{number}` are filled in by the browser."""
    names, size = "{names}", uploads.table_mb()
    return {
        "comma": t(", "),
        "more": t("{number} more", number="{number}"),
        "held": t("Not sent yet."),
        "recording": t("your recording"),
        "recording_failed": t("Your recording was not uploaded. Check the connection, and record it again."),
        "save": t("Save the recording"),
        "then": t("your question is sent when this ends; change it to keep it here"),
        "uploading": t("Uploading {names}", names=names),
        "uploading_many": t("Uploading {names}", names=names),
        "failed": t(
            "{names} was not uploaded. Check the connection, then click it to try again, or remove it.", names=names
        ),
        "failed_many": t(
            "{names} were not uploaded. Check the connection, then click each to try again, or remove it.", names=names
        ),
        "large": t("{names} was not attached: a file can be up to {size} MB here.", names=names, size=size),
        "large_many": t("{names} were not attached: a file can be up to {size} MB here.", names=names, size=size),
        "kind": t(
            "{names} was not attached: files of this kind cannot be read. Attach it as PDF, text, PNG or JPEG.",
            names=names,
        ),
        "kind_many": t(
            "{names} were not attached: files of these kinds cannot be read. Attach them as PDF, text, PNG or JPEG.",
            names=names,
        ),
        "left": t("{names} was not uploaded: the page was left or reloaded too early. Attach it again.", names=names),
        "left_many": t(
            "{names} were not uploaded: the page was left or reloaded too early. Attach them again.", names=names
        ),
    }
