"""The table of corrected facts in docs/catalogue.md."""

from __future__ import annotations

from pathlib import Path

from core.providers import evidence

PAGE = Path(__file__).resolve().parents[2] / "docs/catalogue.md"
HEAD = "| of | fact | was | is | source | day |\n|---|---|---|---|---|---|\n"


def table() -> str:
    """The corrections as Markdown, in the order of the file."""
    rows = [
        (
            fact.subject,
            fact.topic.replace("_", " "),
            witness.was,
            witness.says,
            witness.source,
            f"{witness.at:%Y-%m-%d}",
        )
        for fact, witness in evidence.corrections(evidence.shipped())
    ]
    return HEAD + "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)


def write() -> None:
    """Put the table into the page. Raises ValueError where the page has none."""
    before, head, _ = PAGE.read_text(encoding="utf-8").partition(HEAD)
    if not head:
        raise ValueError(f"{PAGE.name} has no such table")
    PAGE.write_text(before + table(), encoding="utf-8")
