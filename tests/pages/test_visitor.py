"""Who a visitor is: a cookie on the first page, that scripts cannot read and other sites cannot send."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config
from streamlit.testing.v1 import AppTest

from core.store import Unavailable, settings
from core.ui import middleware, signed_names, visitor
from core.ui.app_state import AppState

STRANGE = "a1" * 16  # of the form of a name, and nobody's

pytestmark = pytest.mark.usefixtures("shared", "after_restart")


@pytest.fixture
def after_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what this process knows of the names it gave."""
    monkeypatch.setattr(visitor, "_new_names", type(visitor._new_names)())
    monkeypatch.setattr(visitor, "_known_names", type(visitor._known_names)())


def owner_of(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]


async def reply(headers: list[tuple[bytes, bytes]], media_type: bytes, scheme: str = "http") -> dict[bytes, bytes]:
    """The headers of a reply of this type that passed the guard."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", media_type)]})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "scheme": scheme, "headers": headers}
    await middleware.Guard(app)(scope, None, send)  # type: ignore[arg-type]
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
    named = [(b"cookie", f"other=1; roundtable={visitor.new_name()}".encode())]
    assert b"set-cookie" not in await reply(named, b"text/html")
    assert b"set-cookie" not in await reply([], b"text/css")


@pytest.mark.parametrize("value", ["", "x", "A1" * 16, "../../etc", STRANGE + "'", "é" * 16, STRANGE])
async def test_a_name_that_is_not_ours_is_replaced(value: str) -> None:
    sent = [(b"cookie", f"roundtable={value}".encode())]
    assert b"set-cookie" in await reply(sent, b"text/html")


async def test_a_name_is_ours_after_a_restart(shared: AppState) -> None:
    name = signed_names.new_name(shared.engine.settings.folder / shared.engine.settings.data_folder)
    assert b"set-cookie" not in await reply([(b"cookie", f"roundtable={name}".encode())], b"text/html")
    assert not shared.is_open  # nobody had to ask the database


async def test_an_older_name_without_a_seal_keeps_what_is_kept_for_it(shared: AppState) -> None:
    settings.put(shared.workspace.database, owner_of(STRANGE), "language", "en")
    sent = [(b"cookie", f"roundtable={STRANGE}".encode())]
    assert b"set-cookie" not in await reply(sent, b"text/html")
    assert b"set-cookie" in await reply([(b"cookie", f"roundtable={'b2' * 16}".encode())], b"text/html")


async def test_nobody_loses_a_name_while_the_database_cannot_tell(
    shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> bool:
        raise Unavailable(shared.workspace.health())

    monkeypatch.setattr("core.store.owners.has_anything", away)
    assert b"set-cookie" not in await reply([(b"cookie", f"roundtable={STRANGE}".encode())], b"text/html")
    monkeypatch.undo()


def test_a_session_does_not_take_a_name_that_was_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    def page() -> None:
        import streamlit as st

        from core.ui import visitor

        st.text(visitor.own_name())

    for brought in (STRANGE, visitor.new_name()):
        monkeypatch.setattr(visitor, "_cookies", lambda brought=brought: f"roundtable={brought}")
        at = AppTest.from_function(page).run()
        assert (at.text[0].value == brought) is (brought != STRANGE)


@pytest.mark.parametrize(
    "order", ["roundtable={0}; roundtable={1}", "roundtable={1};roundtable={0}", "x=1; roundtable={0}"]
)
async def test_a_planted_name_beside_ours_hides_nothing(order: str) -> None:
    """Any page of a sibling name can set a cookie of the same name for both."""
    name = visitor.new_name()
    cookies = order.format(name, STRANGE)
    assert visitor.name_in(cookies) == name
    assert b"set-cookie" not in await reply([(b"cookie", cookies.encode())], b"text/html")


@pytest.mark.parametrize(
    "cookies", ["", "xroundtable={0}", "roundtable={0}x", 'roundtable="{0}"', "roundtable={0}{0}", "roundtable"]
)
def test_what_only_looks_like_our_cookie_is_not(cookies: str) -> None:
    assert visitor.name_in(cookies.format(visitor.new_name())) is None


def test_names_are_random_and_ours() -> None:
    names = {visitor.new_name() for _ in range(100)}
    assert len(names) == 100
    assert all(map(visitor.is_ours, names))


def test_a_seal_is_of_one_secret(tmp_path: Path) -> None:
    name = signed_names.new_name(tmp_path / "one")
    assert signed_names.is_signed(name, tmp_path / "one")
    assert not signed_names.is_signed(name, tmp_path / "two")
    assert not signed_names.is_signed(name[:-1] + ("0" if name[-1] != "0" else "1"), tmp_path / "one")
    assert not signed_names.is_signed(("0" if name[0] != "0" else "1") + name[1:], tmp_path / "one")
    secret = tmp_path / "one" / signed_names.FILE
    assert secret.stat().st_mode & 0o077 == 0
    signed_names._secret.cache_clear()
    assert signed_names.is_signed(name, tmp_path / "one")
    secret.unlink()
    signed_names._secret.cache_clear()
    assert not signed_names.is_signed(name, tmp_path / "one")


def test_replicas_with_one_cookie_secret_know_each_others_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "is_manually_set", lambda name: name == "server.cookieSecret")
    monkeypatch.setattr(config, "get_option", lambda name: "shared")
    name = signed_names.new_name(tmp_path / "three")
    assert signed_names.is_signed(name, tmp_path / "four")
    assert not (tmp_path / "three").exists()
    signed_names._secret.cache_clear()


async def test_over_tls_the_name_is_of_this_host_alone() -> None:
    cookie = (await reply([], b"text/html", "https"))[b"set-cookie"].decode()
    assert re.match(r"__Host-roundtable=[0-9a-f]{32}; Path=/; .*; Secure$", cookie)
    assert "Domain" not in cookie


async def test_a_plain_cookie_is_taken_over_once_and_loses_then() -> None:
    name, planted = visitor.new_name(), visitor.new_name()
    cookie = (await reply([(b"cookie", f"roundtable={name}".encode())], b"text/html", "https"))[b"set-cookie"].decode()
    assert cookie.startswith(f"__Host-roundtable={name};")
    both = f"roundtable={planted}; __Host-roundtable={name}"
    assert visitor.name_in(both) == name
    assert b"set-cookie" not in await reply([(b"cookie", both.encode())], b"text/html", "https")


def test_a_browser_is_forgotten_by_our_own_page_alone() -> None:
    with TestClient(Starlette(routes=middleware.routes()), base_url="https://testserver") as client:
        assert client.post("/forget").status_code == 404
        answer = client.post("/forget", headers={"x-roundtable": "forget"})
    assert answer.status_code == 204
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["roundtable", "__Host-roundtable"]
    assert all("Max-Age=0" in cookie for cookie in cookies)
