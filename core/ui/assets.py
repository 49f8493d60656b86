"""What a browser loads for the first page: Streamlit's own files, answered at once, and the parts of ours named early.

Streamlit opens, measures and reads each of the sixty files of a first visit in threads of its own; here one read
answers. The parts that our first page needs (the chat box, links, buttons) are asked for by the browser only when it
comes to draw them, one after the other; the page's head names them, so that they come along with the rest.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

NEEDED = ("ChatInput", "wavesurfer.esm", "record.esm", "ButtonGroup", "PageLink", "Button", "Html")
KINDS = {"js": b"text/javascript; charset=utf-8", "css": b"text/css; charset=utf-8", "woff2": b"font/woff2"}
ONE_YEAR = b"public, immutable, max-age=31536000"  # the names hold a hash of what is in the files
_IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
_NAME = re.compile(r"/static/(?:js|css|media)/[\w-][\w.-]*\.(js|css|woff2)")


def folder() -> Path:
    """Where Streamlit keeps what it sends to browsers."""
    found = find_spec("streamlit")
    assert found
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0], "static")


class Assets:
    """ASGI middleware that answers for Streamlit's files; whatever it does not know goes on to Streamlit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._folder = folder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = _NAME.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        body = self._read(scope["path"]) if known else None
        if known is None or body is None:
            await self.app(scope, receive, send)
            return
        headers = [
            (b"content-type", KINDS[known[1]]),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", ONE_YEAR),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._folder / path[1:]).read_bytes()
        except OSError:
            return None


def preloads() -> tuple[bytes, bytes]:
    """The header that names what our first page needs beyond Streamlit's own, as far as this Streamlit has it."""
    scripts, page = folder() / "static" / "js", folder() / "index.html"
    known = set(re.findall(r"static/js/([\w.-]+)", page.read_text(encoding="utf-8"))) if page.is_file() else set()
    waiting = [found.name for part in NEEDED for found in sorted(scripts.glob(f"{part}.????????.js"))]
    named: list[str] = []
    while waiting:
        name = waiting.pop(0)
        if name not in known:
            known.add(name)
            named.append(name)
            waiting += _IMPORT.findall((scripts / name).read_text(encoding="utf-8"))
    return b"link", ", ".join(f"<./static/js/{name}>; rel=modulepreload; crossorigin" for name in named).encode()
