"""The component of every page: its language, shortcuts and palette, and in the sidebar the button that opens it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from .. import transfers
from ..text import language, t
from . import lookups, palette
from .shortcuts import SHORTCUTS

FOLDER = Path(__file__).parents[1] / "static"
FILES = (
    "page_access.js", "reading.js", "footnotes.js", "microphone.js", "chosen_files.js", "palette.js", "keyboard.js"
)  # fmt: skip
BUTTON = '<button type="button" class="roundtable-open" aria-label="{label}"></button>'
KEY = "keyboard"


@cache
def script() -> str:
    """All files as one: a component has one script."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in FILES)


def draw(page: str, pages: Sequence[dict[str, Any]] = ()) -> None:
    """Draw it on the page of this name. `pages`: what the palette can open; without any there is no button."""
    component = st.components.v2.component(
        f"roundtable-keyboard-{language()}",
        html=BUTTON.format(label=t("Search")) if pages else None,
        js=script(),
        isolate_styles=False,
    )
    data = {
        "name": page,
        "language": language(),
        "labels": _labels(),
        "pages": list(pages),
        "acts": palette.acts(),
        "shortcuts": [[shortcut.keys, shortcut.title()] for shortcut in SHORTCUTS],
        "server": f"{transfers.base()}{lookups.PATH}" if pages and transfers.served() else "",
    }
    component(
        key=KEY,
        data=[data],  # in a list: see chat/drafts.py
        on_model_change=lambda: palette.chosen(st.session_state.get(KEY)),
    )


def _labels() -> dict[str, str]:
    return {
        "open": t("Search"),
        "palette": t("Palette"),
        "placeholder": t("Search pages, chats, models and actions"),
        "pages": t("Pages"),
        "acts": t("Actions"),
        "recent": t("Recent conversations"),
        "models": t("Models"),
        "chats": t("Found in conversations"),
        "searching": t("Searching your conversations"),
        "unavailable": t("Your conversations cannot be searched right now."),
        "nothing": t("Nothing found."),
        "shortcuts": t("Keyboard shortcuts"),
        "close": t("Close"),
        "latest": t("Jump to the latest"),
        "upload": t("Upload"),
        "upload_limit": t("Up to {size} a file", size="{size}"),
        "microphone_denied": t(
            "Your browser does not allow the microphone here. Allow it in the browser's settings, then try again."
        ),
        "microphone_missing": t("No microphone was found. Connect one, and try again."),
        "microphone_failed": t("The microphone could not be opened. Close other programs that use it, and try again."),
    }
