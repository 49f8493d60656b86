"""`roundtable log`: the log as files, from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli import main
from core.store.opening import open_database
from tests.log_data import seeded


@pytest.fixture
def place(tmp_path: Path) -> str:
    database = open_database(None, tmp_path / "data")
    seeded.fill(database)
    database.close()
    return str(tmp_path / "data" / "roundtable.db")


def test_the_log_is_written_as_files(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "--from", place, "--to", str(tmp_path / "all")]) == 0
    assert capsys.readouterr().out == "calls: 14 rows\nmessages: 4 rows\nvotes: 2 rows\nquota: 4 rows\n"
    assert (tmp_path / "all" / "calls" / "2026-12.parquet").is_file()
    assert main(["log", "--from", place, "--to", str(tmp_path / "ana"), "--owner", "ana", "--csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "calls: 9 rows"
    assert "ben" not in (tmp_path / "ana" / "calls.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--from", "none.db"], 1, "There is no database"),
        (["--since", "yesterday"], 2, "since is not a time such as 2026-10-01"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], 2, "is after until"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, says: str
) -> None:
    assert main(["log", "--from", place, "--to", str(tmp_path / "out"), *words]) == code
    errors = capsys.readouterr().err
    assert says in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "out").exists()
