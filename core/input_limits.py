"""Limits on user input, checked before anything of it is stored.

Raises `BlockedInput` with a `code` (empty, too_long, too_many, stopping) and a `param` (prompt, files, system, title,
expected, model, answers or batches).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import BlockedInput
from .safety.incoming import MOST_FILES, MOST_NAME_CHARS, MOST_READ_CHARS, clean_prompt
from .views.conversation import File, GenerationSettings


@dataclass(frozen=True, slots=True)
class InputLimits:
    """Input limits of one installation: a text has at most `most_chars` characters; of one person at most so many
    answers and batches run at once."""

    most_chars: int
    is_stopping: Callable[[], bool] = field(default=lambda: False, repr=False)
    most_answers: int = 24
    most_batches: int = 5

    def open(self) -> None:
        """Nothing new is taken while the process is being stopped: it could not be answered."""
        if self.is_stopping():
            raise BlockedInput("The server is being restarted and takes no new questions.", code="stopping")

    def answers(self, running: int, more: int = 1) -> None:
        """Whether `more` answers of a person may run beside those that do."""
        if running + more > self.most_answers:
            raise BlockedInput(
                f"At most {self.most_answers} of your answers can run at once: wait until one has ended, or stop one.",
                code="too_many",
                param="answers",
            )

    def batches(self, running: int) -> None:
        """Whether one more batch of a person may run."""
        if running >= self.most_batches:
            raise BlockedInput(
                f"At most {self.most_batches} of your batches can run at once: wait until one has ended, or pause one.",
                code="too_many",
                param="batches",
            )

    def prompt(self, text: str, files: Sequence[File] = ()) -> str:
        """The cleaned prompt; with its files it is no longer than what may be sent at once."""
        self.open()
        if len(files) > MOST_FILES:
            raise BlockedInput(
                f"You can attach at most {MOST_FILES} files to one question.", code="too_many", param="files"
            )
        for file in files:
            self.name(file.name, "files")
            if len(file.text) > MOST_READ_CHARS:
                raise _too_long("files", MOST_READ_CHARS)
        try:
            cleaned = clean_prompt(text, self.most_chars)
        except BlockedInput as error:
            error.param = "prompt"
            raise
        if sum(len(file.text) for file in files) > MOST_READ_CHARS:
            raise _too_long("files", MOST_READ_CHARS)
        return cleaned

    def optional(self, text: str | None, param: str) -> str:
        """A text that may be empty: a system prompt, an expected answer."""
        if text and len(text) > self.most_chars:
            raise _too_long(param, self.most_chars)
        return text or ""

    def name(self, text: str, param: str = "title") -> str:
        """A title, a file's or a model's name."""
        if len(text) > MOST_NAME_CHARS:
            raise _too_long(param, MOST_NAME_CHARS)
        return text

    def generation(self, generation: GenerationSettings) -> GenerationSettings:
        self.optional(generation.schema_json or "", "schema")
        return replace(generation, system=self.optional(generation.system, "system"))

    def apart(self, generation: Mapping[str, Any] | None) -> None:
        """Check the settings in which a lane differs from its comparison."""
        self.optional(str((generation or {}).get("system") or ""), "system")
        self.optional(str((generation or {}).get("schema_json") or ""), "schema")


def _too_long(param: str, most: int) -> BlockedInput:
    message = f"Too long ({param}): at most {most:,} characters can be taken."
    return BlockedInput(message, code="too_long", param=param)
