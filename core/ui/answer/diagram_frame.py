"""The frame in which Mermaid runs: a document without an origin, which may load two scripts of ours and nothing else.

    GET diagrams/frame              the document, sandboxed by its own policy too
    GET diagrams/frame.js           what it does: static/diagram_frame.js
    GET diagrams/mermaid.js         Mermaid as it was released, from static/vendor/

The page sends a diagram's source to it and gets a picture back (static/diagram.js), which it shows as an image: in an
image no script runs and nothing loads.
"""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from .. import transfers

PATH = "/diagrams"
STATIC = Path(__file__).parents[1] / "static"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "sandbox allow-scripts",
    )
)
_DOCUMENT = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Diagrams</title><body>{scripts}</body></html>'
_ONE_YEAR = "public, immutable, max-age=31536000"  # the address holds a hash of the content
_SCRIPTS = (f"{PATH}/mermaid.js", f"{PATH}/frame.js")
_JAVASCRIPT = "text/javascript; charset=utf-8"


def routes() -> list[Route]:
    """The routes, below the server's base path. They are the same for everybody and tell nothing about anybody."""
    base = f"{transfers.base()}{PATH}"
    return [
        Route(f"{base}/frame", _frame),
        Route(f"{base}/frame.js", _script),
        Route(f"{base}/mermaid.js", _mermaid),
    ]


def address() -> str:
    """Where the frame is; "" where the app runs as a plain script, without routes of ours."""
    return f"{transfers.base()}{PATH}/frame" if transfers.server_name else ""


def is_script(scope: Scope) -> bool:
    """Whether the request asks for one of the frame's two scripts, which are public."""
    path = str(scope.get("path", ""))
    return bool(scope["type"] == "http" and scope["method"] == "GET") and path.endswith(_SCRIPTS)


def mermaid_file() -> Path:
    (path,) = (STATIC / "vendor").glob("mermaid-*.min.js.gz")
    return path


async def _frame(_: Request) -> Response:
    sources = (("mermaid.js", packed_mermaid()), ("frame.js", _frame_script()))
    scripts = "".join(f'<script src="{name}?{sha256(content).hexdigest()[:16]}"></script>' for name, content in sources)
    headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
    return Response(_DOCUMENT.format(scripts=scripts), media_type="text/html", headers=headers)


async def _script(_: Request) -> Response:
    return Response(_frame_script(), media_type=_JAVASCRIPT, headers={"cache-control": _ONE_YEAR})


async def _mermaid(request: Request) -> Response:
    headers = {"cache-control": _ONE_YEAR, "vary": "accept-encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(packed_mermaid()), media_type=_JAVASCRIPT, headers=headers)
    return Response(packed_mermaid(), media_type=_JAVASCRIPT, headers={**headers, "content-encoding": "gzip"})


@cache
def packed_mermaid() -> bytes:
    return mermaid_file().read_bytes()


@cache
def _frame_script() -> bytes:
    return (STATIC / "diagram_frame.js").read_bytes()
