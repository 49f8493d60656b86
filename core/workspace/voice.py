"""Voice: a recording becomes text in the background, and is held until its text was fetched.

    voice.hold(box, sound)          a recording of this box of the person's; nothing is sent yet
    voice.write_down(box, model_id) send it, or try again
    voice.of(box)                   its Dictation: held, running, failed or done
    voice.fetch(box)                the text, once; the recording is forgotten
    voice.drop(box)

Recordings are in this process's memory: they outlive a reload but not a restart, and nothing of them is stored.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime

from ..errors import LLMError, Server
from ..records import Attempt, Completion, Finish, Model, Owner, Provider, Timing, Transcript
from ..store import StoreError, Unavailable, calls, settings
from ..transcription import check, sound_of
from .dictations import Dictation
from .shared import Shared

AGREED, MODEL = "voice_agreed", "speech_model"


class Voice:
    """The voice of one person."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._engine = shared.engine
        self._database = shared.database
        self._input_limits = shared.input_limits
        self._dictations = shared.dictations
        self._owner = owner

    def models(self) -> list[tuple[Provider, Model]]:
        """The speech models that can be asked now, the default first: those whose key was refused are left out."""
        directory, keys = self._engine.directory, self._owner.keys
        return [
            (provider, model)
            for provider, model in self._engine.transcriber.models(keys)
            if directory.standing(provider, keys).may_be_asked
        ]

    def chosen(self) -> str:
        """Id of the model that the person chose, while it can be asked; else of the first; "" where there is none."""
        ids = [model.id for _, model in self.models()]
        with suppress(Unavailable):
            stored = settings.get(self._database, self._owner.id, MODEL)
            if stored in ids:
                return str(stored)
        return ids[0] if ids else ""

    def choose(self, model_id: str) -> None:
        """Raises `StoreError`."""
        settings.put(self._database, self._owner.id, MODEL, model_id)

    def has_agreed(self, provider_id: str) -> bool:
        """Whether the person agreed that their voice goes to this provider; no need to where it stays here."""
        provider = self._engine.catalog.providers.get(provider_id)
        if provider and (provider.simulated or provider.local):
            return True
        with suppress(Unavailable):
            return provider_id in self._agreed()
        return False

    def _agreed(self) -> list[str]:
        stored = settings.get(self._database, self._owner.id, AGREED)
        return list(map(str, stored)) if isinstance(stored, list) else []

    def agree(self, provider_id: str) -> None:
        with suppress(StoreError):  # asked again next time
            settings.put(self._database, self._owner.id, AGREED, [*dict.fromkeys([*self._agreed(), provider_id])])

    def hold(self, box: str, data: bytes, media_type: str = "audio/wav") -> Dictation:
        """Take a recording; one of the same box that was not fetched is replaced. Raises BadRequest for one that is
        empty or too large, and BlockedInput while the process is being stopped."""
        self._input_limits.open()
        sound = sound_of(data, media_type)
        check(sound)
        dictation = Dictation(sound)
        self._dictations.put(self._owner.id, box, dictation)
        return dictation

    def of(self, box: str) -> Dictation | None:
        return self._dictations.get(self._owner.id, box)

    def write_down(self, box: str, model_id: str, language: str = "") -> None:
        """Send the recording of this box to this model; nothing where there is none, or it is being sent."""
        dictation = self.of(box)
        if dictation is None or dictation.state in ("running", "done"):
            return
        dictation.state, dictation.model_id, dictation.error = "running", model_id, None
        threading.Thread(target=self._run, args=(dictation, language), name="dictation", daemon=True).start()

    def fetch(self, box: str) -> Transcript | None:
        """The text of a recording that was written down; None where there is none yet."""
        dictation = self.of(box)
        if dictation is None or dictation.state != "done":
            return None
        self.drop(box)
        return dictation.transcript

    def drop(self, box: str) -> None:
        self._dictations.drop(self._owner.id, box)

    def _run(self, dictation: Dictation, language: str) -> None:
        started_at, attempts = datetime.now(UTC), list[Attempt]()
        error: LLMError | None = None
        try:
            dictation.transcript = self._engine.transcriber.transcribe(
                dictation.sound,
                dictation.model_id,
                self._owner.keys,
                owner_id=self._owner.id,
                language=language,
                attempts=attempts,
            )
        except LLMError as failed:
            error = failed
        except Exception:
            dictation.error, dictation.state = Server("The recording could not be sent.", origin="local"), "failed"
            raise
        self._write(dictation, attempts, error, started_at)
        dictation.error, dictation.state = error, "failed" if error else "done"

    def _write(
        self, dictation: Dictation, attempts: list[Attempt], error: LLMError | None, started_at: datetime
    ) -> None:
        """The attempts, in the log of calls."""
        transcript = dictation.transcript
        completion = Completion(
            model_id=dictation.model_id,
            text="",
            reasoning="",
            usage=None,
            finish=None if error else Finish("stop"),
            timing=Timing(started_at, total_ms=sum(attempt.ms for attempt in attempts), streamed=False),
            cost_usd=transcript.cost_usd if transcript else None,
            attempts=tuple(attempts),
            error=error,
        )
        with suppress(StoreError):
            calls.add(self._database, self._owner.id, completion)
