"""From a request to a question that can be sent: checked, routed, fitted to the window, with its key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

from . import context
from .directory import ModelDirectory
from .errors import BadRequest, BlockedInput, ContextTooLong
from .options import Settings
from .providers import lifecycle
from .providers.catalog import Catalog
from .providers.keys import Keyring
from .question import Question
from .records import (
    AUTO,
    NOTHING,
    UNFILTERED,
    ChatRequest,
    InputFilter,
    Message,
    Model,
    Note,
    PersonalKeys,
    Provider,
    Text,
)
from .router import Router
from .routing.privacy import takes_personal_data
from .safety.incoming import clean_prompt
from .safety.injection import hints_in
from .safety.redact import Redactor
from .safety.screening import Screened, screen
from .wire import fitted
from .wire.fitting import check_forms, lacking, refusal, with_masked_as_text

Keys = Mapping[str, str]
KEYS_WITHIN_S = 10.0
AT_ONCE_CHARS = 50_000  # searched for secrets within a few milliseconds


class PersonalModels(Protocol):
    """For which models a person may use the server's keys, as patterns; None: those that all may use.

    `models` may read the database, unless it `is_known`.
    """

    def is_known(self, owner_id: str) -> bool: ...
    def models(self, owner_id: str) -> tuple[str, ...] | None: ...


class Preparation:
    """One per engine, thread-safe. `personal_models` None: what holds for all holds for everybody."""

    personal_models: PersonalModels | None = None

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        keyring: Keyring,
        directory: ModelDirectory,
        router: Router,
        redactor: Callable[[Keys], Redactor],
        input_filter: InputFilter = UNFILTERED,
    ) -> None:
        self._settings = settings
        self._catalog = catalog
        self._keyring = keyring
        self._directory = directory
        self._router = router
        self.redactor = redactor
        self._filter = input_filter

    def prepare(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "") -> Question:
        """Check and complete a question without sending it. Raises `LLMError` when it cannot be sent."""
        if self.personal_models and owner_id:
            keys = PersonalKeys.with_models(keys, self.personal_models.models(owner_id))
        if not request.model_id:
            request = replace(request, model_id=self._default(keys))
        if request.model_id not in AUTO:
            return self._named(request, keys, owner_id)
        chosen = self._router.route(request, keys, owner_id)
        able = sorted(chosen.models, key=lambda choice: _unable(request, choice.provider, choice.model))
        ids = [choice.model.id for choice in able]
        while True:
            try:
                question = self._named(replace(request, model_id=ids.pop(0)), keys, owner_id)
                break
            except ContextTooLong:
                if not ids:
                    raise
        original = replace(request, substitute=True)
        return replace(question, asked=original, candidates=tuple(ids), routing=chosen.routing)

    def wait_for_keys(self) -> None:
        """In the first seconds of a process: until AWS has told its keys, or has not answered. Blocks."""
        self._keyring.sources.wait(KEYS_WITHIN_S)

    async def prepare_soon(self, request: ChatRequest, keys: Keys = NOTHING, owner_id: str = "") -> Question:
        """The same on an event loop: choosing a model may read the database or list a provider's models, and reading a
        long text takes a while."""
        if self._keyring.sources.is_waiting:
            await asyncio.to_thread(self.wait_for_keys)
        model_id = request.model_id or self._settings.default_model
        long = sum(len(message.text) for message in request.messages) > AT_ONCE_CHARS
        unknown = self.personal_models is not None and not self.personal_models.is_known(owner_id)
        if model_id is None or model_id in AUTO or long or unknown:
            return await asyncio.to_thread(self.prepare, request, keys, owner_id)
        return self.prepare(request, keys, owner_id)

    def _default(self, keys: Keys) -> str:
        default = self._settings.default_model
        return (default and (self._directory.instead_of(default, keys) or default)) or self._directory.first(
            keys
        ).model.id

    def _named(self, original: ChatRequest, keys: Keys, owner_id: str) -> Question:
        """The question for a named model."""
        provider, model = self._catalog.find(original.model_id or "")
        life = self._directory.life(provider, keys)
        model = life.row(model)
        check_forms(original)
        filtered, hints = self._filtered(original)
        screened = self._screened(filtered, provider, keys)
        messages = with_masked_as_text(filtered.messages, screened.messages) if screened.words else screened.messages
        able = fitted(replace(original, model_id=model.id, messages=messages), provider, model)
        request = able.request
        if not request.conversation_id and not request.request_id:  # two calls of a script never share a session
            request = replace(request, request_id=uuid4().hex)
        if provider.quirks.get("counts_max_tokens") and request.max_output_tokens is None:
            request = replace(request, max_output_tokens=self._settings.default_max_output_tokens)
        most_turns = provider.quirks.get("max_messages")
        window = context.fit(
            request.messages, model.window_tokens, context.reserved(request, model), most_turns, model.name
        )
        key = self._keyring.find(provider, keys)
        ended = (
            lifecycle.refusal(model, provider, life.successor(model))
            if life.has_ended(model) and not original.insist
            else None
        )
        refused = next(iter(able.refused), None)
        unable = refusal(refused, model, provider) if refused else None
        return Question(
            asked=original,
            request=replace(request, messages=window.messages),
            provider=provider,
            model=model,
            key=key,
            redactor=self.redactor(keys),
            owner_id=owner_id,
            keys=keys,
            masked=screened.words,
            notes=(
                *screened.notes(),
                *hints,
                *([Note("turns_left_out", str(window.left_out))] if window.left_out else ()),
                *able.notes(),
            ),
            forbidden=ended or unable or self._keyring.refusal(provider, model, key, keys),
        )

    def _screened(self, request: ChatRequest, provider: Provider, keys: Keys) -> Screened:
        """The messages as this provider may read them. Raises BlockedInput for a secret that was not decided on."""
        settings, usual = self._settings, self._filter
        secrets = request.secrets or usual.secrets or settings.secrets
        personal = request.personal or usual.personal_data or settings.personal_data
        if request.decided:
            secrets = "mask" if secrets == "stop" else secrets
            personal = "mask" if personal == "warn" else personal
        if personal == "mask_all":
            personal = "mask"
        elif takes_personal_data(provider, settings.personal_data_for):
            personal = "allow"
        return screen(
            self._checked(request.messages),
            secrets=secrets,
            personal=personal,
            values=self.redactor(keys).values,
        )

    def _filtered(self, request: ChatRequest) -> tuple[ChatRequest, tuple[Note, ...]]:
        """The request as the input filter lets it pass, with its notes. Raises BlockedInput where it does not."""
        if self._filter is UNFILTERED or not request.messages:
            return request, ()
        newest = request.messages[-1]
        if self._filter.check:
            newest = newest.with_texts([self._filter.check(text) for text in newest.texts()])
        hints = hints_in(newest.text) if self._filter.injection != "allow" else ()
        if hints and self._filter.injection == "stop":
            raise BlockedInput(
                "The text looks as if it tried to instruct the model: take that out before you send it.",
                code="injection",
                param="prompt",
            )
        notes = (Note("injection", ", ".join(hints)),) if hints else ()
        return replace(request, messages=(*request.messages[:-1], newest)), notes

    def _checked(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        user_messages = [message for message in messages if message.role == "user"]
        if not user_messages or messages[-1].role not in ("user", "tool"):
            raise BadRequest("The last message must be the user's question.")
        newest = user_messages[-1]
        typed = "\n\n".join(part.text for part in newest.parts if isinstance(part, Text))
        if typed.strip() or not newest.media:  # a picture may stand for itself
            clean_prompt(typed, self._settings.max_prompt_chars)
        return tuple(message for message in messages if not message.is_empty)


def _unable(request: ChatRequest, provider: Provider, model: Model) -> int:
    """How much of the request this model is known not to have; 0 first."""
    lacks = lacking(request, provider, model) if not all(turn.is_plain for turn in request.messages) else ()
    return sum(100 if lack.then == "refused" else 1 for lack in lacks)
