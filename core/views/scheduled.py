"""A question that waits for a limit to reset, as pages read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

WAITS_H = 36  # the longest that a question waits


@dataclass(frozen=True, slots=True)
class ScheduledQuestion:
    """`run_id`: the comparison that its conversation is a lane of. `follows`: the answer that goes first, None where
    nothing does. `own_key`: it is sent with a pasted key. `tries`: how often the limit had not reset when it was
    due; `early`: it was to be sent before that, because a person said so, and was refused. `being_sent`: a process has
    taken it."""

    request_id: str
    conversation_id: str
    run_id: str | None
    answer_id: str
    follows: str | None
    model_id: str
    first_words: str
    not_before: datetime
    own_key: bool
    tries: int
    early: bool
    being_sent: bool
