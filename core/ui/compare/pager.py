"""Where columns do not all fit: "1–4 of 8", with buttons that scroll to the others. Nothing where all are in sight."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from ..text import t

FOLDER = Path(__file__).parents[1] / "static"
_HTML = '<div class="pager" hidden></div>'


@cache
def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def draw(run_id: str, columns: int) -> None:
    """`run_id` and `columns` change whenever the browser has other columns to watch."""
    if columns < 2:
        return
    component = st.components.v2.component(
        "roundtable-pager", html=_HTML, css=_source("pager.css"), js=_source("pager.js")
    )
    words = {
        "range": t("{first}–{last} of {number} columns", first="{first}", last="{last}", number="{number}"),
        "one": t("{first} of {number} columns", first="{first}", number="{number}"),
        "back": t("Columns to the left"),
        "on": t("Columns to the right"),
    }
    component(key="pager", data=[{"run": run_id, "columns": columns, "words": words}])  # a list: see chat/drafts.py
