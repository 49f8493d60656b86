"""The id of a failure's line in the log, which a person can tell the administrator."""

from __future__ import annotations

from ..text import t


def label(event_id: str | None) -> str:
    """Markdown; "" if there is no id."""
    return t("Error ID: {id}", id=event_id) if event_id else ""


def after(sentence: str, event_id: str | None) -> str:
    """A sentence with the id in small letters below it."""
    return f"{sentence}  \n:small[{label(event_id)}]" if event_id else sentence
