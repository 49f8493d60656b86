"""The setting for the form of answers: text, JSON, or a schema, pasted or written in a few words a field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from ...schemas import reading
from ...schemas.faults import BadSchema
from ..schema_words import wrong
from ..text import t

Change = Callable[[str, object], None]
TEXT = "text"
EXAMPLE = 'name: str\nage: int | None\ntags: list[str]\nkind: "person" | "company"'


def setting(kind: Any, schema_json: Any, name: str, change: Change) -> None:
    """A choice of three; with a schema also a box for it, what is wrong with it, and a preview."""
    labels = {TEXT: t("Text"), "json": t("JSON"), "schema": t("Schema")}
    st.segmented_control(
        t("Answer format"),
        list(labels),
        default=kind if kind in labels else TEXT,
        required=True,
        format_func=lambda choice: f" {labels[choice]}",  # as in the settings: a space ends the search for emoji
        key=key(name),
        on_change=_chosen,
        args=(name, change),
    )
    if kind != "schema":
        return
    typed = str(st.session_state.get(box(name), schema_json or ""))
    above = st.container(gap="small")  # what is below the box may be out of sight
    st.text_area(
        t("Schema"),
        value=str(schema_json or ""),
        placeholder=EXAMPLE,
        key=box(name),
        on_change=_written,
        args=(name, change),
        height=150,
        help=t(
            "A JSON schema, or a line a field: its name, a colon and its type. Pydantic classes, types of TypeScript, "
            "OpenAPI, YAML and definitions of tools can be pasted too."
        ),
    )
    if not typed.strip():
        st.caption(t("Without a schema the answer is text."))
        return
    try:
        preview = reading.read(typed)
    except BadSchema as error:
        above.error(wrong(error), icon=":material/error:")
        if schema_json:
            above.caption(t("Until this is corrected, the schema before it is used."))
        return
    if not _is_same(typed, preview):
        st.caption(t("As a JSON schema:"))
        st.code(preview, language="json", height=180)


def _is_same(typed: str, preview: str) -> bool:
    try:
        return bool(json.loads(typed) == json.loads(preview))
    except (ValueError, RecursionError):
        return False


def key(name: str) -> str:
    return f"set-{name}-response_format"


def box(name: str) -> str:
    return f"set-{name}-schema_json"


def _chosen(name: str, change: Change) -> None:
    chosen = st.session_state.get(key(name))
    change("response_format", None if chosen == TEXT else chosen)


def _written(name: str, change: Change) -> None:
    typed = str(st.session_state.get(box(name)) or "")
    if not typed.strip():
        change("schema_json", None)
        return
    try:
        change("schema_json", reading.read(typed))
    except BadSchema:
        return  # the sentence stands below the box
