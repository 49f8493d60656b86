"""Who a visitor is: a cookie on the first page, that scripts cannot read and other sites cannot send."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.ui import owner, serve


async def reply(headers: list[tuple[bytes, bytes]], media_type: bytes, scheme: str = "http") -> dict[bytes, bytes]:
    """The headers of a reply of this type that passed the guard."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", media_type)]})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "scheme": scheme, "headers": headers}
    await serve.Guard(app)(scope, None, send)  # type: ignore[arg-type]
    return dict(sent[0]["headers"])


async def test_the_first_page_brings_a_name() -> None:
    cookie = (await reply([], b"text/html; charset=utf-8"))[b"set-cookie"].decode()
    assert re.match(r"roundtable=[0-9a-f]{32}; ", cookie)
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"):
        assert part in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize(("headers", "scheme"), [([], "https"), ([(b"x-forwarded-proto", b"https")], "http")])
async def test_over_https_it_stays_there(headers: list[tuple[bytes, bytes]], scheme: str) -> None:
    assert "Secure" in (await reply(headers, b"text/html", scheme))[b"set-cookie"].decode()


async def test_a_name_is_given_once_and_on_pages_only() -> None:
    named = [(b"cookie", f"other=1; roundtable={'a1' * 16}".encode())]
    assert b"set-cookie" not in await reply(named, b"text/html")
    assert b"set-cookie" not in await reply([], b"text/css")


@pytest.mark.parametrize("value", ["", "x", "A1" * 16, "../../etc", "a1" * 16 + "'", "é" * 16])
async def test_a_name_that_is_not_ours_is_replaced(value: str) -> None:
    sent = [(b"cookie", f"roundtable={value}".encode())]
    assert b"set-cookie" in await reply(sent, b"text/html")


def test_names_are_random_and_ours() -> None:
    names = {owner.mint() for _ in range(100)}
    assert len(names) == 100
    assert all(map(owner.is_name, names))
