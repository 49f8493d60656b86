"""Speech to text: one recording goes to one model and comes back as text, counted and tried again like any call.

models(keys)                        the speech models that can be asked now: free ones first, the simulated one last
transcribe(recording, model_id)     its Transcript; blocks. Raises `LLMError`
transcribe_soon(...)                the same on an event loop
"""

from __future__ import annotations

import asyncio
import re
import time
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

from .attempts import AttemptRunner
from .call import Call, Trail
from .completion import stopped
from .directory import ModelDirectory
from .errors import BadRequest, LLMError, ModelNotFound
from .net import exchange
from .net.retry import Policy
from .providers.catalog import Catalog
from .providers.keys import Keyring, credentials
from .providers.limits import audio_cost_usd
from .providers.pricing import cost_usd
from .question import Question
from .records import (
    MOST_SOUND_BYTES,
    NOTHING,
    Attempt,
    ChatRequest,
    Heard,
    Model,
    Provider,
    Sound,
    Transcript,
    Usage,
)
from .safety.redact import Redactor
from .wire import transcription

if TYPE_CHECKING:
    from tenacity import RetryCallState

Keys = Mapping[str, str]
SPEECH_NAME = re.compile(r"whisper|voxtral|parakeet|transcri|-asr\b", re.IGNORECASE)
SHORTEST_S = 0.1


@dataclass(frozen=True)
class Transcriber:
    """One per engine, thread-safe."""

    catalog: Catalog
    keyring: Keyring
    directory: ModelDirectory
    runner: AttemptRunner
    redactor: Callable[[Keys], Redactor]
    clock: Callable[[], float] = time.monotonic

    def models(self, keys: Keys = NOTHING) -> list[tuple[Provider, Model]]:
        """The models that can be asked with these keys: on this computer, in a free tier, paid, simulated."""
        pairs = [
            (provider, model)
            for provider in self.catalog.providers.values()
            for model in self._of(provider)
            if self.directory.is_ready(provider, keys) and self.keyring.may_use(provider, model, keys)
        ]
        return sorted(pairs, key=lambda pair: _rank(pair[0]))

    def _of(self, provider: Provider) -> list[Model]:
        """Those of the catalogue, and what a server on this computer lists under a name of a speech model."""
        names = self.directory.local.models.get(provider.id, ()) if provider.local else ()
        listed = {model.name for model in provider.speech}
        local = [
            Model(f"{provider.id}/{name}", name, provider.id, free=True)
            for name in names
            if name not in listed and SPEECH_NAME.search(name)
        ]
        return [*provider.speech, *local]

    def transcribe(
        self,
        recording: Sound,
        model_id: str,
        keys: Keys = NOTHING,
        *,
        owner_id: str = "",
        language: str = "",
        attempts: list[Attempt] | None = None,
    ) -> Transcript:
        """What is said in the recording. `language` is a hint such as "en"; `attempts` gets each attempt, also where
        the last one fails. Blocks; raises `LLMError`."""
        trail = Trail(self.clock, attempts=[] if attempts is None else attempts)
        call = Call(self._question(recording, model_id, keys, owner_id), trail)
        heard = self.runner.policy.sync(_noting(call, self.runner.policy))(self._attempt, call, recording, language)
        question = call.question
        seconds = _seconds(recording) or heard.seconds
        return Transcript(
            text=heard.text,
            model_id=question.model.id,
            language=heard.language,
            seconds=seconds,
            cost_usd=_cost(question.provider, question.model, heard, seconds),
            simulated=question.provider.simulated or bool(call.simulated),
        )

    async def transcribe_soon(
        self, recording: Sound, model_id: str, keys: Keys = NOTHING, *, owner_id: str = "", language: str = ""
    ) -> Transcript:
        """The same without blocking the event loop. A cancelled call still ends, and is counted."""
        return await asyncio.to_thread(self.transcribe, recording, model_id, keys, owner_id=owner_id, language=language)

    def _question(self, recording: Sound, model_id: str, keys: Keys, owner_id: str) -> Question:
        check(recording)
        provider, model = self.catalog.find(model_id)
        if model not in self._of(provider):
            raise ModelNotFound(f"{provider.label} writes down no speech with {model.name}.")
        key = self.keyring.find(provider, keys)
        if refusal := self.keyring.refusal(provider, model, key, keys):
            raise refusal
        request = ChatRequest((), model_id=model.id)
        redactor = self.redactor(keys)
        return Question(
            request, request, provider, model, key, redactor, owner_id=owner_id, keys=keys, recording=recording
        )

    def _attempt(self, call: Call, recording: Sound, language: str) -> Heard:
        call.begin(stream=False)
        question, admission = call.question, None
        try:
            request = transcription.encode(recording, question.provider, question.model, language)
            signed = self.keyring.sign(request, question.provider, question.key)
            redactor = question.redactor.knowing(credentials(signed))
            if control := self.runner.control_of(call):
                admission = self.runner.queue.enter_blocking(control, call, self.runner.policy)
        except LLMError as error:
            raise call.failed(error)  # noqa: B904, it may be this very error
        failed: LLMError | None = stopped()
        heard: Heard | None = None
        try:
            transport = self.runner.transports.send_to(question.provider)
            body = exchange.fetch(
                transport,
                signed,
                redactor=redactor,
                on_head=admission.heard if admission else None,
                vendor=question.provider.id,
            )
            heard = transcription.decode(body)
            call.trail.attempts.append(call.attempt("ok"))
            failed = None
            return heard
        except LLMError as error:
            failed = error
            raise call.failed(error)  # noqa: B904, it may be this very error
        finally:
            if admission:
                usage = Usage(heard.input_tokens, heard.output_tokens) if heard else None
                cost = _cost(question.provider, question.model, heard, _seconds(recording)) if heard else None
                admission.end(failed, usage, cost)


def check(recording: Sound) -> None:
    """Raises BadRequest for a recording that no provider would take."""
    if len(recording.data) > MOST_SOUND_BYTES:
        raise BadRequest("The recording is larger than 25 MB, which is the most that can be sent.")
    if not recording.data or (recording.seconds is not None and recording.seconds < SHORTEST_S):
        raise BadRequest("The recording is empty: nothing was heard.")


def sound_of(data: bytes, media_type: str = "audio/wav") -> Sound:
    """The recording with its length, which is read of WAV only."""
    try:
        with wave.open(BytesIO(data)) as file:
            seconds = round(file.getnframes() / (file.getframerate() or 1), 2)
    except (wave.Error, EOFError):
        return Sound(media_type, data)
    return Sound(media_type, data, seconds=seconds)


def _seconds(recording: Sound) -> Decimal | None:
    return None if recording.seconds is None else Decimal(str(recording.seconds))


def _rank(provider: Provider) -> int:
    if provider.simulated:
        return 3
    return 0 if provider.local else 1 if provider.free else 2


def _cost(provider: Provider, model: Model, heard: Heard, seconds: Decimal | None) -> Decimal | None:
    """By the minute, or by the tokens that the reply counts."""
    if model.usd_per_million_in is not None and model.usd_per_audio_minute is None:
        return cost_usd(model, heard.input_tokens, heard.output_tokens)
    return None if seconds is None else audio_cost_usd(provider, model, seconds)


def _noting(call: Call, policy: Policy) -> Callable[[RetryCallState], None]:
    def before_sleep(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, LLMError):
            call.pause(state.next_action.sleep if state.next_action else 0.0, policy.most(error))

    return before_sleep
