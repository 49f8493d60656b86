"""The history's large files over HTTP: whose they are, how they come in pieces, and what is said when they cannot."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.store import NotFound, purge
from core.store.imports import progress
from core.ui import owner, transfers, visitor
from core.ui.app_state import AppState
from core.ui.history import import_words
from core.views.imports import ImportStatus
from core.workspace import transfers as workspaces
from core.workspace.housekeeping import Housekeeping, KeepingRules
from tests.pages.conftest import ME, a_chat
from tests.workspace.acme import until

NAME = "0" * 32
MARK = {transfers.REQUIRED_HEADER: "import"}
DAY = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def client(shared: AppState, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    owners = {f"{visitor.COOKIE}=mine": ME, f"{visitor.COOKIE}=other": "ben"}
    monkeypatch.setattr(owner, "of_cookies", owners.get)
    with TestClient(Starlette(routes=transfers.routes()), cookies={visitor.COOKIE: "mine"}) as client:
        yield client


def a_file(number: int = 3) -> bytes:
    talks = [
        {
            "id": f"c{n}",
            "title": f"Talk {n}",
            "created_at": DAY,
            "updated_at": DAY,
            "messages": [{"id": f"m{n}", "role": "user", "text": "Hello " * 50, "created_at": DAY}],
        }
        for n in range(number)
    ]
    return json.dumps({"format": "roundtable", "version": 1, "conversations": talks}).encode()


def put(client: TestClient, body: bytes, at: int, size: int, name: str = NAME, **more: Any) -> int:
    address = f"/import?name={name}&at={at}&size={size}"
    return client.put(address, content=body, headers=more.pop("headers", MARK)).status_code


def ended(shared: AppState, owner_id: str = ME) -> ImportStatus:
    deadline = time.monotonic() + 60
    while True:
        status = progress.current(shared.workspace.database, owner_id)
        if status and not status.runs:
            return status
        assert time.monotonic() < deadline
        time.sleep(0.05)


def until_gone(shared: AppState) -> None:
    """No file is left beside the database."""
    deadline = time.monotonic() + 60
    while list((shared.engine.settings.folder / "data" / "files").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_file_comes_in_pieces_and_a_piece_may_come_twice(client: TestClient, shared: AppState) -> None:
    data = a_file()
    half = len(data) // 2
    assert put(client, data[:half], 0, len(data)) == 204
    assert put(client, data[half:], half + 1, len(data)) == 409
    assert put(client, data[half : half + 9], half, len(data)) == 204  # the connection broke within it
    assert put(client, data[half:], half, len(data)) == 204
    shared.workspace.of(ME).transfers.start_import(NAME, len(data), "my.json")
    status = ended(shared)
    assert (status.state, status.name, status.conversations) == ("done", "my.json", 3)
    assert shared.workspace.of(ME).history.count() == 3
    until_gone(shared)


def test_a_look_at_a_file_tells_what_comes_and_keeps_nothing(client: TestClient, shared: AppState) -> None:
    person = shared.workspace.of(ME)
    head = {"id": "b", "name": "Mine", "model_ids": ["sim/quick"], "created_at": DAY}
    rows = [{"batch_id": "b", "n": n, "prompt": "Hi"} for n in (1, 2, 0)]
    data = json.dumps(json.loads(a_file(2)) | {"batches": [head], "batch_rows": rows}).encode()
    assert put(client, data, 0, len(data)) == 204
    seen = person.transfers.look(NAME, len(data), "my.json")
    assert seen.done.wait(60)
    assert seen.loaded
    assert (seen.loaded.conversations, seen.loaded.messages, seen.share) == (2, 2, 1.0)
    assert ({name: n for name, n in seen.loaded.things.items() if n}, dict(seen.loaded.left.counts)) == (
        {"batch": 1, "batch_row": 2},
        {"batch_row": 1},
    )
    assert import_words.comes(seen.loaded) == (
        "Roundtable: 2 conversations, 2 messages. Besides: 1 batch, 2 batch rows."
    )  # fmt: skip
    assert (person.history.count(), person.batches.recent()) == (0, [])
    person.transfers.start_import(NAME, len(data), "my.json")
    status = ended(shared)
    assert import_words.came(status) == (
        "Imported: 2 conversations; already here: 0. Besides: 1 batch, 2 batch rows."
    )  # fmt: skip
    assert [batch.state for batch in person.batches.recent()] == ["paused"]
    until_gone(shared)
    assert put(client, b"[1", 0, 2) == 204
    seen = person.transfers.look(NAME, 2, "bad.json")
    assert seen.done.wait(60)
    assert (seen.loaded, seen.why) == (None, "The file is not JSON: line 1, column 3.")
    until_gone(shared)


def test_a_piece_for_another_server_is_not_found_here(client: TestClient) -> None:
    data = a_file()
    address = f"/import?name={NAME}&at=0&size={len(data)}&server="
    assert client.put(address + "another", content=data, headers=MARK).status_code == 404
    assert client.put(address + transfers.server_name, content=data, headers=MARK).status_code == 204


def test_a_piece_is_taken_of_its_visitor_alone_and_of_our_own_page(client: TestClient, shared: AppState) -> None:
    data = a_file()
    assert put(client, data, 0, len(data), headers={}) == 404
    for name in ("../../etc/passwd", "0" * 31, "G" * 32, ""):
        assert put(client, data, 0, len(data), name=name) == 404
    client.cookies.set(visitor.COOKIE, "nobody")
    assert put(client, data, 0, len(data)) == 404
    client.cookies.set(visitor.COOKIE, "mine")
    assert put(client, data, 0, len(data)) == 204
    with pytest.raises(NotFound):
        shared.workspace.of("ben").transfers.start_import(NAME, len(data), "mine.json")
    with pytest.raises(NotFound):
        shared.workspace.of(ME).transfers.start_import(NAME, len(data) + 1, "mine.json")


def test_what_has_no_room_is_told_before_it_is_sent(
    client: TestClient, shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = client.put(f"/import?name={NAME}&at=0&size={5 * 10**9}", content=b"x", headers=MARK)
    assert (reply.status_code, reply.text) == (507, "The file is too large. The limit is 4 GB.\n")
    reply = client.put(f"/import?name={NAME}&at=0&size=3", content=b"more than that", headers=MARK)
    assert reply.status_code == 413
    monkeypatch.setattr(workspaces, "LEAST_FREE_BYTES", 2**62)
    reply = client.put(f"/import?name={NAME}&at=0&size=9&lang=zh", content=b"x", headers=MARK)
    assert (reply.status_code, reply.text) == (507, "服务器磁盘快满了，请腾出空间后重试。\n")
    assert client.get("/export/json").status_code == 507


def test_files_that_wait_are_bounded(client: TestClient, shared: AppState) -> None:
    shared.workspace.file_folder.most_bytes = 100
    for place, cookie in enumerate(("mine", "other")):
        client.cookies.set(visitor.COOKIE, cookie)
        assert put(client, b"x" * 100, 0, 100, name=str(place) * 32) == 204
    assert put(client, b"x" * 100, 0, 100, name="5" * 32) == 204  # one an owner: it takes the place of the one before
    assert len(list((shared.engine.settings.folder / "data" / "files").iterdir())) == 2
    with pytest.raises(workspaces.NoRoom):
        shared.workspace.of("third").transfers.path_for("6" * 32, 100, 0)


def test_one_address_fills_half_of_the_room_whatever_cookies_it_has(shared: AppState) -> None:
    shared.workspace.file_folder.most_bytes = 100
    shared.workspace.of("a").transfers.path_for("1" * 32, 100, 0, "10.0.0.1").write_bytes(b"x" * 100)
    for number in range(20):
        with pytest.raises(workspaces.NoRoom):
            shared.workspace.of(f"renewed {number}").transfers.path_for("2" * 32, 100, 0, "10.0.0.1")
    assert shared.workspace.of("b").transfers.path_for("3" * 32, 100, 0, "10.0.0.2")


def test_files_that_grow_together_stop_where_there_is_no_room(shared: AppState) -> None:
    """Each fits when it begins."""
    shared.workspace.file_folder.most_bytes = 100
    people = [shared.workspace.of(f"owner{number}").transfers for number in range(5)]
    paths = [person.path_for("4" * 32, 100, 0) for person in people]
    refused = 0
    for start in range(10, 110, 10):
        for person, path in zip(people, paths, strict=True):
            path.write_bytes(b"x" * start)
            try:
                person.path_for("4" * 32, 100, start)
            except workspaces.NoRoom:
                refused += 1
                path.write_bytes(b"x" * (start - 10))
        if refused:
            break
    assert refused
    assert sum(path.stat().st_size for path in paths) <= 2 * 100


async def test_slow_readers_leave_room_for_the_exports_of_others(
    shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = SimpleNamespace(owner=SimpleNamespace(id="mine"))
    other = SimpleNamespace(owner=SimpleNamespace(id="theirs"))

    class Written:
        """An export of which something is there to read."""

        error = None
        begun, done = Event(), Event()
        path = shared.engine.settings.folder / "file"

    Written.begun.set()
    people = iter([own, own, own, other])

    async def next_person(_: object) -> object:
        return next(people)

    monkeypatch.setattr(transfers, "_visitor", next_person)
    monkeypatch.setattr(transfers, "_begin", lambda *_: Written())
    monkeypatch.setattr(transfers, "_exports", {})
    request = SimpleNamespace(
        path_params={"form": "json"}, headers={}, query_params=SimpleNamespace(getlist=lambda _: [], get=lambda _: "")
    )
    statuses = [(await transfers._export(request)).status_code for _ in range(4)]  # type: ignore[arg-type]
    assert statuses == [200, 200, 429, 200]


@pytest.mark.parametrize("patience_s", [0.0, 5.0])
@pytest.mark.parametrize("form", ["json", "markdown", "csv"])
def test_an_export_is_the_visitors_alone(
    client: TestClient, shared: AppState, monkeypatch: pytest.MonkeyPatch, form: str, patience_s: float
) -> None:
    monkeypatch.setattr(transfers, "PATIENCE_S", patience_s)
    view = a_chat(shared.workspace, "What is a tree?")
    reply = client.get(f"/export/{form}?name=所有")
    assert reply.status_code == 200
    assert "What is a tree?" in reply.text
    assert reply.content == shared.workspace.of(ME).history.export(form) or form == "json"  # type: ignore[arg-type]
    assert f"filename*=UTF-8''%E6%89%80%E6%9C%89.{transfers.FORMS[form][0]}" in reply.headers["content-disposition"]
    assert client.get(f"/export/{form}?id={view.id}").status_code == 200
    client.cookies.set(visitor.COOKIE, "other")
    assert "tree" not in client.get(f"/export/{form}").text
    if patience_s:
        assert client.get(f"/export/{form}?id={view.id}").status_code == 404
    client.cookies.set(visitor.COOKIE, "nobody")
    assert client.get(f"/export/{form}").status_code == 404
    assert not transfers._exports
    until_gone(shared)


def test_other_sites_start_no_export(client: TestClient, shared: AppState) -> None:
    assert client.get("/export/json", headers={"sec-fetch-site": "cross-site"}).status_code == 404
    assert client.get("/export/exe").status_code == 404


def test_an_export_that_breaks_is_cut_off_and_never_looks_whole(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * (workspaces.FLUSHED_BYTES + 1)
        raise OSError(28, "No space left on device")

    going = workspaces.ExportFile(tmp_path / "file", pieces)
    assert going.done.wait(10)
    assert isinstance(going.error, workspaces.NoRoom)
    assert not (tmp_path / "file").exists()


async def test_the_reply_follows_the_file_while_it_grows(tmp_path: Path) -> None:
    more = Event()

    def pieces() -> Iterator[bytes]:
        yield b"a" * (workspaces.FLUSHED_BYTES + 1)
        assert more.wait(10)
        yield b"b" * 10

    going = workspaces.ExportFile(tmp_path / "file", pieces)
    assert going.begun.wait(10)
    reply = transfers._tail(going)
    got = await anext(reply)
    assert set(got) == {ord("a")}
    assert not going.done.is_set()
    more.set()
    rest = b"".join([piece async for piece in reply])
    assert (got + rest).count(b"a") == workspaces.FLUSHED_BYTES + 1
    assert rest.endswith(b"b" * 10)
    assert not (tmp_path / "file").exists()


def test_a_reader_who_leaves_ends_the_writing(tmp_path: Path) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 100_000

    going = workspaces.ExportFile(tmp_path / "file", endless)
    assert going.begun.wait(10)
    going.discard()
    deadline = time.monotonic() + 60
    while (tmp_path / "file").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_housekeeping_deletes_for_good_and_ends_what_was_left(shared: AppState) -> None:
    view = a_chat(shared.workspace, "What is a tree?")
    shared.workspace.of(ME).history.remove(view.id)
    left = shared.engine.settings.folder / "data" / "files" / "old.in"
    left.parent.mkdir(exist_ok=True)
    left.touch()
    os.utime(left, (1, 1))

    def is_gone() -> bool:
        shared.workspace.housekeeping.tidy()  # nothing, while the timer's own first round still goes on
        return not left.exists()

    until(is_gone)
    shared.workspace.of(ME).history.restore(view.id)
    shared.workspace.of(ME).history.remove(view.id)
    assert purge.purge(shared.workspace.database, shared.workspace.database.now() + timedelta(minutes=59)) == 1


def test_a_part_of_the_housekeeping_that_fails_stops_no_other(
    shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(progress, "recover", broken)
    view = a_chat(shared.workspace, "What is a tree?")
    shared.workspace.of(ME).history.remove(view.id)
    calls: list[str] = []
    Housekeeping(shared.workspace.database, "p", KeepingRules(0.0), lambda: calls.append("more")).tidy()
    assert calls == ["more"]
    with pytest.raises(NotFound):
        shared.workspace.of(ME).history.restore(view.id)


def test_the_page_shows_how_far_an_import_is_and_stops_it(
    open_page: Callable[..., Any], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "served", lambda: True)
    database = shared.workspace.database
    running = progress.begin(database, ME, shared.workspace.process, "my *file*.json", 1000)
    page = open_page("history")
    page.session_state["menu-import"] = True
    page.run()
    assert not page.exception
    assert "0 conversations and 0 messages read." in "".join(caption.value for caption in page.caption)
    page.button(key="import-stop").click().run()
    status = progress.current(database, ME)
    assert status is not None
    assert (status.state, status.id) == ("stopped", running.id)
