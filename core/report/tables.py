"""The comparison as a Markdown table, as CSV and as JSON."""

from __future__ import annotations

import dataclasses
import html
import json
from collections.abc import Sequence
from itertools import groupby

from ..safety import spreadsheet
from ..safety.address import unlinked
from ..views.comparison import Comparison
from . import assessments
from .assessments import Assessment
from .columns import ENGLISH, ReportColumn, Row, Words, figures, rows

FORMAT, VERSION = "roundtable-comparison", 1
HEAD = ("turn", "prompt", "went_on_from", "kind", "column", "model", "served_model", "state", "finish", "text")


def markdown(
    run: Comparison, columns: Sequence[ReportColumn], words: Words = ENGLISH, opinions: Sequence[Assessment] = ()
) -> str:
    """A row a turn, a column a lane; below it what was said about the answers, a row each.

    What would be HTML or a picture, or end a cell, is written so that it does not.
    """
    head = ["", *(column.label for column in columns)]
    lines = [f"# {_cell(run.title or run.prompt)}", "", _line(head), _line(["---"] * len(head))]
    for _, found in groupby(rows(run, columns), key=lambda row: row.asked.number):
        parts = list(found)
        asked = parts[0].asked
        first = f"**{words.turn} {asked.number}**<br>{_cell(asked.prompt)}"
        if parts[0].follows:
            first += f"<br>({_cell(words.went_on)} {_cell(parts[0].follows)})"
        lines.append(_line([first, *(_answer(row, words) for row in parts)], raw=True))
    if opinions:
        lines += ["", _line([words.turn, "", ""]), _line(["---"] * 3)]
        lines += [_line([str(one.turn), assessments.head(one, words), _opinion(one, words)]) for one in opinions]
    return "\n".join(lines) + "\n"


def _opinion(assessment: Assessment, words: Words) -> str:
    if not assessment.marks:
        return "" if assessment.kind == "vote" else assessment.text.strip()
    return "\n".join([words.criteria, *(f"{column}: {marks}" for column, marks in assessments.lines(assessment))])


def _answer(row: Row, words: Words) -> str:
    if row.turn is None:
        return _cell(words.not_asked)
    parts = [_cell(row.text.strip())]
    if row.state != "done":
        parts.append(f"*{_cell((words.states or {}).get(row.state, row.state))}*")
    told = [row.model, row.served_model and f"{words.answered_by} {row.served_model}", *times(row)]
    if any(told):
        parts.append("<sub>" + _cell(" · ".join(filter(None, told))) + "</sub>")
    return "<br>".join(filter(None, parts))


def times(row: Row) -> list[str]:
    known = figures(row)
    first, total, wrote = known.get("first_token_ms"), known.get("total_ms"), known.get("output_tokens")
    return [
        f"{first / 1000:.2f} s → {total / 1000:.2f} s" if isinstance(first, float) and isinstance(total, float) else "",
        f"{'~' if known.get('tokens_estimated') else ''}{wrote} tok" if wrote is not None else "",
    ]


def _line(cells: Sequence[str], *, raw: bool = False) -> str:
    return "| " + " | ".join(cells if raw else map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    plain = unlinked(html.escape(text, quote=False)).replace("![", "!\\[")
    return plain.replace("|", "\\|").replace("\r", "").replace("\n", "<br>")


def table(run: Comparison, columns: Sequence[ReportColumn], opinions: Sequence[Assessment] = ()) -> str:
    """CSV: a row for each turn and column, then one for each thing said about them (`kind`).

    Cells that a spreadsheet would take for a formula get an apostrophe.
    """
    found = list(rows(run, columns))
    names = list(dict.fromkeys(name for row in found for name in figures(row)))
    names += assessments.CRITERIA if any(one.marks for one in opinions) else ()
    lines: list[tuple[object, ...]] = []
    for row in found:
        done, known = row.completion, figures(row)
        finish = done.finish.reason if done and done.finish else None
        asked = (row.asked.number, row.asked.prompt, row.follows, "answer")
        plain = (*asked, row.column.label, row.model, row.served_model, row.state, finish, row.text)
        lines.append((*plain, *(known.get(name) for name in names)))
    prompts = {asked.number: asked.prompt for asked in run.rounds}
    for one in opinions:
        for column, text, more in assessments.cells(one):
            cells = (one.turn, prompts.get(one.turn), None, one.kind, column, one.model, None, one.state, None, text)
            lines.append((*cells, *(more.get(name) for name in names)))
    return "".join(spreadsheet.lines((*HEAD, *names), lines))


def whole(run: Comparison, columns: Sequence[ReportColumn], opinions: Sequence[Assessment] = ()) -> str:
    """JSON: everything that the page shows, with its settings."""
    turns = []
    for _, found in groupby(rows(run, columns), key=lambda row: row.asked.number):
        parts = list(found)
        asked = parts[0].asked
        turns.append(
            {
                "number": asked.number,
                "asked_at": asked.asked_at.isoformat() if asked.asked_at else None,
                "prompt": asked.prompt,
                "went_on_from": parts[0].follows,
                "answers": [_as_json(row) for row in parts],
                "said": [assessments.as_json(one) for one in opinions if one.turn == asked.number],
            }
        )
    settings = {name: value for name, value in dataclasses.asdict(run.generation).items() if value not in (None, "")}
    told = {
        "format": FORMAT,
        "version": VERSION,
        "id": run.id,
        "title": run.title,
        "settings": settings,
        "columns": [
            {"column": column.label, "own_settings": dict(run.apart.get(column.lane_id, {}))} for column in columns
        ],
        "turns": turns,
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _as_json(row: Row) -> dict[str, object]:
    done = row.completion
    return {
        "column": row.column.label,
        "model": row.model,
        "served_model": row.served_model,
        "state": row.state,
        "finish": done.finish.reason if done and done.finish else None,
        "text": row.text,
        "reasoning": done.reasoning if done and row.column.figures else "",
        **figures(row),
    }
