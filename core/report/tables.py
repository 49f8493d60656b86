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
from . import files as report_files
from .assessments import Assessment
from .columns import ENGLISH, ReportColumn, Row, Words, figures, rows
from .files import NO_FILES, ReportFiles

FORMAT, VERSION = "roundtable-comparison", 1
HEAD = ("turn", "prompt", "went_on_from", "kind", "column", "model", "served_model", "state", "finish", "text")


def markdown(
    run: Comparison, columns: Sequence[ReportColumn], words: Words = ENGLISH, opinions: Sequence[Assessment] = ()
) -> str:
    """One row per turn, one column per lane; below, one row per assessment.

    HTML, pictures and the ends of cells inside texts are escaped.
    """
    head = ["", *(column.label for column in columns)]
    lines = [f"# {_cell(run.title or run.prompt)}", "", _line(head), _line(["---"] * len(head))]
    for _, group in groupby(rows(run, columns), key=lambda row: row.prompt_round.number):
        parts = list(group)
        prompt_round = parts[0].prompt_round
        first = f"**{words.turn} {prompt_round.number}**<br>{_cell(prompt_round.prompt)}"
        if files := NO_FILES.of_question(parts):
            first += f"<br>{_cell(report_files.named(files, words))}"
        if parts[0].follows:
            first += f"<br>({_cell(words.went_on)} {_cell(parts[0].follows)})"
        lines.append(_line([first, *(_answer(row, words) for row in parts)], raw=True))
    if opinions:
        lines += ["", _line([words.turn, "", ""]), _line(["---"] * 3)]
        lines += [
            _line([str(opinion.turn), assessments.head(opinion, words), _opinion(opinion, words)])
            for opinion in opinions
        ]
    return "\n".join(lines) + "\n"


def _opinion(assessment: Assessment, words: Words) -> str:
    if not assessment.marks:
        return "" if assessment.kind == "vote" else assessment.text.strip()
    return "\n".join([words.criteria, *(f"{column}: {marks}" for column, marks in assessments.lines(assessment))])


def _answer(row: Row, words: Words) -> str:
    if row.turn is None:
        return _cell(words.not_asked)
    parts = [_cell(row.text.strip()), _cell(report_files.named(report_files.of_answer(row), words))]
    if row.state != "done":
        parts.append(f"*{_cell((words.states or {}).get(row.state, row.state))}*")
    facts = [row.model, row.served_model and f"{words.answered_by} {row.served_model}", *times(row)]
    if any(facts):
        parts.append("<sub>" + _cell(" · ".join(filter(None, facts))) + "</sub>")
    return "<br>".join(filter(None, parts))


def times(row: Row) -> list[str]:
    values = figures(row)
    first, total, wrote = values.get("first_token_ms"), values.get("total_ms"), values.get("output_tokens")
    return [
        f"{first / 1000:.2f} s → {total / 1000:.2f} s" if isinstance(first, float) and isinstance(total, float) else "",
        f"{'~' if values.get('tokens_estimated') else ''}{wrote} tok" if wrote is not None else "",
    ]


def _line(cells: Sequence[str], *, raw: bool = False) -> str:
    return "| " + " | ".join(cells if raw else map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    plain = unlinked(html.escape(text, quote=False)).replace("![", "!\\[")
    return plain.replace("|", "\\|").replace("\r", "").replace("\n", "<br>")


def table(run: Comparison, columns: Sequence[ReportColumn], opinions: Sequence[Assessment] = ()) -> str:
    """CSV: a row for each turn and column, then one for each assessment (`kind`).

    Cells that a spreadsheet would take for a formula get an apostrophe.
    """
    all_rows = list(rows(run, columns))
    names = list(dict.fromkeys(name for row in all_rows for name in figures(row)))
    names += assessments.CRITERIA if any(opinion.marks for opinion in opinions) else ()
    lines: list[tuple[object, ...]] = []
    files_of = {
        number: report_files.named(NO_FILES.of_question(list(group)), ENGLISH)
        for number, group in groupby(all_rows, key=lambda row: row.prompt_round.number)
    }
    if any(files_of.values()):
        names.append("files")
    if any(map(report_files.of_answer, all_rows)):
        names.append("pictures")
    for row in all_rows:
        more_names = {
            "files": files_of.get(row.prompt_round.number),
            "pictures": report_files.named(report_files.of_answer(row), ENGLISH),
        }
        done, values = row.completion, {**figures(row), **more_names}
        finish = done.finish.reason if done and done.finish else None
        prompt_round = (row.prompt_round.number, row.prompt_round.prompt, row.follows, "answer")
        plain = (*prompt_round, row.column.label, row.model, row.served_model, row.state, finish, row.text)
        lines.append((*plain, *(values.get(name) for name in names)))
    prompts = {prompt_round.number: prompt_round.prompt for prompt_round in run.rounds}
    for opinion in opinions:
        for column, text, more in assessments.cells(opinion):
            cells = (
                opinion.turn,
                prompts.get(opinion.turn),
                None,
                opinion.kind,
                column,
                opinion.model,
                None,
                opinion.state,
                None,
                text,
            )
            lines.append((*cells, *(more.get(name) for name in names)))
    return "".join(spreadsheet.lines((*HEAD, *names), lines))


def whole(
    run: Comparison,
    columns: Sequence[ReportColumn],
    opinions: Sequence[Assessment] = (),
    files: ReportFiles = NO_FILES,
) -> str:
    """JSON: everything that the page shows, with its settings, and what was read of documents."""
    turns = []
    for _, group in groupby(rows(run, columns), key=lambda row: row.prompt_round.number):
        parts = list(group)
        prompt_round = parts[0].prompt_round
        turns.append(
            {
                "number": prompt_round.number,
                "asked_at": prompt_round.asked_at.isoformat() if prompt_round.asked_at else None,
                "prompt": prompt_round.prompt,
                **({"files": report_files.as_json(held)} if (held := files.of_question(parts)) else {}),
                "went_on_from": parts[0].follows,
                "answers": [_as_json(row) for row in parts],
                "said": [assessments.as_json(opinion) for opinion in opinions if opinion.turn == prompt_round.number],
            }
        )
    settings = {name: value for name, value in dataclasses.asdict(run.generation).items() if value not in (None, "")}
    document = {
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
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_json(row: Row) -> dict[str, object]:
    done = row.completion
    return {
        "column": row.column.label,
        "model": row.model,
        "served_model": row.served_model,
        "state": row.state,
        "finish": done.finish.reason if done and done.finish else None,
        "text": row.text,
        **({"pictures": report_files.as_json(made)} if (made := report_files.of_answer(row)) else {}),
        "reasoning": done.reasoning if done and row.column.figures else "",
        **figures(row),
    }
