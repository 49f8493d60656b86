"""docs/log.md lists the columns that there are, and what it shows runs: the script, and the notebook in a kernel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from core.log_data.columns import FRAMES, markdown
from core.log_data.database import DatabaseLog

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "log.md"
NOTEBOOK, SCRIPT = (ROOT / "docs" / "examples" / name for name in ("log.ipynb", "log_pandas.py"))
TABLES = re.compile(r"(?<=<!-- columns -->\n).*?(?=<!-- end of columns -->)", re.DOTALL)


def written(page: str) -> str:
    """The page with the columns of today."""
    tables = "\n".join(f"\n### {frame}\n\n{markdown(frame)}\n" for frame in FRAMES)
    return TABLES.sub(lambda _: f"{tables}\n", page)


def test_the_tables_of_columns_are_those_of_the_code() -> None:
    """`python -m tests.log_data.test_docs` writes them."""
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page


@pytest.fixture
def environ(log: DatabaseLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """That of a process which reads the filled log as the app's own and reaches nothing outside."""
    report = tmp_path / "outside"
    variables = {"ROUNDTABLE_DATA_FOLDER": str(tmp_path / "data"), "OUTSIDE_REPORT": str(report)}
    variables |= {"PYTHONPATH": os.pathsep.join(map(str, (ROOT / "tests" / "guard", ROOT))), "TMPDIR": str(tmp_path)}
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))
    return {**os.environ, **variables}


def test_the_notebook_runs(environ: dict[str, str], tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # of nobody's log
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=where).execute(env=environ)
    outputs = [cell.outputs[-1] for cell in notebook.cells if cell.get("outputs")]
    texts = [str(output.get("data", {}).get("text/plain", "")) for output in outputs]
    assert any("sim/steady" in text and "won" in text for text in texts)
    assert "{'calls': 14, 'messages': 4, 'votes': 2, 'quota': 4}" in texts
    assert any("median_ms" in text and "100.5" in text for text in texts)
    assert not (tmp_path / "outside").exists()


def test_the_script_runs(environ: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(SCRIPT)]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^sim/quick +\d+ +100\.5 +100\.5 ", done.stdout, re.MULTILINE)
    assert re.search(r"^(ab){32} +12$", done.stdout, re.MULTILINE)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
