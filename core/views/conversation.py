"""A conversation as a page reads it: settings, turns, files, the question that waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..records import AUTO, Completion, Message, Note, Routing

Decision = Literal["ask", "mask", "send", "decided"]  # on secrets and personal data in a question; "ask": none yet


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """System prompt and sampling as a person set them; None is "not set" and is never sent.

    `never_substitute`: when the chosen model cannot answer, no other one does. `reuse`: a stored answer to the same
    question may be returned; False: not even one that is stored for everybody. `personal_data`: masked or sent as it
    is, as the person decided; None: not asked yet.
    """

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_output_tokens: int | None = None
    never_substitute: bool | None = None
    reuse: bool | None = None
    personal_data: Literal["mask", "send"] | None = None

    @classmethod
    def of(cls, system: str | None, settings: Mapping[str, object]) -> GenerationSettings:
        """From the database's columns; fields of older or newer versions are ignored."""
        sampling = {name: settings[name] for name in SAMPLING if settings.get(name) is not None}
        return cls(system=system or "", **sampling)  # type: ignore[arg-type]

    def with_apart(self, apart: Mapping[str, object]) -> GenerationSettings:
        """These settings with the ones in which a lane differs."""
        names = {entry.name for entry in dataclasses.fields(self)}
        return dataclasses.replace(self, **{name: value for name, value in apart.items() if name in names})  # type: ignore[arg-type]

    def sampling(self) -> dict[str, float | int | str]:
        """The sampling settings that are set, ready to be stored."""
        return {name: value for name in SAMPLING if (value := getattr(self, name)) is not None}


SAMPLING = tuple(entry.name for entry in dataclasses.fields(GenerationSettings) if entry.name != "system")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a question, without its text (see `files`)."""

    name: str
    media_type: str
    size_bytes: int


def named(model_id: str | None, notes: Iterable[Note], routing: Routing | None = None) -> str | None:
    """The model that a person asked for by name: not one that "auto" chose, nor a substitute."""
    kinds = {note.kind: note.detail for note in notes}
    chosen = routing or "routed" in kinds or model_id in AUTO
    return None if chosen else kinds.get("failed_over", model_id)


@dataclass(frozen=True, slots=True)
class File:
    """A text file that goes with a question."""

    name: str
    text: str
    media_type: str = "text/plain"


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
    files: tuple[tuple[str, str], ...] = ()


def pairs(talk: Sequence[tuple[str, str, str | None]]) -> list[Message]:
    """Questions and answers in turn, from (question, answer, the model that was named for it).

    A question that was never answered is left out, so that roles alternate.
    """
    out: list[Message] = []
    for question, answer, model_id in talk:
        if answer.strip():
            out += [Message("user", question), Message("assistant", answer, model_id)]
    return out


def prompt_message(prompt: str, files: Sequence[tuple[str, str]]) -> Message:
    """A question as a model reads it, with the text of its (name, text) files below."""
    return Message("user", prompt + "".join(f"\n\n{name}:\n```\n{text}\n```" for name, text in files))


def asked_with(prompt: str, files: Sequence[File]) -> Message:
    return prompt_message(prompt, [(file.name, file.text) for file in files])


CONTINUE = "Continue exactly where you stopped, without repeating anything."
