"""What the library writes down of each call, where `build(log=…)` names a file: no key, and no word that was masked."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Literal, Protocol

from .generation import Generation
from .records import Completion
from .safety.masking import Mask
from .safety.redact import Redactor
from .safety.secrets import secrets_in
from .tool_loop import ToolLoop

OWNER_ID = "script"  # of calls without an `owner_id`
State = Literal["done", "stopped", "failed"]
log = logging.getLogger("roundtable.log")


class LogFile(Protocol):
    """Where calls are written; its methods block, and raise where nothing can be written."""

    def add(
        self,
        owner_id: str,
        question: str,
        completion: Completion,
        *,
        state: State,
        system: str = "",
        conversation: str | None = None,
    ) -> None: ...
    def close(self) -> None: ...


class CallLog:
    """Writes a call to the file; a failure to write is a warning in the program's own log, and the answer stays."""

    def __init__(self, file: LogFile) -> None:
        self._file = file

    def add(self, generation: Generation | ToolLoop, completion: Completion, redactor: Redactor) -> None:
        """Write a question with its answer and all attempts; blocks for some milliseconds."""
        request, call = generation.request, generation.call
        sent = call.question.request if call else request  # with placeholders where words were masked
        masked = call.question.masked if call else {}
        texts = _Texts(redactor, {word: f"[{name}]" for name, word in masked.items()})
        system = "\n".join(message.text for message in sent.messages if message.role == "system")
        try:
            self._file.add(
                generation.owner_id or OWNER_ID,
                texts.safe(sent.messages[-1].text if sent.messages else ""),
                texts.of(completion),
                state=_state(completion),
                system=texts.safe(system),
                conversation=request.conversation_id,
            )
        except Exception as error:
            log.warning("A call to %s could not be written to the log (%s).", completion.model_id, type(error).__name__)

    def close(self) -> None:
        self._file.close()


class _Texts:
    """Texts as they may be written: without configured keys, other secrets, and the words that were masked."""

    def __init__(self, redactor: Redactor, placeholders: dict[str, str]) -> None:
        self._redactor = redactor
        self._placeholders = placeholders
        self._mask = Mask()

    def safe(self, text: str) -> str:
        for word, placeholder in self._placeholders.items():
            text = text.replace(word, placeholder)
        text = self._redactor.hide(text)
        return self._mask.text(text, secrets_in(text))

    def of(self, completion: Completion) -> Completion:
        return replace(completion, text=self.safe(completion.text), reasoning=self.safe(completion.reasoning))


def _state(completion: Completion) -> State:
    if completion.finish and completion.finish.reason == "stopped":
        return "stopped"
    return "failed" if completion.error else "done"
