"""A conversation as a page reads it: settings, turns, files, the question that waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ..records import (
    AUTO,
    AskedEffort,
    Completion,
    Document,
    Message,
    Note,
    Picture,
    ResponseFormat,
    Routing,
    Sound,
    Text,
)

Decision = Literal["ask", "mask", "send", "decided"]  # on secrets and personal data in a question; "ask": none yet


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """System prompt and sampling as a person set them; None is "not set" and is never sent.

    `never_substitute`: when the chosen model cannot answer, no other one does. `reuse`: a stored answer to the same
    question may be returned; False: not even one that is stored for everybody. `personal_data`: masked or sent as it
    is, as the person decided; None: not asked yet. `schema_json`: the JSON schema of the answer, where its form is
    "schema". `calculator`: the model may calculate with it.
    """

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_output_tokens: int | None = None
    never_substitute: bool | None = None
    reuse: bool | None = None
    personal_data: Literal["mask", "send"] | None = None
    effort: AskedEffort | None = None
    response_format: Literal["json", "schema"] | None = None
    schema_json: str | None = None
    stop: tuple[str, ...] | None = None
    calculator: bool | None = None

    @classmethod
    def of(cls, system: str | None, settings: Mapping[str, object]) -> GenerationSettings:
        """From the database's columns; fields of older or newer versions are ignored."""
        sampling = {name: settings[name] for name in SAMPLING if settings.get(name) is not None}
        if "stop" in sampling:
            sampling["stop"] = tuple(map(str, sampling["stop"])) if isinstance(sampling["stop"], list | tuple) else ()
        return cls(system=system or "", **sampling)  # type: ignore[arg-type]

    def with_apart(self, apart: Mapping[str, object]) -> GenerationSettings:
        """These settings with the ones in which a lane differs."""
        names = {entry.name for entry in dataclasses.fields(self)}
        return dataclasses.replace(self, **{name: value for name, value in apart.items() if name in names})  # type: ignore[arg-type]

    def form(self) -> ResponseFormat | None:
        """The form of the answer; None where it is text, and while there is no schema yet."""
        if self.response_format is None or (self.response_format == "schema" and not self.schema_json):
            return None
        return ResponseFormat(
            self.response_format, (self.schema_json or "") if self.response_format == "schema" else ""
        )

    def sampling(self) -> dict[str, Any]:
        """The sampling settings that are set, ready to be stored."""
        return {name: value for name in SAMPLING if (value := getattr(self, name)) is not None}


SAMPLING = tuple(entry.name for entry in dataclasses.fields(GenerationSettings) if entry.name != "system")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a question or an answer, without its text and bytes; as in `File`."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str = ""
    width: int | None = None
    height: int | None = None
    pages: str = ""
    page_count: int | None = None

    def picture(self) -> Picture | None:
        """The picture, without its bytes; None for any other file."""
        if not (self.sha256 and self.media_type.startswith("image/")):
            return None
        return Picture(self.media_type, b"", self.sha256, self.size_bytes, self.name, self.width, self.height)


def named(model_id: str | None, notes: Iterable[Note], routing: Routing | None = None) -> str | None:
    """The model that a person asked for by name: not one that "auto" chose, nor a substitute."""
    kinds = {note.kind: note.detail for note in notes}
    chosen = routing or "routed" in kinds or model_id in AUTO
    return None if chosen else kinds.get("failed_over", model_id)


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a question: `text` is what was read of it ("" of a picture), of the pages `pages` ("3-7";
    "": all) of `page_count`. `sha256` names its bytes, `size_bytes` of them, among the person's blobs; "": it is its
    text alone. `width` and
    `height` are a picture's, in pixels."""

    name: str
    text: str = ""
    media_type: str = "text/plain"
    sha256: str = ""
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    pages: str = ""
    page_count: int | None = None

    @property
    def stored_bytes(self) -> int:
        """The size of its bytes, or of its text."""
        return len(self.text.encode("utf-8", "replace")) if self.size_bytes is None else self.size_bytes

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/") and not self.text

    def part(self) -> Document | Picture | Sound:
        """As a part of a message; its bytes are read when they are sent."""
        size_bytes = self.size_bytes or 0
        if self.is_picture:
            return Picture(
                self.media_type, b"", self.sha256, size_bytes, self.name, width=self.width, height=self.height
            )
        if self.media_type.startswith("audio/"):
            return Sound(self.media_type, b"", self.sha256, size_bytes, self.name)
        return Document(
            self.name, self.text, self.media_type, b"", self.sha256, size_bytes, self.pages, self.page_count
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and one model's answer to it. `siblings` are all versions in order, this one among them.

    `state` is the answer's: running, done, stopped, failed, interrupted, or scheduled while the question waits for a
    limit to reset. Before it has ended `completion` is None and `request_id` names its job.
    """

    question_id: str
    prompt: str
    answer_id: str
    model_id: str
    request_id: str
    state: str
    completion: Completion | None = None
    parent_id: str | None = None
    asked_at: datetime | None = None
    question_siblings: tuple[str, ...] = ()
    answer_siblings: tuple[str, ...] = ()
    attached: tuple[Attached, ...] = ()

    @property
    def answered_by(self) -> str:
        """The id of the model that the answer counts for: who served it, where that was told."""
        return (self.completion.served_model_id if self.completion else None) or self.model_id

    @property
    def named(self) -> str | None:
        """The model that the person asked for this answer, None where "auto" chose it."""
        completion = self.completion
        return named(
            self.model_id or None, completion.notes if completion else (), completion.routing if completion else None
        )


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation as shown: the newest turns of one branch. `earlier` counts the turns above them.

    `lane`: it is a column of a comparison, where models have no substitutes. `partial`: the saved turns cannot be read
    now, and only those that wait to be saved are here.
    """

    id: str
    title: str = ""
    model_id: str = ""
    generation: GenerationSettings = GenerationSettings()
    turns: tuple[Turn, ...] = ()
    earlier: int = 0
    pinned: bool = False
    version: int = 0
    lane: bool = False
    partial: bool = False

    @property
    def leaf_id(self) -> str | None:
        """The answer that the next question follows; the question itself if an import has no answer to it."""
        last = self.turns[-1] if self.turns else None
        return (last.answer_id or last.question_id) if last else None

    def with_model(self, model_id: str) -> ConversationView:
        """The same conversation with another model."""
        return dataclasses.replace(self, model_id=model_id)

    def running(self) -> Turn | None:
        """The turn whose answer is still being generated: only the last one can be."""
        last = self.turns[-1] if self.turns else None
        return last if last and last.state == "running" else None

    def scheduled(self) -> Turn | None:
        """The last turn, if its question waits for a limit to reset."""
        last = self.turns[-1] if self.turns else None
        return last if last and last.state == "scheduled" else None

    def followed_by(self, turn: Turn) -> ConversationView:
        """The same branch up to the answer that this turn follows, and the turn."""
        answers = [shown.answer_id for shown in self.turns]
        if turn.parent_id is None:
            above: tuple[Turn, ...] = ()
        else:
            above = self.turns[: answers.index(turn.parent_id) + 1] if turn.parent_id in answers else self.turns
        return dataclasses.replace(self, turns=(*above, turn))

    def messages(self) -> list[Message]:
        """The texts shown, to ask a model while the database is unreachable."""
        return pairs(
            [(turn.prompt, turn.completion.text if turn.completion else "", turn.named) for turn in self.turns]
        )


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question sent while an answer was running; it follows `parent_id` as soon as that answer has ended."""

    prompt: str
    request_id: str
    parent_id: str
    files: tuple[File, ...] = ()


def pairs(talk: Sequence[tuple[str, str, str | None]]) -> list[Message]:
    """Questions and answers in turn, from (question, answer, the model that was named for it).

    A question that was never answered is left out, so that roles alternate.
    """
    out: list[Message] = []
    for question, answer, model_id in talk:
        if answer.strip():
            out += [Message("user", question), Message("assistant", answer, model_id)]
    return out


def asked_with(prompt: str, files: Sequence[File]) -> Message:
    """A question as a model reads it, its files below."""
    return Message("user", [Text(prompt), *(file.part() for file in files)])


CONTINUE = "Continue exactly where you stopped, without repeating anything."
