"""What others may read of a turn: texts without keys, an answer without what only its owner needs."""

from __future__ import annotations

import dataclasses
from typing import TypeGuard

from ..records import Completion, Document, Finish, Media, Message, Part, Picture, Sound, Text, ToolCall, ToolResult
from ..safety.findings import pieces
from ..safety.redact import Redactor
from ..safety.secrets import secrets_in
from ..safety.sieve import HIDDEN
from ..views.conversation import File, Turn
from ..views.sharing import SharedReply

NOTES = {"another_model"}  # who answered; the others tell how its owner works


class SharedText:
    """`redactor` knows the server's keys and those that the owner pasted; others are found by their shape or name.

    On a page of one's own a key in a text stays, because an answer may be about keys; here it goes.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def scrubbed(self, text: str) -> str:
        """The text without keys, passwords and other secrets."""
        text = self._redactor.scrub(text)
        return "".join(HIDDEN if finding else part for part, finding in pieces(text, secrets_in(text)))

    def file(self, file: File) -> File:
        """A file as others may have it. A document goes as what was read of it: its bytes stay with its owner, because
        they hold the secrets that the text no longer has, and the pages that were not sent."""
        file = dataclasses.replace(file, name=self.scrubbed(file.name))
        if not file.text:
            return file
        return dataclasses.replace(file, text=self.scrubbed(file.text), sha256="", size_bytes=None)

    def answer(self, turn: Turn, *, named: bool = True) -> SharedReply:
        """An answer with its model and times; without them and without its reasoning while it must not be `named`."""
        completion = self._completion(turn.completion) if turn.completion else None
        if completion and not named:
            timing = type(completion.timing)(completion.timing.started_at)
            parts = completion.parts
            completion = Completion("", completion.text, "", None, completion.finish, timing, parts=parts)
        return SharedReply(self.scrubbed(turn.model_id) if named else "", turn.state, completion)

    def _completion(self, completion: Completion) -> Completion:
        """Without attempts, provider's errors, routing and identifiers of the call."""
        finish = Finish(completion.finish.reason) if completion.finish else None
        if completion.error and completion.text.strip():
            finish = Finish("truncated")
        cleaned: Completion = self._redactor.clean(
            dataclasses.replace(
                completion,
                finish=finish,
                attempts=(),
                notes=tuple(note for note in completion.notes if note.kind in NOTES),
                error=None,
                routing=None,
                response_model=None,
                system_fingerprint=None,
                facts=None,
            )
        )
        return dataclasses.replace(
            cleaned,
            text=self.scrubbed(completion.text),
            reasoning=self.scrubbed(completion.reasoning),
            parts=tuple(
                dataclasses.replace(part, name=self.scrubbed(part.name))
                for part in completion.parts
                if _goes_as_it_is(part)
            ),
            steps=tuple(map(self._step, completion.steps)),
            rounds=(),
        )

    def _step(self, step: Message) -> Message:
        """Calls of tools and their results, without the thoughts and signatures that only the provider reads."""
        parts: list[Part] = []
        for part in step.parts:
            match part:
                case ToolCall():
                    arguments = self.scrubbed(part.arguments)
                    parts.append(dataclasses.replace(part, arguments=arguments, signature=""))
                case Text() | ToolResult():
                    parts.append(dataclasses.replace(part, text=self.scrubbed(part.text)))
        return Message(step.role, parts)


def media_of(completion: Completion | None) -> frozenset[str]:
    """The hashes of the pictures and files of an answer that others may have."""
    parts = completion.parts if completion else ()
    return frozenset(part.sha256 for part in parts if _goes_as_it_is(part) and part.sha256)


def _goes_as_it_is(part: Part) -> TypeGuard[Media]:
    return isinstance(part, Picture | Sound) or (isinstance(part, Document) and not part.text)
