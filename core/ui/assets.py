"""Serves Streamlit's static files quickly, and adds our style and the first page's scripts to its HTML.

Streamlit stats and reads each file of a first visit in separate threads; here it is one read. The browser would load
the scripts of our first elements (chat box, links, buttons) only when it draws them, with grey placeholders meanwhile.
Listed at the end of Streamlit's HTML, they load while it waits for the server. On a page other than the first one it
would look for the server below that page's address, in vain; a script tells it where the server is.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

NEEDED = ("ChatInput", "wavesurfer.esm", "record.esm", "ButtonGroup", "PageLink", "Button", "BidiComponent")
PAGES = ("audit", "batch", "compare", "faq", "history", "insights", "latency", "people", "providers", "quota", "shared")
WHERE = f"""{{
const page = window.__streamlit ? null : location.pathname.match(/^(.*)\\/(?:{"|".join(PAGES)})\\/*$/);
if (page) window.__streamlit = {{ BACKEND_BASE_URL: location.origin + (page[1] || "/") }};
}}"""
STYLE = Path(__file__).with_name("static") / "style.css"
KINDS = {"js": b"text/javascript; charset=utf-8", "css": b"text/css; charset=utf-8", "woff2": b"font/woff2"}
ONE_YEAR = b"public, immutable, max-age=31536000"  # file names contain a hash of their content
_IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
_OF_THE_FILE = {b"content-length", b"content-encoding", b"etag", b"last-modified"}
_CONDITIONS = {b"if-none-match", b"if-modified-since"}
serving = False  # whether this process is a server that sends `page`
_NAME = re.compile(r"/static/(?:js|css|media)/[\w-][\w.-]*\.(js|css|woff2)")


def folder() -> Path:
    """Streamlit's folder of static files."""
    spec = find_spec("streamlit")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], "static")


class Assets:
    """ASGI middleware that serves Streamlit's files and our version of its HTML; the rest goes to Streamlit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._folder = folder()
        self._page = page()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        match = _NAME.fullmatch(scope["path"]) if scope["method"] == "GET" else None
        body = self._read(scope["path"]) if match else None
        if match is None or body is None:
            await self._pass_on(scope, receive, send)
            return
        headers = [
            (b"content-type", KINDS[match[1]]),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", ONE_YEAR),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Streamlit answer, and replace its HTML page by ours, also if the browser has it cached."""
        request_headers = [(name, value) for name, value in scope["headers"] if name not in _CONDITIONS]
        rest = iter([self._page if scope["method"] == "GET" else b""])
        is_page = False

        async def ended(message: MutableMapping[str, Any]) -> None:
            nonlocal is_page
            if message["type"] == "http.response.start":
                is_page = _is_page(scope["path"], message)
                if is_page:
                    length = (b"content-length", str(len(self._page)).encode())
                    other_headers = [pair for pair in message["headers"] if pair[0] not in _OF_THE_FILE]
                    message = {**message, "headers": [*other_headers, length]}
            elif is_page:
                message = {**message, "body": next(rest, b"")}
            await send(message)

        await self.app({**scope, "headers": request_headers}, receive, ended)

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._folder / path[1:]).read_bytes()
        except OSError:
            return None


def _is_page(path: str, start: MutableMapping[str, Any]) -> bool:
    """Streamlit sends its page for every path that is not a file; a downloaded file may be HTML too."""
    headers = dict(start.get("headers", ()))
    html = headers.get(b"content-type", b"").startswith(b"text/html")
    return html and start["status"] == 200 and headers.get(b"cache-control") == b"no-cache" and "/media/" not in path


def page() -> bytes:
    """Streamlit's HTML with our addition; empty if this Streamlit has none."""
    file = folder() / "index.html"
    return file.read_bytes().replace(b"</body>", end_of_page() + b"</body>") if file.is_file() else b""


def end_of_page() -> bytes:
    """Inserted before `</body>`: our style, where the server is, and the first page's scripts that this Streamlit has.

    Our style comes after Streamlit's, so it takes precedence.
    """
    scripts, file = folder() / "static" / "js", folder() / "index.html"
    in_page = set(re.findall(r"static/js/([\w.-]+)", file.read_text(encoding="utf-8"))) if file.is_file() else set()
    needed = [script.name for part in NEEDED for script in sorted(scripts.glob(f"{part}.????????.js"))]
    queue, imported = list(needed), []
    while queue:
        name = queue.pop(0)
        if name not in in_page:
            in_page.add(name)
            imported.append(name)
            queue += _IMPORT.findall((scripts / name).read_text(encoding="utf-8"))
    lines = [f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in imported]
    lines += [f'<script type="module" crossorigin src="./static/js/{name}"></script>' for name in needed]
    style = STYLE.read_text(encoding="utf-8")
    return "\n".join(["<style>", style, "</style>", f"<script>{WHERE}</script>", *lines, ""]).encode()
