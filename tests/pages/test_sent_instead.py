"""The notes on what was sent in place of what a model cannot have, as the line below an answer has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.records import Completion, Finish, Note, Timing
from core.ui.answer import meta


@pytest.mark.parametrize(
    ("note", "line"),
    [
        (Note("effort_sent", "low"), "Reasoning effort sent to this model: low"),
        (
            Note("form_in_prompt", "schema"),
            "This model takes no JSON schema: the form of the answer was asked for in words",
        ),
        (Note("document_as_text", "1"), "1 file sent as its text"),
        (Note("document_as_text", "2"), "2 files sent as their text"),
        (Note("pictures_left_out", "2"), "2 earlier pictures left out: this model does not see"),
        (Note("sounds_left_out", "1"), "1 earlier recording left out: this model does not hear"),
        (Note("stops_sent", "4"), "This model takes 4 stop texts; only the first were sent"),
        (Note("parameter_dropped", "tools"), "Not supported by this model, so not sent: tools"),
        (
            Note("parameter_dropped", "max_output_tokens"),
            "Not supported by this model, so not sent: maximum answer length",
        ),
    ],
)
def test_what_was_sent_instead_is_told(note: Note, line: str) -> None:
    timing = Timing(datetime(2026, 11, 22, tzinfo=UTC))
    completion = Completion("sim/slow", "Yes.", "", None, Finish("stop"), timing, notes=(note,))
    assert meta.notes(completion).replace("\\", "") == line
