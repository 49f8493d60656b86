"""docs/log.md lists the columns that there are, and what it shows runs: the script, and the notebook in a kernel."""

from __future__ import annotations

import re
from pathlib import Path

from core.log_data.columns import FRAMES, markdown

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "log.md"
TABLES = re.compile(r"(?<=<!-- columns -->\n).*?(?=<!-- end of columns -->)", re.DOTALL)


def written(page: str) -> str:
    """The page with the columns of today."""
    tables = "\n".join(f"\n### {frame}\n\n{markdown(frame)}\n" for frame in FRAMES)
    return TABLES.sub(lambda _: f"{tables}\n", page)


def test_the_tables_of_columns_are_those_of_the_code() -> None:
    """`python -m tests.log_data.test_docs` writes them."""
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
