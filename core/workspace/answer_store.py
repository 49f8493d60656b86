"""Stores the answers of this process's jobs in the database, and reads stored answers as progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..job import AnswerPart
from ..records import Completion, Document, Finish, Note, Part, Picture, Sound, Timing
from ..store import Unavailable, blobs, running, turns
from ..store.database import Database
from ..views.progress import Phase, Progress
from .routing_threshold import row

KINDS = {Picture: "picture", Document: "file", Sound: "sound"}
EndAnswer = Callable[[str, str, Completion, Callable[[], None]], bool]


def _keep_always(owner_id: str, request_id: str, completion: Completion, keep: Callable[[], None]) -> bool:
    keep()
    return True


class DatabaseAnswerStore:
    """Implements the `AnswerStore` of `core.jobs`. `end_answer` decides whether an answer has ended, and keeps it."""

    def __init__(self, database: Database, process: str, look_around: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._process = process
        self._look_around = look_around
        self.end_answer: EndAnswer = _keep_always

    def checkpoint(self, parts: Sequence[AnswerPart]) -> None:
        running.checkpoint(self._database, [running.AnswerCheckpoint(*part) for part in parts])

    def finish(self, owner_id: str, request_id: str, completion: Completion) -> bool:
        def keep() -> None:
            with_blobs = self._with_blobs(owner_id, completion)
            chosen = row(completion.routing) if completion.text and completion.routing else None
            turns.finish(self._database, owner_id, request_id, with_blobs, state_of(completion), chosen)

        return self.end_answer(owner_id, request_id, completion, keep)

    def _with_blobs(self, owner_id: str, completion: Completion) -> Completion:
        """The answer with the bytes of its pictures stored under their hashes; without those that cannot be stored."""
        parts: list[Part] = []
        notes = list(completion.notes)
        for part in completion.parts:
            if isinstance(part, Picture | Document | Sound) and part.data:
                try:
                    blobs.put(self._database, owner_id, part.data, part.media_type)
                except Unavailable:
                    notes.append(Note("unshown", KINDS[type(part)]))
                    continue
                part = replace(part, data=b"")
            parts.append(part)
        return replace(completion, parts=tuple(parts), notes=tuple(notes)) if completion.parts else completion

    def tick(self) -> None:
        running.tick(self._database, self._process)
        self._look_around()


def state_of(completion: Completion) -> turns.End:
    """The final state of an answer."""
    if completion.finish and completion.finish.reason == "stopped":
        return "stopped"
    return "failed" if completion.error else "done"


def stored_progress(stored: running.StoredAnswer) -> Progress:
    """The progress of an answer that another process runs: its last checkpoint, or its end."""
    completion = stored.completion
    if completion is None and stored.state not in ("running", "scheduled"):
        completion = Completion("", stored.text, stored.reasoning, None, Finish("truncated"), Timing(stored.updated_at))
    timing = completion.timing if completion else Timing(stored.updated_at)
    phase: Phase = "answering" if stored.text else "thinking" if stored.reasoning else "waiting"
    return Progress(
        phase="done" if completion else phase,
        text=stored.text,
        reasoning=stored.reasoning,
        usage=completion.usage if completion else None,
        elapsed_ms=timing.total_ms or 0.0,
        ttft_ms=timing.ttft_ms,
        first_answer_ms=timing.first_answer_ms,
        last_ms=timing.last_ms,
        chunks=timing.chunks,
        attempt=None,
        completion=completion,
    )
