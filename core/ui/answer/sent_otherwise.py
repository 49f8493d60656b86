"""Notes on what a model could not have as it was asked for, and what it was sent instead."""

from __future__ import annotations

from ...records import Note
from ..models.efforts import effort_name
from ..text import plain, t


def sentence_of(note: Note) -> str:
    """The sentence; "" for notes of other kinds."""
    match note.kind:
        case "effort_sent":
            effort = effort_name(note.detail)
            return t("This model does not have the effort that was set; sent: {effort}", effort=effort)
        case "form_in_prompt":
            return t("This model has no setting for this form of the answer; it was asked for in words")
        case "parameter_dropped" if note.detail == "effort":
            return t("This model has no reasoning effort; none was sent")
        case "parameter_dropped":
            return t("{setting} is not supported by this model and was not sent", setting=plain(note.detail))
    return ""
