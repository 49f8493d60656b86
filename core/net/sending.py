"""The sending transport: requests, one whole reply at a time, for synchronous callers."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping

import requests
from requests import exceptions

from ..errors import BadReply, LLMError, Timeout, Unreachable
from ..records import Head, HttpRequest
from . import forbidden, trust
from .forbidden import Denied
from .sessions import open_session
from .transport import AGENT, Timeouts

NEVER_SENT = (exceptions.ConnectTimeout, exceptions.SSLError, exceptions.InvalidURL, exceptions.MissingSchema)


class Requests:
    """Sends one request and waits for the whole reply, cut off at `answer_s` and `whole_bytes`."""

    def __init__(
        self,
        timeouts: Timeouts,
        denied: Denied = forbidden.nothing,
        clock: Callable[[], float] = time.monotonic,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._timeouts = timeouts
        self._denied = denied
        self._clock = clock
        self._environ = environ
        self._context: ssl.SSLContext | None = None

    def send(self, request: HttpRequest) -> tuple[Head, bytes]:
        """Return the head and the body (at most `whole_bytes`, or `error_bytes` of a failure)."""
        deadline = self._clock() + self._timeouts.answer_s
        if self._context is None:
            self._context = trust.context(self._environ)
        with open_session(request.url, self._denied, self._environ, self._context) as session:
            try:
                with session.request(
                    request.method,
                    request.url,
                    headers={**AGENT, **request.headers},
                    json=request.body,
                    data=request.content or None,
                    allow_redirects=False,
                    stream=True,
                    timeout=(self._timeouts.connect_s, self._timeouts.answer_s),
                ) as reply:
                    head = Head(reply.status_code, {name.lower(): value for name, value in reply.headers.items()})
                    return head, self._read(reply, deadline)
            except (requests.RequestException, OSError, ValueError) as error:
                failed = explain(error)
                failed.sent = not isinstance(error, NEVER_SENT)
                raise failed from None

    def _read(self, reply: requests.Response, deadline: float) -> bytes:
        good = reply.status_code < 300
        cap = self._timeouts.whole_bytes if good else self._timeouts.error_bytes
        body = bytearray()
        for data in reply.iter_content(65_536):
            body += data
            if len(body) > cap:
                if good:
                    raise BadReply("The reply grew beyond the allowed size.", retryable=False)
                return bytes(body[:cap])
            if self._clock() > deadline:
                raise Timeout("The answer took too long.", tries=1)
        return bytes(body)


def explain(error: Exception) -> LLMError:
    """The `LLMError` for what went wrong below HTTP. The library's texts hold addresses, so none is passed on."""
    match error:
        case LLMError():
            return error
        case requests.ConnectTimeout():
            return Unreachable("The provider did not accept a connection in time.")
        case requests.Timeout():
            return Timeout("The provider accepted the request but did not answer in time.")
        case exceptions.ProxyError():
            return Unreachable("The proxy of this network refused the connection.", retryable=False)
        case exceptions.SSLError():
            return Unreachable(trust.explain(error), retryable=False)
        case exceptions.ChunkedEncodingError() | exceptions.ContentDecodingError():
            return Unreachable("The connection broke in the middle of the reply.", tries=2)
        case exceptions.InvalidURL() | exceptions.MissingSchema():
            return Unreachable("The provider's address is not valid. Check its base URL.", retryable=False)
        case ValueError() if not isinstance(error, requests.RequestException):
            return BadReply("The request could not be sent: a header or the body holds a forbidden character.")
    return Unreachable("The connection to the provider could not be made or was lost.")
