"""Notes on what a model could not have as it was asked for, and what it was sent instead."""

from __future__ import annotations

from ...records import Note
from ..models.efforts import effort_name
from ..text import t


def note(a_note: Note) -> str:
    """The sentence; "" for notes of other kinds."""
    match a_note.kind:
        case "effort_sent":
            return t(
                "This model does not have the effort that was set; sent: {effort}", effort=effort_name(a_note.detail)
            )
        case "form_in_prompt":
            return t("This model has no setting for this form of the answer; it was asked for in words")
        case "parameter_dropped" if a_note.detail == "effort":
            return t("This model has no reasoning effort; none was sent")
    return ""
