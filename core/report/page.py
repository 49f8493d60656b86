"""The comparison as one self-contained HTML page: no script, no request, whatever a model wrote.

Every text is escaped and shown as text: fenced code in blocks of its own, the rest as it was written. A policy in the
page also forbids scripts and requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from ..views.comparison import Comparison
from . import assessments
from .assessments import Assessment
from .columns import ENGLISH, ReportColumn, Row, Words, rows
from .tables import times

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n`]*$")
STYLE = """
:root { color-scheme: light dark; --page: light-dark(#fff, #12161c); --quiet: light-dark(#f1f4f8, #1d232c);
  --line: light-dark(#e1e5eb, #2c343f); --dim: light-dark(#5b6472, #a3acb9); }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem; background: var(--page); color: light-dark(#1b2430, #e4e8ee);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; color: var(--dim); }
h3 { font-size: 1rem; margin: 0 0 .4rem; }
.prompt { background: var(--quiet); border-radius: .6rem; padding: .6rem .9rem; }
.text, .prompt { white-space: pre-wrap; overflow-wrap: anywhere; }
.lanes { display: flex; gap: 1rem; overflow-x: auto; margin-top: .8rem; align-items: stretch; }
.said { border-left: 3px solid var(--line); padding: .2rem 1rem; margin-top: 1rem; max-width: 60rem; }
.said h3 { margin: .3rem 0; }
.lane { flex: 1 0 320px; max-width: 60rem; border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
pre { background: var(--quiet); border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto; font-size: .87rem; }
.dim { color: var(--dim); font-size: .85rem; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) { body { padding: 1rem; } .lanes { flex-direction: column; } .lane { flex: none; } }
@media print { .lanes { display: block; } .lane { margin-bottom: 1rem; break-inside: avoid; } }
"""


def page(
    run: Comparison,
    columns: Sequence[ReportColumn],
    words: Words = ENGLISH,
    language: str = "en",
    opinions: Sequence[Assessment] = (),
) -> str:
    """The whole page. `language` is that of `words`."""
    title = escape(run.title or run.prompt[:80] or "Roundtable")
    parts = [
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>",
    ]
    if run.generation.system.strip():
        parts.append(f'<p class="dim text">{escape(run.generation.system)}</p>')
    for _, round_rows in groupby(rows(run, columns), key=lambda row: row.prompt_round.number):
        parts += _turn(list(round_rows), words, opinions)
    return "\n".join([*parts, "</body>\n</html>\n"])


def _turn(round_rows: list[Row], words: Words, opinions: Sequence[Assessment]) -> Iterator[str]:
    prompt_round = round_rows[0].prompt_round
    yield f"<section>\n<h2>{escape(words.turn)} {prompt_round.number}</h2>"
    yield f'<div class="prompt">{escape(prompt_round.prompt)}</div>'
    if round_rows[0].follows:
        yield f'<p class="dim">{escape(words.went_on)} {escape(round_rows[0].follows)}</p>'
    yield '<div class="lanes">'
    for row in round_rows:
        yield from _lane(row, words)
    yield "</div>"
    for opinion in opinions:
        if opinion.turn == prompt_round.number:
            yield from _opinion(opinion, words)
    yield "</section>"


def _opinion(assessment: Assessment, words: Words) -> Iterator[str]:
    """A vote in one line, a judge's marks column by column, a merged answer like a lane."""
    yield f'<article class="said">\n<h3>{escape(assessments.head(assessment, words))}</h3>'
    if assessment.marks:
        yield f'<p class="dim">{escape(words.criteria)}</p>'
        for column, marks in assessments.lines(assessment):
            yield f'<div class="text"><b>{escape(column)}</b> {escape(marks)}</div>'
    elif assessment.kind != "vote":
        yield from _blocks(assessment.text)
    yield "</article>"


def _lane(row: Row, words: Words) -> Iterator[str]:
    yield f'<article class="lane">\n<h3>{escape(row.column.label)}</h3>'
    if row.turn is None:
        yield f'<p class="dim">{escape(words.not_asked)}</p>'
    yield from _blocks(row.text)
    if row.turn and row.state != "done":
        yield f'<p class="dim">{escape((words.states or {}).get(row.state, row.state))}</p>'
    served = row.served_model and f"{words.answered_by} {row.served_model}"
    facts = " · ".join(filter(None, [row.model, served, *times(row)]))
    if facts:
        yield f'<p class="dim">{escape(facts)}</p>'
    yield "</article>"


def _blocks(text: str) -> Iterator[str]:
    """Fenced code and the text between, each escaped."""
    lines: list[str] = []
    fence = ""
    for line in text.strip().split("\n"):
        mark = FENCE.match(line)
        closes = fence and mark and mark[1].startswith(fence) and line.strip() == mark[1]
        if closes or (mark and not fence):
            yield from _block(lines, code=bool(fence))
            lines, fence = [], "" if closes or not mark else mark[1]
        else:
            lines.append(line)
    yield from _block(lines, code=bool(fence))


def _block(lines: list[str], *, code: bool) -> Iterator[str]:
    body = "\n".join(lines).strip("\n")
    if body and code:
        yield f"<pre><code>{escape(body)}</code></pre>"
    elif body.strip():
        yield f'<div class="text">{escape(body)}</div>'
