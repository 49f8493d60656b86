"""An import in portions: nobody sees it before its end, it keeps nobody waiting, and a killed one leaves nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.store import BadImport, Health, Unavailable, conversations, purge, runs, search, turns
from core.store.database import Database
from core.store.imports import progress, showing, staging
from core.store.imports.load import load, load_file
from core.store.imports.tables import staged
from core.store.opening import open_database
from core.store.portable.export import export
from core.store.tables import STAGED, messages
from core.store.tables import conversations as rows
from tests.store.conftest import OWNER
from tests.store.test_faults import full_disk

DAY = "2026-01-01T00:00:00+00:00"
ROOT = Path(__file__).resolve().parents[2]
HERE = "host/1/here"


def talk(number: int, size: int = 4, **more: Any) -> dict[str, Any]:
    messages = [
        {
            "id": f"m{number}-{n}",
            "parent_id": f"m{number}-{n - 1}" if n else None,
            "role": "assistant" if n % 2 else "user",
            "text": f"Whale {number} {n}",
            "created_at": DAY,
        }
        for n in range(size)
    ]
    return {
        "id": f"c{number}",
        "title": f"T{number}",
        "created_at": DAY,
        "updated_at": DAY,
        "messages": messages,
        **more,
    }


def own_export(*talks: Any) -> bytes:
    return json.dumps({"format": "roundtable", "version": 1, "conversations": talks}).encode()


def seen(database: Database, owner: str = OWNER) -> tuple[int, int, int]:
    """What a person finds of it: entries of the list, hits of the search, conversations of an export."""
    whole = json.loads("".join(export(database, owner, "json")))["conversations"]
    return conversations.count(database, owner), len(search.find(database, owner, "whale", limit=999)), len(whole)


def in_tables(database: Database) -> tuple[int, int, int]:
    with database.read() as connection:
        return tuple(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (rows, messages, staged)
        )  # type: ignore[return-value]


class Watch:
    """A `sleep` that looks around between the portions, and may raise there."""

    def __init__(self, look: Callable[[], Any]) -> None:
        self._look = look
        self.seen: list[Any] = []

    def __call__(self, _: float) -> None:
        self.seen.append(self._look())


def test_nobody_sees_a_part_of_an_import(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "ROWS", 4)
    watch = Watch(lambda: (progress.current(database, OWNER).state, seen(database), in_tables(database)[0]))  # type: ignore[union-attr]
    done = load(database, OWNER, own_export(*(talk(n) for n in range(6))), sleep=watch)
    reading = [(counts, written) for state, counts, written in watch.seen if state == "reading"]
    assert {counts for counts, _ in reading} == {(0, 0, 0)}
    assert [written for _, written in reading] == [1, 2, 3, 4, 5, 6]
    assert seen(database) == (6, 24, 6)
    assert (done.conversations, done.messages, done.known) == (6, 24, 0)
    assert in_tables(database)[2] == 0


def test_others_write_between_the_portions(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "ROWS", 4)
    numbers: Iterator[int] = iter(range(1000))
    watch = Watch(
        lambda: turns.begin(database, "ben", turns.NewTurn(f"r{next(numbers)}", "Mine"), owner_process=HERE).saved
    )
    load(database, OWNER, own_export(*(talk(n) for n in range(6))), sleep=watch)
    assert len(watch.seen) >= 6
    assert all(watch.seen)
    assert database.spool.empty


def test_a_fault_at_the_end_of_a_file_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "ROWS", 4)
    whole = own_export(*(talk(n) for n in range(6)))
    with pytest.raises(BadImport, match="not JSON: line 1, column"):
        load(database, OWNER, whole[:-2])
    assert seen(database) == (0, 0, 0)
    purge.purge(database, database.now())
    assert in_tables(database) == (0, 0, 0)
    status = progress.current(database, OWNER)
    assert status is not None
    assert (status.state, status.runs) == ("failed", False)
    assert "not JSON" in status.why
    assert load(database, OWNER, whole).conversations == 6


def test_a_file_is_taken_again_at_once_though_its_failed_rows_are_still_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "ROWS", 4)
    whole = own_export(*(talk(n) for n in range(3)))
    with pytest.raises(BadImport):
        load(database, OWNER, whole[:-2])
    assert in_tables(database)[0] == 3
    done = load(database, OWNER, whole)
    assert (done.conversations, done.messages, seen(database)) == (3, 12, (3, 12, 3))


def test_what_is_new_of_a_conversation_is_not_seen_before_the_end(database: Database) -> None:
    load(database, OWNER, own_export(talk(1)))
    watch = Watch(lambda: (progress.current(database, OWNER).state, seen(database)))  # type: ignore[union-attr]
    done = load(database, OWNER, own_export(talk(1, 7), talk(2)), sleep=watch)
    assert {counts for state, counts in watch.seen if state == "reading"} == {(1, 4, 1)}
    assert (done.conversations, done.messages, done.known) == (1, 7, 1)
    assert seen(database) == (2, 11, 2)
    assert load(database, OWNER, own_export(talk(1, 7), talk(2))).messages == 0


def test_one_import_at_a_time_and_it_can_be_stopped(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "ROWS", 4)
    with pytest.raises(BadImport, match="Another file is being imported"):
        load(
            database,
            OWNER,
            own_export(talk(1), talk(2)),
            process=HERE,
            sleep=Watch(lambda: load(database, OWNER, own_export(talk(3)), process=HERE)),
        )
    assert seen(database) == (0, 0, 0)
    with pytest.raises(progress.ImportStopped):
        load(database, OWNER, own_export(talk(1), talk(2)), sleep=Watch(lambda: progress.stop(database, OWNER)))
    status = progress.current(database, OWNER)
    assert status is not None
    assert status.state == "stopped"
    purge.purge(database, database.now())
    assert in_tables(database) == (0, 0, 0)


def test_a_process_that_slept_beyond_its_lease_ends_its_own_import_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "ROWS", 4)
    database.lease_s = -1.0
    tidied = Watch(lambda: progress.recover(database, HERE))
    done = load(database, OWNER, own_export(*(talk(n) for n in range(3))), process=HERE, sleep=tidied)
    assert len(tidied.seen) >= 3
    assert (done.conversations, seen(database)) == (3, (3, 12, 3))


def test_what_this_process_could_not_end_it_ends_later(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable(Health("down", "unreachable"))

    database.lease_s = -1.0
    with monkeypatch.context() as patch:
        patch.setattr(progress.Import, "finish", away)
        patch.setattr(progress.Import, "give_up", away)
        with pytest.raises(BadImport):
            load(database, OWNER, own_export(talk(1)), process=HERE)
    progress.recover(database, HERE)
    status = progress.current(database, OWNER)
    assert status is not None
    assert (status.state, status.why, in_tables(database)[2]) == ("failed", progress.ENDED, 0)


def test_tidying_up_leaves_the_rows_of_the_next_import(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who saw rows of a failed import may come to drop them when another one has begun."""
    monkeypatch.setattr(staging, "ROWS", 4)
    dropped = Watch(lambda: showing.drop(database, OWNER))
    assert load(database, OWNER, own_export(*(talk(n) for n in range(3))), sleep=dropped).conversations == 3
    assert len(dropped.seen) >= 3
    assert seen(database) == (3, 12, 3)


def test_the_same_conversation_twice_in_a_file_is_one(database: Database) -> None:
    done = load(database, OWNER, own_export(talk(1), talk(2), talk(1, 6), {**talk(3), "messages": talk(1)["messages"]}))
    assert (done.conversations, done.known) == (3, 1)
    assert seen(database) == (3, 14, 3)


KILLED = """
    import json, os, signal, sys
    from pathlib import Path
    from core.store.opening import open_database
    from core.store.imports import showing, staging
    from core.store.imports.load import load_file
    staging.ROWS = showing.PORTION = 4
    left = int(sys.argv[3])
    def sleep(_):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    url = sys.argv[4] if len(sys.argv) > 4 else None
    load_file(open_database(url, Path(sys.argv[1])), "ana", Path(sys.argv[2]), sleep=sleep)
"""


@pytest.mark.parametrize("portions", [0, 5, 12, 13, 14])
def test_a_killed_import_leaves_nothing_or_is_finished(url: str | None, tmp_path: Path, portions: int) -> None:
    """Twelve portions are read; from the thirteenth on they are shown."""
    path = tmp_path / "file.json"
    path.write_bytes(own_export(*(talk(n) for n in range(12))))
    folder = tmp_path / "data"
    command = [
        sys.executable,
        "-c",
        textwrap.dedent(KILLED),
        str(folder),
        str(path),
        str(portions),
        *filter(None, [url]),
    ]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ})
    assert killed.returncode == -9, killed.stderr
    database = open_database(url, folder)
    half = in_tables(database)
    progress.recover(database, HERE)
    purge.purge(database, database.now())
    status = progress.current(database, OWNER)
    assert status is not None
    if portions < 12:
        assert half[0] == portions + 1
        assert (seen(database), in_tables(database), status.state) == ((0, 0, 0), (0, 0, 0), "failed")
        assert "import it again" in status.why
        load_file(database, OWNER, path)
    assert (seen(database), in_tables(database)) == ((12, 48, 12), (12, 48, 0))
    status = progress.current(database, OWNER)
    assert status is not None
    assert status.state == "done"
    database.close()


def test_a_comparison_may_stand_anywhere_in_a_file(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _, made = runs.create(database, OWNER, "c1", ["a/one", "b/two"], prompt="Which?")
    for lane in made:
        turns.begin(
            database,
            OWNER,
            turns.NewTurn(f"c1-{lane.position}", "Which?", conversation_id=lane.conversation_id),
            owner_process="p",
        )
    whole = json.loads("".join(export(database, OWNER, "json")))["conversations"]
    monkeypatch.setattr(staging, "ROWS", 1)
    for order in (whole, whole[::-1], [whole[1], whole[0], whole[2]]):
        owner = f"ben{order[0]['id']}"
        load(database, owner, own_export(*order))
        entry = conversations.recent(database, owner).entries[0]
        assert entry.kind == "comparison"
        assert [lane.model_id for lane in runs.get(database, owner, entry.id).lanes] == ["a/one", "b/two"]


def test_a_full_disk_is_told_and_nothing_is_seen(tmp_path: Path) -> None:
    database = open_database(None, tmp_path)
    with full_disk(database), pytest.raises(BadImport, match="The disk is full: make room"):
        load(database, OWNER, own_export(*({**talk(n), "system": "word " * 20_000} for n in range(9))))
    progress.recover(database, HERE)
    purge.purge(database, database.now())
    assert seen(database) == (0, 0, 0)
    with database.read() as connection:
        assert connection.execute(select(func.count()).where(rows.c.deleted_at == STAGED)).scalar() == 0
    database.close()


def test_a_disk_that_is_nearly_full_is_left_to_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(None, tmp_path)
    monkeypatch.setattr(progress, "LEAST_FREE_BYTES", 2**62)
    with pytest.raises(BadImport, match="The disk has less than"):
        load(database, OWNER, own_export(talk(1)))
    assert seen(database) == (0, 0, 0)
    database.close()


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_dot_", "."), data)
    return path


def test_a_zip_is_read_without_being_unpacked(database: Database, tmp_path: Path) -> None:
    node = {"id": "q", "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hi"]}}}
    first, second = ([{"id": name, "title": name, "mapping": {"q": node}}] for name in ("one", "two"))
    parts = {
        "conversations-000_dot_json": json.dumps(first).encode(),
        "conversations-001_dot_json": json.dumps(second).encode(),
    }
    path = zipped(tmp_path / "export.zip", **parts, chat_dot_html=b"<html>")
    done = load_file(database, OWNER, path)
    assert (done.source, done.conversations, done.messages) == ("chatgpt", 2, 2)


def test_a_zip_without_conversations_or_damaged_is_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BadImport, match=r"no conversations\.json"):
        load_file(database, OWNER, zipped(tmp_path / "a.zip", other_dot_txt=b"[]"))
    path = zipped(tmp_path / "b.zip", conversations_dot_json=b"[" + b" " * 100_000 + b"]")
    damaged = bytearray(path.read_bytes())
    damaged[60:90] = bytes(30)
    path.write_bytes(damaged)
    with pytest.raises(BadImport, match="The zip is damaged"):
        load_file(database, OWNER, path)
