"""Which log is opened, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

import core
from core import open_log, open_parquet
from core.log_data import LogUnavailable, frames
from core.store.opening import open_database
from tests.log_data import seeded


def test_the_apps_own_database_is_found_by_its_settings(tmp_path: Path) -> None:
    database = open_database(None, tmp_path / "elsewhere")
    seeded.ten_calls(database)
    database.close()
    environ = {"ROUNDTABLE_DATA_FOLDER": "elsewhere"}
    for options in ({"environ": environ, "folder": tmp_path}, {}):
        place = None if options else f"sqlite:///{tmp_path / 'elsewhere' / 'roundtable.db'}"
        with open_log(place, **options) as log:
            assert len(log.calls()) == 10


@pytest.mark.parametrize(
    ("place", "cause", "says"),
    [
        ("none.db", "missing", "There is no database"),
        ("garbage.db", "damaged", "damaged or no database"),
        ("postgresql://ana:hunter2secret@127.0.0.1:9/log", "unreachable", "cannot be reached"),
        ("mysql://ana:hunter2secret@127.0.0.1/log", "foreign", "only postgresql://"),
    ],
)
def test_one_sentence_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, cause: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("garbage.db").write_bytes(b"no database at all, but longer than a header of one" * 100)
    with pytest.raises(LogUnavailable, match=says) as caught:
        open_log(place)
    assert caught.value.cause == cause
    assert "hunter2secret" not in str(caught.value)
    assert not Path("none.db").exists()


def test_a_folder_that_may_not_be_written_is_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(None, tmp_path / "data")
    seeded.ten_calls(database)
    database.close()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with open_log(tmp_path / "data" / "roundtable.db") as log:
        assert len(log.calls()) == 10
    assert not list((tmp_path / "data").glob("*-shm"))


def test_a_package_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "find_spec", lambda name: None)
    for opened in (open_log, open_parquet):
        with pytest.raises(LogUnavailable, match=r"which is not installed: pip install \"\.\[log\]\" in the project"):
            opened(tmp_path)


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"columns": ["model"]}, "has no column 'model'; it has id, started_at"),
        ({"columns": []}, "at least one"),
        ({"columns": ["id", "id"]}, "once"),
        ({"since": "yesterday"}, "since is not a time such as"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "is after until"),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, choice: dict[str, object], says: str) -> None:
    open_database(None, tmp_path).close()
    with open_log(tmp_path / "roundtable.db") as log, pytest.raises(ValueError, match=says):
        log.calls(**choice)  # type: ignore[arg-type]
    with open_log(tmp_path / "roundtable.db") as log, pytest.raises(ValueError, match="no frame 'people'"):
        log.portions("people")  # type: ignore[arg-type]


def test_the_names_are_handed_on() -> None:
    assert {"open_log", "open_parquet"} <= set(core.__all__)
