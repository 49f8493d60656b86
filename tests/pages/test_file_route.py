"""The files of questions over HTTP: whose they are, what a browser may draw, and thumbnails."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.store import blobs
from core.ui import file_route, owner, visitor
from core.ui.app_state import AppState
from tests.pages.conftest import ME
from tests.pages.test_sharing import options
from tests.workspace.acme import until

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def png(width: int = 800, height: int = 400) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def client(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    owners = {f"{visitor.COOKIE}=mine": ME, f"{visitor.COOKIE}=other": "ben"}
    monkeypatch.setattr(owner, "of_cookies", owners.get)
    with TestClient(Starlette(routes=file_route.routes()), cookies={visitor.COOKIE: "mine"}) as client:
        yield client


def keep(shared: AppState, data: bytes, media_type: str = "image/png") -> str:
    return blobs.put(shared.workspace.database, ME, data, media_type)


def test_a_picture_is_its_owners_and_nobody_elses(client: TestClient, shared: AppState) -> None:
    data = png()
    address = file_route.address(keep(shared, data))
    reply = client.get(address)
    assert (reply.status_code, reply.content, reply.headers["content-type"]) == (200, data, "image/png")
    assert reply.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in reply.headers["content-security-policy"]
    nothing = client.get(file_route.address("0" * 64))
    client.cookies.set(visitor.COOKIE, "other")
    others = client.get(address)
    client.cookies.clear()
    assert others.status_code == nothing.status_code == client.get(address).status_code == 404
    assert (others.content, dict(others.headers)) == (nothing.content, dict(nothing.headers))


def test_another_site_gets_nothing(client: TestClient, shared: AppState) -> None:
    address = file_route.address(keep(shared, png()))
    assert client.get(address, headers={"sec-fetch-site": "cross-site"}).status_code == 404


@pytest.mark.parametrize("media_type", ["image/svg+xml", "text/html", "application/pdf", "image/png; x=1"])
def test_anything_that_could_run_is_only_downloaded(client: TestClient, shared: AppState, media_type: str) -> None:
    reply = client.get(file_route.address(keep(shared, SVG + media_type.encode(), media_type), name='a"\n/ü.svg'))
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"] == "attachment; filename*=UTF-8''a%22%0A%2F%C3%BC.svg"


def test_a_thumbnail_is_made_once_and_is_small(
    client: TestClient, shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = file_route.address(keep(shared, png()), 300)
    reply = client.get(address)
    with Image.open(io.BytesIO(reply.content)) as picture:
        assert picture.size == (320, 160)
    monkeypatch.setattr("core.pictures.thumbnail", lambda *_: pytest.fail("it was made again"))
    assert client.get(address).content == reply.content


def test_what_is_no_picture_has_no_thumbnail(client: TestClient, shared: AppState) -> None:
    assert client.get(file_route.address(keep(shared, b"no picture"), 320)).status_code == 404
    bomb = png(8, 8).replace((8).to_bytes(4, "big") * 2, (60_000).to_bytes(4, "big") * 2)
    assert client.get(file_route.address(keep(shared, bomb), 320)).status_code == 404


def test_thumbnails_are_bounded_in_memory() -> None:
    thumbnails = file_route.Thumbnails(most_bytes=1)
    for number in range(3):
        assert thumbnails.get(str(number), png, "image/png", 160)
    assert list(thumbnails._made) == [("2", 160)]


def test_a_shared_link_shows_the_files_of_its_turns_alone(
    client: TestClient, shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = shared.workspace.of(ME)
    shown, other = (
        person.files.put("a.png", png(9, number), "image/png", width=9, height=number) for number in (9, 10)
    )
    begun = person.chats.ask("r1", "What is it?", "sim/quick", files=[shown])
    until(lambda: not shared.workspace.jobs.running())
    view = person.chats.get(begun.conversation_id)
    with_files, token = person.sharing.share_chat(view, lasts=timedelta(days=1), with_files=True)
    without, _ = person.sharing.share_chat(view, lasts=timedelta(days=1))
    address, foreign, hidden = (
        file_route.address(file.sha256, link_id=link.id)
        for file, link in ((shown, with_files), (other, with_files), (shown, without))
    )
    reply = client.get(address)
    assert (reply.status_code, reply.headers["cache-control"]) == (200, "private, no-store")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert token not in address
    assert [client.get(wrong).status_code for wrong in (foreign, hidden)] == [404, 404]
    for forged in (address[:-1], address.replace(with_files.id, without.id), f"{address}é"):
        assert client.get(forged).status_code == 404
    copied = shared.workspace.of("ben").sharing.copy("c1", shared.workspace.shared_links.read(token))
    assert shared.workspace.of("ben").files.read(shown.sha256) == person.files.read(shown.sha256)
    assert shared.workspace.of("ben").chats.get(copied).turns[0].attached[0].sha256 == shown.sha256
    client.cookies.clear()
    assert client.get(address).status_code == 404  # only `sharing = anyone` lets in who is not known
    options(shared, monkeypatch, sharing="anyone")
    assert client.get(address).status_code == 200
    with monkeypatch.context() as later:
        later.setattr(file_route, "_today", lambda: date.max)
        assert client.get(address).status_code == 404
    person.sharing.revoke()
    assert client.get(address).status_code == 404
