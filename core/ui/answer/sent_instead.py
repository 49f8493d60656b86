"""Notes on what was sent in place of what a model cannot have, in words."""

from __future__ import annotations

from ...records import Note
from ..text import plain, t, tn


def sent_instead(note: Note) -> str:
    """The note in words; "" for one of another kind."""
    match note.kind:
        case "effort_sent":
            return t("Reasoning effort sent to this model: {effort}", effort=plain(note.detail))
        case "form_in_prompt" if note.detail == "with_tools":
            return t("This model takes no form of the answer together with tools: it was asked for in words")
        case "form_in_prompt":
            return t("This model takes no JSON schema: the form of the answer was asked for in words")
        case "document_as_text":
            return tn("1 file sent as its text", "{number} files sent as their text", int(note.detail))
        case "pictures_left_out":
            return tn(
                "1 earlier picture left out: this model does not see",
                "{number} earlier pictures left out: this model does not see",
                int(note.detail),
            )
        case "sounds_left_out":
            return tn(
                "1 earlier recording left out: this model does not hear",
                "{number} earlier recordings left out: this model does not hear",
                int(note.detail),
            )
        case "stops_sent":
            return t("This model takes {number} stop texts; only the first were sent", number=plain(note.detail))
    return ""
