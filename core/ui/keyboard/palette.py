"""What the palette offers besides chats and models, and where a chosen model leads.

An act is a control that the page shows anyway: the palette uses it as a click would, and offers it only while it is
there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from .. import session, tips
from ..text import language, t
from ..translations import languages

MODEL = "palette-model"


def acts() -> list[dict[str, Any]]:
    """`on`: the selector of the control; `run`: done by the browser alone; `quiet`: only shown when searched for."""
    controls = [
        ("edit_square", t("New chat"), ".st-key-new-chat a", ""),
        ("stop_circle", t("Stop the answer"), ".st-key-stop-slot button", "Esc"),
        ("content_copy", t("Copy the last answer"), '[class*="st-key-copy-"] button', ""),
        ("edit", t("Edit the last question"), ".st-key-edit button", "ArrowUp"),
        ("refresh", t("Answer the last question again"), ".st-key-again button", ""),
        ("view_column", t("Compare models on this question"), ".st-key-compare button", ""),
        ("smart_toy", t("Choose the model"), ".st-key-pick-chat button", ""),
        ("tune", t("Settings for the next question"), ".st-key-settings button", ""),
        ("share", t("Share"), ".st-key-share button", ""),
        ("add", t("Add a model to the comparison"), ".st-key-add button", ""),
        ("edit_square", t("New comparison"), ".st-key-clear button", ""),
    ]
    offered: list[dict[str, Any]] = [
        {"icon": icon, "title": title, "on": on, "keys": keys} for icon, title, on, keys in controls
    ]
    offered.append({"icon": "arrow_downward", "title": t("Jump to the latest"), "on": ".roundtable-latest", "run": ""})
    themes = {"Light": t("Theme: light"), "Dark": t("Theme: dark"), "System": t("Theme: as the system")}
    offered += [
        {"icon": "contrast", "title": title, "run": "theme", "theme": theme, "also": "theme", "quiet": True}
        for theme, title in themes.items()
    ]
    names = languages()
    offered += [
        {
            "icon": "translate",
            "title": t("Language: {name}", name=names[code]),
            "on": f".st-key-language-switch button:nth-of-type({number})",
            "also": f"language {code}",
            "quiet": True,
        }
        for number, code in enumerate(names, 1)
        if code != language()
    ]
    offered.append({"icon": "keyboard", "title": t("Keyboard shortcuts"), "run": "shortcuts", "keys": "Mod+/"})
    return offered


def chosen(value: Mapping[str, Any] | None) -> None:
    """A model was chosen: `choose` takes it when the page runs. For callbacks, which may come before a new page ran."""
    model_id: Any = value.get("model") if value else None
    if isinstance(model_id, str) and is_offered(model_id):
        st.session_state[MODEL] = model_id


def choose(page: str) -> bool:
    """Let the chosen model answer from the next question on; whether one was chosen.

    In the chat page's address, which may be that of a new chat; on another page in the chat opened last.
    """
    from ..chat import actions  # the chat page imports the frame of pages, which imports this

    model_id = st.session_state.pop(MODEL, None)
    if model_id is None:
        return False
    tips.done("palette")
    actions.choose_in(st.query_params.get("c") if page == "chat" else st.session_state.get("conversation"), model_id)
    return True


def is_offered(model_id: str) -> bool:
    """Whether the picker would take it: a provider that exists, or one of the router's choices."""
    provider_id, _, name = model_id.partition("/")
    return provider_id == "auto" or bool(name and provider_id in session.engine().catalog.providers)
