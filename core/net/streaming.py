"""The streaming transport: aiohttp, thousands of replies at once on one loop."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import urllib.parse
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import aiohttp
import aiohttp.abc

from ..errors import BadReply, LLMError, Timeout, Unreachable
from ..records import Head, HttpRequest
from . import forbidden, trust
from .forbidden import Denied
from .proxies import proxy_for
from .transport import AGENT, Response, StoppedUnsent, Timeouts


@dataclass
class _OutgoingRequest:
    """A request being sent: the deadline of its reply's head, and whether anything has left."""

    clock: asyncio.Timeout
    sent: bool = False


class _Streamed:
    def __init__(self, reply: aiohttp.ClientResponse) -> None:
        self._reply = reply
        self.head = Head(reply.status, {name.lower(): value for name, value in reply.headers.items()})

    async def chunks(self) -> AsyncIterator[bytes]:
        content = self._reply.content
        try:
            while data := await content.readany():
                yield data
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise explain(error) from None

    def abort(self) -> None:
        self._reply.close()


# A keeper collected before its loop shuts down may be too late to close anything: this keeps it alive.
_KEEPERS: dict[asyncio.AbstractEventLoop, list[AsyncGenerator[aiohttp.ClientSession]]] = {}


class Aiohttp:
    """Streams over one pooled session for each event loop; a loop that shuts down closes its own session."""

    def __init__(
        self,
        timeouts: Timeouts,
        denied: Denied = forbidden.nothing,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._timeouts = timeouts
        self._denied = denied
        self._environ = environ
        self._keepers: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncGenerator[aiohttp.ClientSession]] = (
            WeakKeyDictionary()
        )

    @asynccontextmanager
    async def open(self, request: HttpRequest) -> AsyncIterator[Response]:
        session = await self._session()
        proxy, proxy_auth = _proxy(request.url, os.environ if self._environ is None else self._environ)
        await self._check(request.url, proxied=proxy is not None)
        going = _OutgoingRequest(asyncio.timeout(self._timeouts.connect_s + self._timeouts.headers_s))
        try:
            async with going.clock:
                reply = await session.request(
                    request.method,
                    request.url,
                    headers={**AGENT, **request.headers},
                    json=request.body,
                    data=request.content or None,
                    allow_redirects=False,
                    proxy=proxy,
                    proxy_auth=proxy_auth,
                    trace_request_ctx=going,
                )
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
            failed = explain(error)
            failed.sent = going.sent
            raise failed from None
        except asyncio.CancelledError:
            if going.sent:
                raise
            raise StoppedUnsent from None
        try:
            yield _Streamed(reply)
        finally:
            reply.close()  # a reply read to its end has already gone back to the pool

    async def _check(self, url: str, *, proxied: bool) -> None:
        if proxied:
            await asyncio.to_thread(forbidden.check_url, url, self._denied, proxied=True)
        else:
            forbidden.check_url(url, self._denied, proxied=False)

    async def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        keeper = self._keepers.get(loop)
        if keeper is None:
            keeper = self._keepers[loop] = self._keep()
            _KEEPERS.setdefault(loop, []).append(keeper)
        return await anext(keeper)

    async def close(self) -> None:
        """Close the session of the running loop; the next request opens another."""
        keeper = self._keepers.pop(asyncio.get_running_loop(), None)
        if keeper is not None:
            await keeper.aclose()

    async def _keep(self) -> AsyncGenerator[aiohttp.ClientSession]:
        # `asyncio.run` closes suspended generators before it closes the loop: that is where the session ends.
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(self._headers_sent)
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, ssl=trust.context(self._environ), ttl_dns_cache=60, resolver=_Resolver(self._denied)
            ),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._timeouts.connect_s),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace],
            read_bufsize=2**18,
        )
        try:
            while True:
                yield session
        finally:
            _KEEPERS.pop(asyncio.get_running_loop(), None)
            await session.close()

    async def _headers_sent(self, _session: object, context: object, _sent: object) -> None:
        going: _OutgoingRequest = context.trace_request_ctx  # type: ignore[attr-defined]
        going.sent = True
        going.clock.reschedule(asyncio.get_running_loop().time() + self._timeouts.headers_s)


class _Resolver(aiohttp.ThreadedResolver):
    """Looks names up and refuses addresses that must never be called, whatever name led to them."""

    def __init__(self, denied: Denied) -> None:
        super().__init__()
        self._denied = denied

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        results = await super().resolve(host, port, family)
        forbidden.check((address["host"] for address in results), self._denied)
        return results


def _proxy(url: str, environ: Mapping[str, str]) -> tuple[str | None, aiohttp.BasicAuth | None]:
    """The proxy the environment names for `url`, its user and password apart from its address."""
    address = proxy_for(url, environ)
    if address is None:
        return None, None
    proxy = urllib.parse.urlsplit(address)
    plain = proxy._replace(netloc=proxy.netloc.rpartition("@")[2]).geturl()
    if proxy.username is None:
        return plain, None
    user, password = urllib.parse.unquote(proxy.username), urllib.parse.unquote(proxy.password or "")
    return plain, aiohttp.BasicAuth(user, password)


def explain(error: Exception) -> LLMError:
    """The `LLMError` for what went wrong below HTTP. The library's texts hold addresses, so none is passed on."""
    match error:
        case LLMError():
            return error
        case aiohttp.ConnectionTimeoutError():
            return Unreachable("The provider did not accept a connection in time.")
        case TimeoutError():
            return Timeout("The provider accepted the request but did not answer in time.")
        case aiohttp.ClientHttpProxyError() | aiohttp.ClientProxyConnectionError():
            return Unreachable("The proxy of this network refused the connection.", retryable=False)
        case aiohttp.ClientConnectorDNSError():
            return Unreachable("The provider's address could not be found. Is the network up?", tries=2)
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Unreachable(trust.explain(error), retryable=False)
        case aiohttp.ClientPayloadError():
            return Unreachable("The connection broke in the middle of the reply.", tries=2)
        case aiohttp.ClientResponseError():
            return BadReply("The reply is not valid HTTP.")
        case aiohttp.InvalidURL():
            return Unreachable("The provider's address is not valid. Check its base URL.", retryable=False)
        case ValueError():
            return BadReply("The request could not be sent: a header or the body holds a forbidden character.")
    return Unreachable("The connection to the provider could not be made or was lost.")
