"""Checks Host and Origin of every request before Streamlit, for pages and the websocket.

Streamlit itself answers to any host name, accepts pages from other ports of this computer, and for an unknown origin
looks up its public address on the internet, which blocks all visitors.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from .. import events
from ..errors import LLMError
from ..safety import hosts
from . import app_state, hosting, replies, text
from .answer import diagram_frame
from .failures import error_id
from .text import t

HEALTH = ("/_stcore/health", "/healthz", "/readyz")  # answered under every host name
ONE_YEAR = b"max-age=31536000"


@dataclass(frozen=True, slots=True)
class Rules:
    """The names this server answers to, and who may embed it (as in a content security policy)."""

    names: hosts.Names
    frame_ancestors: str = "'self'"


@cache
def rules() -> Rules:
    """Of this process: from options, this computer's names and the hosting service. Builds the engine if necessary."""
    try:
        settings = app_state.get().engine.settings
        listed, frames = settings.hosts, settings.frame_ancestors
    except LLMError:  # shown by the page
        listed, frames = "", ""
    return rules_of(listed, frames, os.environ, Path(__file__), socket.gethostname())


def rules_of(listed: str, frames: str, environ: Mapping[str, str], app_path: Path, hostname: str) -> Rules:
    port = str(config.get_option("server.port"))
    names = _words(listed) + [str(name) for name in config.get_option("server.allowedHosts")]
    names += hosting.names(environ, app_path, port)
    short = hostname.lower().partition(".")[0]
    own_names = {hostname.lower(), short, f"{short}.local"}
    own_names |= {str(config.get_option(name) or "").lower() for name in ("server.address", "browser.serverAddress")}
    ancestors = " ".join(_words(frames))
    if ancestors not in ("'none'", "*"):
        ancestors = " ".join(["'self'", ancestors, *hosting.frames(environ, app_path)]).replace("  ", " ").strip()
    return Rules(hosts.Names(frozenset(own_names - {""}), tuple(names)), ancestors)


def _words(value: str) -> list[str]:
    return value.replace(",", " ").split()


class OriginGuard:
    """ASGI middleware that refuses requests which do not come from this server's own pages."""

    def __init__(self, app: ASGIApp, rules: Rules | None = None) -> None:
        self.app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if is_health(scope) and not _all(scope, b"origin"):  # answered before the options are read
            await self.app(scope, receive, send)
            return
        if self._rules is None:
            self._rules = await asyncio.to_thread(rules)
        sentence = self._refusal(scope, self._rules.names)
        if sentence is None:
            await self.app(scope, receive, send)
        else:
            await _refuse(scope, send, sentence)

    def _refusal(self, scope: Scope, names: hosts.Names) -> str | None:
        """Why the request is refused, or None. An accepted Origin that is spelled differently is normalised."""
        text.speak(text.choose(next(iter(_all(scope, b"accept-language")), None)))
        host_headers, origins = _all(scope, b"host"), _all(scope, b"origin")
        host = hosts.parse(host_headers[0]) if len(host_headers) == 1 else None
        if not is_health(scope) and (host is None or not names.answer_to(host)):
            name = host.name if host else ""
            return _with_id(_wrong_name(name), reason="host", host=name or "none", path=scope["path"])
        if not origins:
            return None  # browsers always send an Origin with a websocket and with requests across sites
        if origins == ["null"] and diagram_frame.is_script(scope):
            return None  # the frame of the diagrams has no origin
        if host and len(origins) == 1 and names.let_in(origins[0], host, secure=is_secure(scope)):
            _write_plainly(scope, origins[0], host_headers[0])
            return None
        sentence = t(
            "This page belongs to another site and cannot access Roundtable. Behind a proxy, have it forward the "
            "Host header with its port, or add the public name to ROUNDTABLE_HOSTS.",
        )
        return _with_id(sentence, reason="origin", origin=origins[0], host=host_headers[0] if host else "none")


def is_health(scope: Scope) -> bool:
    """Whether the request asks if the server is up."""
    return bool(scope["type"] == "http" and scope.get("path", "").endswith(HEALTH))


def is_secure(scope: Scope) -> bool:
    """Whether the browser came over TLS, to us or to a proxy; a forged header would only make us stricter."""
    forwarded = next(iter(_all(scope, b"x-forwarded-proto")), "")
    return scope.get("scheme") in ("https", "wss") or forwarded.partition(",")[0].strip().lower() in ("https", "wss")


def transport_security(scope: Scope) -> list[tuple[bytes, bytes]]:
    """HSTS if the browser came over TLS, except for localhost: it would force TLS on all other ports."""
    host = hosts.parse(next(iter(_all(scope, b"host")), ""))
    if host is None or host.name.rpartition(".")[2] == "localhost" or not is_secure(scope):
        return []
    return [(b"strict-transport-security", ONE_YEAR)]


def _wrong_name(name: str) -> str:
    if not name:
        return t("The request does not name its server (Host header).")
    return t(
        'Roundtable does not accept the host name "{name}". If this is its address, set ROUNDTABLE_HOSTS={name} '
        "in its environment or .env file and restart it.",
        name=name,
    )


def _with_id(sentence: str, **fields: events.Value) -> str:
    return f"{sentence} {error_id.label(events.log('request_refused', fields=fields))}"


def _all(scope: Scope, header_name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for name, value in scope.get("headers", ()) if name == header_name]


def _write_plainly(scope: Scope, origin: str, host_header: str) -> None:
    """Streamlit compares Origin and Host as text; an equivalent spelling would start its lookup."""
    scheme, _, origin_host = origin.partition("://")
    if origin_host != host_header:
        plain = f"{scheme}://{host_header}".encode("latin-1")
        scope["headers"] = [(name, plain if name == b"origin" else value) for name, value in scope["headers"]]


async def _refuse(scope: Scope, send: Send, sentence: str) -> None:
    if scope["type"] == "websocket":  # closed before it is accepted: the browser sees 403
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await replies.refuse(send, 403, sentence, body=scope["method"] != "HEAD")
