"""The gate before Streamlit, for pages and for the websocket: who calls this server by which name, from which page.

Streamlit itself answers to any name, lets a page on another port of this computer in, and looks a strange page's
address up on the internet, which stops everybody meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LLMError
from ..safety import hosts
from . import app_state, text
from .text import t

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HEALTH = "/_stcore/health"  # those who ask for it call the server by whatever name they like
ONE_YEAR = b"max-age=31536000"
TOLD = 20  # distinct refusals that the log names
# A hosting service tells the public name in a variable; {port} is the one we listen on.
SERVICES = {
    "SPACE_HOST": "{value}",
    "RENDER_EXTERNAL_HOSTNAME": "{value}",
    "RAILWAY_PUBLIC_DOMAIN": "{value}",
    "WEBSITE_HOSTNAME": "{value}",
    "FLY_APP_NAME": "{value}.fly.dev",
    "CODESPACE_NAME": "{value}-{port}.app.github.dev",
}
# Those that show an app inside a page of theirs.
FRAMES = {"SPACE_HOST": "https://huggingface.co"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """The names this server answers to, and who may show it in a frame (sources as in a content policy)."""

    names: hosts.Names
    frame_ancestors: str = "'self'"


@cache
def rules() -> Rules:
    """Of this process: options, this computer's names, and what a hosting service tells. Builds the engine at first."""
    try:
        settings = app_state.get().engine.settings
        listed, frames = settings.hosts, settings.frame_ancestors
    except LLMError:  # the page says which option is wrong
        listed, frames = "", ""
    return rules_of(listed, frames, os.environ, Path(__file__), socket.gethostname())


def rules_of(listed: str, frames: str, environ: Mapping[str, str], place: Path, hostname: str) -> Rules:
    from streamlit import config

    port = str(config.get_option("server.port"))
    names = _words(listed) + [str(name) for name in config.get_option("server.allowedHosts")]
    names += [form.format(value=environ[name], port=port) for name, form in SERVICES.items() if environ.get(name)]
    around = [frame for name, frame in FRAMES.items() if environ.get(name)]
    if "STREAMLIT_SHARING_MODE" in environ or str(place).startswith("/mount/src/"):  # Streamlit Community Cloud
        names.append("*.streamlit.app")
        around += ["https://*.streamlit.app", "https://share.streamlit.io"]
    short = hostname.lower().partition(".")[0]
    own = {hostname.lower(), short, f"{short}.local"}
    own |= {str(config.get_option(name) or "").lower() for name in ("server.address", "browser.serverAddress")}
    given = " ".join(_words(frames))
    if given not in ("'none'", "*"):
        given = " ".join(["'self'", given, *around]).replace("  ", " ").strip()
    return Rules(hosts.Names(frozenset(own - {""}), tuple(names)), given)


def _words(text_: str) -> list[str]:
    return text_.replace(",", " ").split()


class OriginGuard:
    """ASGI middleware that turns away what does not come from this server's own pages."""

    def __init__(self, app: ASGIApp, given: Rules | None = None) -> None:
        self.app = app
        self._rules = given
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if self._rules is None:
            self._rules = await asyncio.to_thread(rules)
        why = self._why_not(scope, self._rules.names)
        if why is None:
            await self.app(scope, receive, send)
        else:
            await _refuse(scope, send, why)

    def _why_not(self, scope: Scope, names: hosts.Names) -> str | None:
        """A sentence for who is turned away, or None. An Origin that is written in another way is made plain."""
        text.speak(text.choose(next(iter(_all(scope, b"accept-language")), None)))
        called, pages = _all(scope, b"host"), _all(scope, b"origin")
        host = hosts.parse(called[0]) if len(called) == 1 else None
        is_health = scope["type"] == "http" and scope["path"].endswith(HEALTH)
        if not is_health and (host is None or not names.answer_to(host)):
            name = host.name if host else ""
            self._tell(f"called by the name {name!r}; if it is this server's, add it to ROUNDTABLE_HOSTS")
            return _wrong_name(name)
        if not pages:
            return None  # no browser opens a websocket, or sends anything across sites, without saying from where
        if host and len(pages) == 1 and names.let_in(pages[0], host, secure=is_secure(scope)):
            _write_plainly(scope, pages[0], called[0])
            return None
        self._tell(
            f"a page of {pages[0][:100]!r} called {called[:1]}; behind a proxy, ROUNDTABLE_HOSTS names the page's"
        )
        return t(
            "This page belongs to another site and cannot access Roundtable. Behind a proxy, have it forward the "
            "Host header with its port, or add the public name to ROUNDTABLE_HOSTS.",
        )

    def _tell(self, what: str) -> None:
        if len(self._told) < TOLD and what not in self._told:
            self._told.add(what)
            _log.log(logging.WARNING, "Turned away: %s", what)


def is_secure(scope: Scope) -> bool:
    """Whether the browser came over TLS, to us or to a proxy; believing a forged header would only make us stricter."""
    forwarded = next(iter(_all(scope, b"x-forwarded-proto")), "")
    return scope.get("scheme") in ("https", "wss") or forwarded.partition(",")[0].strip().lower() in ("https", "wss")


def transport_security(scope: Scope) -> list[tuple[bytes, bytes]]:
    """HSTS where the browser came over TLS, but for localhost: one port must not bind all the others to TLS."""
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


def _all(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for name, value in scope.get("headers", ()) if name == wanted]


def _write_plainly(scope: Scope, page: str, called: str) -> None:
    """Streamlit compares the texts; where they differ in a way that means nothing it would begin to look up."""
    scheme, _, written = page.partition("://")
    if written != called:
        plain = f"{scheme}://{called}".encode("latin-1")
        scope["headers"] = [(name, plain if name == b"origin" else value) for name, value in scope["headers"]]


async def _refuse(scope: Scope, send: Send, why: str) -> None:
    if scope["type"] == "websocket":  # refused before it is accepted: the browser sees 403
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    body = f"{why}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
