"""What the browser loads for the first page: Streamlit's files from us, whole, and its page with our end."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from core.ui import assets, middleware

SOME = sorted(path.relative_to(assets.folder()).as_posix() for path in assets.folder().glob("static/*/index.*"))


async def reply(path: str, method: str = "GET") -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body for `path`; 418 stands for what was left to Streamlit."""
    sent: list[Any] = []

    async def streamlit(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    await assets.Assets(streamlit)({"type": "http", "method": method, "path": path, "headers": []}, None, send)  # type: ignore[arg-type]
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
    end = assets.end_of_page().decode()
    loaded = re.findall(r'<link rel="modulepreload" crossorigin href="\./(static/js/[\w.-]+)">', end)
    started = re.findall(r'<script type="module" crossorigin src="\./(static/js/[\w.-]+)"></script>', end)
    assert {name.split("/")[-1].split(".")[0] for name in started} >= {"ChatInput", "PageLink", "Button"}
    assert set(started) <= set(loaded)
    assert len(loaded) == len(set(loaded))
    assert all((assets.folder() / name).is_file() for name in loaded)
    page = (assets.folder() / "index.html").read_text()
    assert not [name for name in loaded if name in page]
    assert assets.STYLE.read_text(encoding="utf-8") in end


HTML = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"7"), (b"etag", b"x")]


async def ended(path: str, method: str = "GET", *more: tuple[bytes, bytes]) -> tuple[dict[bytes, bytes], bytes]:
    """What a browser gets where Streamlit answers with a small HTML file in two parts."""
    sent: list[Any] = []

    async def streamlit(scope: Any, receive: Any, send: Any) -> None:
        assert not {name for name, _ in scope["headers"]} & {b"if-none-match", b"if-modified-since"}
        await send({"type": "http.response.start", "status": 200, "headers": [*HTML, *more]})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else b"<p>", "more_body": True})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else b"</p>"})

    async def send(message: Any) -> None:
        sent.append(message)

    request_headers = [(b"if-none-match", b"x"), (b"if-modified-since", b"y"), (b"accept", b"*/*")]
    scope: Any = {"type": "http", "method": method, "path": path, "headers": request_headers}
    await assets.Assets(streamlit)(scope, None, send)  # type: ignore[arg-type]
    return dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("path", ["/", "/compare"])
async def test_a_page_comes_with_our_end_whatever_the_browser_kept_of_it(path: str) -> None:
    headers, body = await ended(path, "GET", (b"cache-control", b"no-cache"), (b"content-encoding", b"gzip"))
    assert body == assets.page()
    assert body.endswith(b"</html>\n") or b"</body>" in body
    assert headers[b"content-length"] == str(len(body)).encode()
    assert not {b"etag", b"content-encoding"} & set(headers)


async def test_a_head_of_a_page_has_no_body() -> None:
    headers, body = await ended("/", "HEAD", (b"cache-control", b"no-cache"))
    assert (headers[b"content-length"], body) == (str(len(assets.page())).encode(), b"")


@pytest.mark.parametrize(
    ("path", "content"), [("/media/report.html", b"no-cache"), ("/component/x.html", b"public, max-age=9")]
)
async def test_html_that_is_no_page_stays_as_it_is(path: str, content: bytes) -> None:
    headers, body = await ended(path, "GET", (b"cache-control", content))
    assert (headers[b"content-length"], body) == (b"7", b"<p></p>")


def test_every_page_tells_the_browser_where_the_server_is_and_may_do_so() -> None:
    pages = Path(__file__).resolve().parents[2] / "pages"
    assert sorted(assets.PAGES) == sorted(file.stem for file in pages.glob("*.py"))
    digest = b64encode(sha256(assets.WHERE.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in dict(middleware.headers("'self'"))[b"content-security-policy"].decode()
