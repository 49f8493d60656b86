"""The error tree. An error carries its own policy: code that reacts to one asks it, never lists kinds or reads English.

    LLMError              kind              retry  failover  countable  scope     pauses needs_change  key_state
    +- Setup              setup                                         provider         yes           -
    |  +- MissingKey      missing_key              yes                  provider         yes           -
    +- BlockedInput       blocked_input                                 question                       -
    +- Auth               auth                     yes                  provider  yes    yes           refused
    +- Credits            credits                  yes                  paid      yes    yes           limited
    +- Forbidden          forbidden                yes                  provider         yes           forbidden
    +- ModelNotFound      not_found                yes                  model            yes           works
    |  +- ModelEnded      model_ended              yes                  model            yes           works
    +- BadRequest         bad_request                                   question                       works
    |  +- ContextTooLong  context_too_long                              question                       works
    +- RateLimited        rate_limited      yes    yes                  model     yes                  limited
    |  +- QuotaSpent      quota_spent              yes                  model     yes                  limited
    +- Overloaded         overloaded        yes    yes       yes        model                          -
    +- Server             server            yes    yes       yes        provider                       -
    +- Unreachable        unreachable       yes    yes       yes        provider                       unreachable
    +- Timeout            timeout           yes    yes       yes        provider                       unreachable
    +- Truncated          truncated         yes    yes       yes        provider                       -
    +- BadReply           bad_reply         yes    yes       yes        provider                       -
    +- Filtered           filtered                                      question                       works
    +- KeptPrivate        kept_private                                  question                       -

An instance may narrow its class (`retryable=False` for a bad certificate); nothing may widen it by text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Origin = Literal["local", "provider", "network"]
Scope = Literal["question", "model", "paid", "provider"]
KeyState = Literal["works", "refused", "forbidden", "limited", "unreachable"]


@dataclass(frozen=True, slots=True)
class Oversize:
    """A request that exceeds a whole limit, so that waiting does not help.

    `needed` (None: unknown) of `limit` units ("tokens", "input_tokens", ...) per `per` ("minute", "day", "request";
    "credit": what the account's credit pays for, so that a smaller request or a shorter answer still works).
    `instead` is the id of a ready model that accepts it; "": none is known.
    """

    needed: int | None
    limit: int
    unit: str = "tokens"
    per: str = "request"
    instead: str = ""


class LLMError(Exception):
    """A failure that can be shown to a person.

    `message` is the provider's text or ours, without keys; `retry_after_s` is the wait that the server asks for, in
    seconds; `status` the HTTP status, `param` the parameter that a 400 refuses, `tries` the most attempts worth making
    (None: as many as the option `attempts` allows).
    `sent` is False where nothing reached the provider, so that it cannot have counted it. `origin`: "local" (we refused
    before anything was sent), "provider", or "network" (the connection or the reply broke). `event_id` names the line
    about it in the log.

    What a kind means:

    - `retryable`: the same request may be sent again at once. `failover`: another model may answer. `countable`: it
      counts towards the circuit breaker, and an answer cut off by it can be continued.
    - `scope`: what else would fail: this question only, this model, all that costs money, or the whole provider.
    - `pauses`: nothing in its scope is called until the limit, the credit or the key allows it again; `paused_sentence`
      says why (`{provider}`, `{model}`). `recovers`: it is allowed again by itself.
    - `needs_change`: every question to this model fails until somebody changes the key, the account or the model.
    - `needs_setup`: it is fixed on the Providers page. `waits_for_choice`: the question waits in the chat until a
      person says who answers it.
    - `no_list`: in reply to a request for the list of models it only says that there is none, nothing about the key.
    - `key_state`: what it says about the key; None: nothing; "forbidden" concerns the key only where that never worked.
    """

    kind = "setup"
    retryable = False
    failover = False
    countable = False
    scope: Scope = "provider"
    pauses = False
    needs_change = False
    needs_setup = False
    waits_for_choice = False
    no_list = False
    paused_sentence = "{provider} failed several times in a row with {model} and is paused."
    recovers = True
    key_state: KeyState | None = None
    sent = True
    tries: int | None = None
    origin: Origin = "local"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        retryable: bool | None = None,
        tries: int | None = None,
        request_id: str | None = None,
        code: str | None = None,
        param: str | None = None,
        origin: Origin | None = None,
        oversize: Oversize | None = None,
        event_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        self.code = code
        self.param = param
        self.oversize = oversize
        self.event_id = event_id
        if retryable is not None:
            self.retryable = retryable
        if tries is not None:
            self.tries = tries
        if origin is not None:
            self.origin = origin

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, dict(self.__dict__)))


def _rebuild(cls: type[LLMError], message: str, fields: dict[str, object]) -> LLMError:
    error = cls(message)
    error.__dict__.update(fields)
    return error


class Setup(LLMError):
    kind = "setup"
    needs_change = needs_setup = True


class MissingKey(Setup):
    kind = "missing_key"
    failover = waits_for_choice = True


class BlockedInput(LLMError):
    kind = "blocked_input"
    scope = "question"


class Auth(LLMError):
    kind = "auth"
    pauses = needs_change = needs_setup = True
    paused_sentence = "{provider} rejected this key. Change it, or press Retry to send it anyway."
    key_state = "refused"
    failover = True


class Credits(LLMError):
    kind = "credits"
    scope = "paid"
    pauses = needs_change = needs_setup = True
    paused_sentence = "{provider} reported that your credit is used up. Add credit and press Retry to send it."
    recovers = False
    key_state = "limited"
    failover = True


class Forbidden(LLMError):
    kind = "forbidden"
    needs_change = True
    key_state = "forbidden"
    failover = True


class ModelNotFound(LLMError):
    kind = "not_found"
    scope = "model"
    needs_change = no_list = True
    key_state = "works"
    failover = True


class ModelEnded(ModelNotFound):
    """A model that its provider has shut down, so that it is not asked. `code` is the id of its successor, or ""."""

    kind = "model_ended"
    waits_for_choice = True
    sent = False


class BadRequest(LLMError):
    kind = "bad_request"
    scope = "question"
    no_list = True
    key_state = "works"


class ContextTooLong(BadRequest):
    kind = "context_too_long"


class RateLimited(LLMError):
    kind = "rate_limited"
    scope = "model"
    pauses = True
    paused_sentence = "{provider} asked to slow down."
    key_state = "limited"
    retryable = failover = True


class QuotaSpent(RateLimited):
    kind = "quota_spent"
    retryable = False
    paused_sentence = "{provider} reported that the quota for {model} is used up."


class Overloaded(LLMError):
    kind = "overloaded"
    scope = "model"
    retryable = failover = countable = True
    tries = 2


class Server(LLMError):
    kind = "server"
    retryable = failover = countable = True


class Unreachable(LLMError):
    kind = "unreachable"
    key_state = "unreachable"
    origin = "network"
    retryable = failover = countable = True


class Timeout(LLMError):
    kind = "timeout"
    key_state = "unreachable"
    origin = "network"
    retryable = failover = countable = True
    tries = 2


class Truncated(LLMError):
    kind = "truncated"
    origin = "network"
    retryable = failover = countable = True
    tries = 2


class BadReply(LLMError):
    kind = "bad_reply"
    origin = "network"
    retryable = failover = countable = True
    tries = 2


class Filtered(LLMError):
    kind = "filtered"
    scope = "question"
    key_state = "works"


class KeptPrivate(LLMError):
    """`code` is the id of the provider whose text must stay there."""

    kind = "kept_private"
    scope = "question"
    needs_setup = True
    sent = False


def kinds_of(base: type[LLMError] = LLMError) -> dict[str, type[LLMError]]:
    """The class of each kind: `base` and all its subclasses."""
    below = {kind: subclass for cls in base.__subclasses__() for kind, subclass in kinds_of(cls).items()}
    return below if base is LLMError else {base.kind: base, **below}


def class_of(kind: str) -> type[LLMError]:
    """The class of a stored kind; `LLMError` for an unknown one."""
    return KINDS.get(kind, LLMError)


KINDS = kinds_of()
LIMITS = frozenset(kinds_of(RateLimited))  # refusals for a limit
