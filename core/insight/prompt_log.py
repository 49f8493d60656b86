"""What somebody asked and was answered, message by message, and the sums over all of it. Pure; keeps no texts.

log = PromptLog()
log.read(conversation_id, run_id, messages)     again after a change: only what is new is analysed
log.keep(ids)                                   forget the conversations that are not there any more
log.questions(), log.answers()
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from . import languages, refusals, repeats, tone
from .question_topics import Vocabulary
from .question_words import words

HOUR_US = 3_600_000_000
LONGEST_REPEATED = 500  # characters: what is longer is hardly asked in the same words again


class LoggedMessage(Protocol):
    """What is read of a message; `at_us` is since 1970 UTC."""

    @property
    def id(self) -> str: ...
    @property
    def conversation_id(self) -> str: ...
    @property
    def is_first(self) -> bool: ...
    @property
    def role(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def characters(self) -> int: ...
    @property
    def at_us(self) -> int: ...
    @property
    def model_id(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def finish(self) -> str | None: ...
    @property
    def error(self) -> str | None: ...
    @property
    def output_tokens(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """`form` is what it is compared by; "" where it does not begin a conversation. `words`: numbers of the vocabulary.

    `run_id`: of its comparison, where it counts once although each column has it.
    """

    id: str
    conversation_id: str
    run_id: str | None
    at_us: int
    characters: int
    language: str | None
    tone: float | None
    words: tuple[int, ...]
    form: str


@dataclass(frozen=True, slots=True)
class EndedAnswer:
    """`end`: ok, refused (by the model), filtered (by the provider), truncated (at the longest answer allowed), failed,
    or stopped (by the person)."""

    model_id: str
    end: str
    characters: int
    output_tokens: int | None


class PromptLog:
    """Of one person. Not thread-safe."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self._questions: dict[str, dict[str, LoggedQuestion]] = {}  # by conversation
        self._answers: dict[str, dict[str, EndedAnswer]] = {}
        self.unfinished: set[str] = set()  # conversations with an answer on its way

    def __len__(self) -> int:
        return sum(map(len, self._questions.values())) + sum(map(len, self._answers.values()))

    def read(self, messages: Sequence[LoggedMessage], runs: dict[str, str | None]) -> bool:
        """Messages of whole conversations, in any order; whether any was new. `runs`: the comparison of each
        conversation."""
        self.unfinished -= {message.conversation_id for message in messages}
        fresh = []
        answered = False
        for message in messages:
            if message.role == "user":
                if message.id not in self._questions.setdefault(message.conversation_id, {}):
                    fresh.append(message)
            elif message.state in ("running", "interrupted"):
                self.unfinished.add(message.conversation_id)
            elif message.model_id:
                answers = self._answers.setdefault(message.conversation_id, {})
                if message.id not in answers:
                    answers[message.id] = _answer(message)
                    answered = True
        codes = languages.of([message.text for message in fresh])
        for message, language in zip(fresh, codes, strict=True):
            question = self._question(message, language, runs.get(message.conversation_id))
            self._questions[message.conversation_id][message.id] = question
        return answered or bool(fresh)

    def _question(self, message: LoggedMessage, language: str | None, run_id: str | None) -> LoggedQuestion:
        repeatable = message.is_first and message.characters <= LONGEST_REPEATED
        return LoggedQuestion(
            message.id,
            message.conversation_id,
            run_id,
            message.at_us,
            message.characters,
            language,
            tone.of(message.text, language),
            self.vocabulary.ids(words(message.text)),
            repeats.form(message.text) if repeatable else "",
        )

    def keep(self, conversation_ids: Collection[str]) -> bool:
        """Forget all other conversations; whether there were any."""
        gone = [name for name in {*self._questions, *self._answers} if name not in conversation_ids]
        for name in gone:
            self._questions.pop(name, None)
            self._answers.pop(name, None)
            self.unfinished.discard(name)
        return bool(gone)

    def questions(self) -> list[LoggedQuestion]:
        """The oldest first. What a comparison asked all its columns at once counts once."""
        seen: set[tuple[str | None, int, int]] = set()
        once = []
        for question in sorted(_all(self._questions.values()), key=lambda each: (each.at_us, each.id)):
            if question.run_id:
                key = (question.run_id, hash(question.words), question.characters)
                if key in seen:
                    continue
                seen.add(key)
            once.append(question)
        return once

    def answers(self) -> list[EndedAnswer]:
        return [answer for each in self._answers.values() for answer in each.values()]


def _all(groups: Iterable[dict[str, LoggedQuestion]]) -> Iterable[LoggedQuestion]:
    return (question for group in groups for question in group.values())


def _answer(message: LoggedMessage) -> EndedAnswer:
    return EndedAnswer(message.model_id or "", end_of(message), message.characters, message.output_tokens)


def end_of(message: LoggedMessage) -> str:
    """How an answer ended."""
    if message.error == "filtered" or message.finish == "filter":
        return "filtered"
    if message.state == "stopped" or message.finish == "stopped":
        return "stopped"
    if message.finish == "length" or message.error == "truncated" or message.finish == "truncated":
        return "truncated"
    if message.finish == "refusal" or refusals.is_refusal(message.text):
        return "refused"
    return "failed" if message.error or message.state != "done" else "ok"
