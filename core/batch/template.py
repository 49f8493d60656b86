"""A prompt of the library for every row of a table: columns with the names of its variables fill it in.

A variable without a column takes its default. One that has neither takes the prompts' column, if it is the only one.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..views.prompts import LibraryPrompt, variables
from .table import BadTable, Table


def columns_of(prompt: LibraryPrompt, table: Table, prompt_column: str) -> Mapping[str, str]:
    """The column that fills each variable of the text, those with only a default left out. BadTable for a variable that
    nothing fills."""
    by_name = {_folded(column): column for column in table.columns}
    names = variables(prompt.text)
    chosen = {name: by_name[_folded(name)] for name in names if _folded(name) in by_name}
    open_names = [name for name in names if name not in chosen and not prompt.defaults.get(name)]
    if len(open_names) == 1 and prompt_column not in chosen.values():
        return {**chosen, open_names[0]: prompt_column}
    if open_names:
        raise BadTable("no_column", 0, open_names[0])
    return chosen


def prompts(
    prompt: LibraryPrompt, table: Table, prompt_column: str, expected_column: str | None, *, most_chars: int
) -> list[tuple[str, str | None]]:
    """The filled prompts with their expected answers (None where the cell is empty). BadTable for a row without a
    value, and for a prompt that gets too long."""
    chosen = {name: table.columns.index(column) for name, column in columns_of(prompt, table, prompt_column).items()}
    expected_place = table.columns.index(expected_column) if expected_column else None
    pairs = []
    for row, line in zip(table.rows, table.lines, strict=True):
        values = {name: row[place].strip() for name, place in chosen.items()}
        for name, value in values.items():
            if not value and not prompt.defaults.get(name):
                raise BadTable("no_prompt", line, table.columns[chosen[name]])
        text, _ = prompt.filled(values)
        expected = row[expected_place].strip() if expected_place is not None else ""
        if max(len(text), len(expected)) > most_chars:
            raise BadTable("long", line, f"{most_chars:,}")
        pairs.append((text, expected or None))
    return pairs


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
