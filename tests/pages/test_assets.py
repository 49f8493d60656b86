"""What the browser loads for the first page: Streamlit's files from us, whole, and the rest of our page named."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.ui import assets, serve

SOME = sorted(path.relative_to(assets.folder()).as_posix() for path in assets.folder().glob("static/*/index.*"))


async def reply(path: str, method: str = "GET") -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body for `path`; 418 stands for what was left to Streamlit."""
    sent: list[Any] = []

    async def streamlit(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    await assets.Assets(streamlit)({"type": "http", "method": method, "path": path}, None, send)  # type: ignore[arg-type]
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


@pytest.mark.parametrize("name", SOME)
async def test_a_file_comes_whole_and_may_be_kept(name: str) -> None:
    status, headers, body = await reply("/" + name)
    assert (status, body) == (200, (assets.folder() / name).read_bytes())
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"immutable" in headers[b"cache-control"]
    assert headers[b"content-type"].startswith((b"text/javascript", b"text/css"))


@pytest.mark.parametrize(
    "path",
    ["/", "/index.html", "/static/js/no.js", "/static/js/../../index.html", "/static/js/..", "/static/js/%2e%2e/x.js"],
)
async def test_what_is_not_ours_goes_on_to_streamlit(path: str) -> None:
    assert (await reply(path))[0] == 418


async def test_only_reading_is_answered() -> None:
    assert (await reply("/" + SOME[0], "POST"))[0] == 418


def test_every_part_that_is_named_is_there_and_none_twice() -> None:
    header, links = assets.preloads()
    names = re.findall(r"<\./(static/js/[\w.-]+)>; rel=modulepreload; crossorigin", links.decode())
    assert header == b"link"
    assert any("ChatInput" in name for name in names)
    assert len(names) == len(set(names)) == links.count(b"<")
    assert all((assets.folder() / name).is_file() for name in names)
    page = (assets.folder() / "index.html").read_text()
    assert not [name for name in names if name in page]


async def test_only_a_page_names_them() -> None:
    for kind, named in ((b"text/html", True), (b"application/json", False)):
        sent: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any, kind: bytes = kind) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        await serve.Guard(app)({"type": "http", "headers": []}, None, send)  # type: ignore[arg-type]
        assert (b"link" in dict(sent[0]["headers"])) is named
