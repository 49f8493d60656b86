"""The error tree. An error carries its own policy: retry and failover ask it and never read English.

    LLMError                     kind              retryable  failover  countable (breaker)
    +- Setup                     setup             no         no
    |  +- MissingKey             missing_key       no         yes
    +- BlockedInput              blocked_input     no         no
    +- Auth                      auth              no         yes
    +- Credits                   credits           no         yes
    +- Forbidden                 forbidden         no         yes
    +- NotFound                  not_found         no         yes
    +- BadRequest                bad_request       no         no
    |  +- ContextTooLong         context_too_long  no         no
    +- RateLimited               rate_limited      yes        yes
    |  +- QuotaSpent             quota_spent       no         yes
    +- Overloaded                overloaded        yes        yes       yes
    +- Server                    server            yes        yes       yes
    +- Unreachable               unreachable       yes        yes       yes
    +- Timeout                   timeout           yes        yes       yes
    +- Truncated                 truncated         yes        yes       yes
    +- BadReply                  bad_reply         yes        yes       yes
    +- Filtered                  filtered          no         no
    +- KeptPrivate               kept_private      no         no

An instance may narrow its class (`retryable=False` for a bad certificate); nothing may widen it by text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Origin = Literal["local", "provider", "network"]


@dataclass(frozen=True, slots=True)
class Oversize:
    """A request that takes more than a limit ever allows, so that no waiting helps.

    `needed` (None: not told) of `limit` units ("tokens", "input_tokens", ...) a `per` ("minute", "day", "request";
    "credit": what the account's credit pays for, so that a smaller request or a shorter answer is still taken).
    `instead` is the id of a ready model that takes it; "": none is known.
    """

    needed: int | None
    limit: int
    unit: str = "tokens"
    per: str = "request"
    instead: str = ""


class LLMError(Exception):
    """A failure a person can be told about.

    `message` is the provider's own words or ours, without keys; `retry_after_s` is the server's wish in seconds;
    `status` the HTTP status, `param` the parameter a 400 refuses, `tries` the most attempts worth making. `sent` is
    False where nothing reached the provider: it cannot have counted it. `origin` tells who says so: we, before anything
    was sent ("local"), the provider, or nobody, because the connection or the reply broke ("network").
    """

    kind = "setup"
    retryable = False
    failover = False
    countable = False
    sent = True
    tries = 3
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
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        self.code = code
        self.param = param
        self.oversize = oversize
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


class MissingKey(Setup):
    kind = "missing_key"
    failover = True


class BlockedInput(LLMError):
    kind = "blocked_input"


class Auth(LLMError):
    kind = "auth"
    failover = True


class Credits(LLMError):
    kind = "credits"
    failover = True


class Forbidden(LLMError):
    kind = "forbidden"
    failover = True


class NotFound(LLMError):
    kind = "not_found"
    failover = True


class BadRequest(LLMError):
    kind = "bad_request"


class ContextTooLong(BadRequest):
    kind = "context_too_long"


class RateLimited(LLMError):
    kind = "rate_limited"
    retryable = failover = True


class QuotaSpent(RateLimited):
    kind = "quota_spent"
    retryable = False


class Overloaded(LLMError):
    kind = "overloaded"
    retryable = failover = countable = True
    tries = 2


class Server(LLMError):
    kind = "server"
    retryable = failover = countable = True


class Unreachable(LLMError):
    kind = "unreachable"
    origin = "network"
    retryable = failover = countable = True


class Timeout(LLMError):
    kind = "timeout"
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


class KeptPrivate(LLMError):
    """`code` is the id of the provider whose text stays with it."""

    kind = "kept_private"
    sent = False
