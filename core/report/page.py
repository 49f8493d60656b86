"""The comparison as one self-contained HTML page: no script, no request, whatever a model wrote.

Answers are drawn as on the page (`answer_html`), what a person typed as it was typed. A policy in the page also forbids
scripts, requests and forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from ..views.comparison import Comparison
from . import assessments
from . import files as report_files
from .answer_html import AnswerDrawer, in_a_form, repeated
from .assessments import Assessment
from .columns import ENGLISH, ReportColumn, Row, Words, rows
from .files import NO_FILES, ReportFiles
from .tables import times

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light dark; --page: light-dark(#fff, #12161c); --quiet: light-dark(#f1f4f8, #1d232c);
  --line: light-dark(#e1e5eb, #2c343f); --dim: light-dark(#5b6472, #a3acb9); }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem; overflow-wrap: anywhere; background: var(--page);
  color: light-dark(#1b2430, #e4e8ee); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; color: var(--dim); }
h3 { font-size: 1rem; margin: 0 0 .4rem; } :is(h4, h5, h6) { font-size: 1rem; margin: 1.1rem 0 .3rem; }
a { color: light-dark(#1f5aa6, #8db9ee); }
:is(em, cite) { font-synthesis-style: none; } :lang(zh) em { font-style: normal; font-weight: 600; }
.answer > :first-child { margin-top: 0; } .answer > :last-child { margin-bottom: 0; }
:is(ul, ol) { padding-inline: 1.5rem 0; } li > p { margin: .2rem 0; }
blockquote { border-inline-start: 3px solid var(--line); margin: .8rem 0; padding-inline-start: .9rem;
  color: var(--dim); }
hr { border: 0; border-top: 1px solid var(--line); }
.table { overflow-x: auto; } table { border-collapse: collapse; font-size: .94rem; font-variant-numeric: tabular-nums; }
:is(th, td) { border: 1px solid var(--line); padding: .3rem .6rem; text-align: start; vertical-align: top;
  overflow-wrap: break-word; }
th { background: var(--quiet); } .center { text-align: center; } .right { text-align: right; }
.prompt { background: var(--quiet); border-radius: .6rem; padding: .6rem .9rem; }
img { display: block; max-width: 100%; max-height: 30rem; border-radius: .4rem; margin: .6rem 0; }
.answer details { margin: .5rem 0; } summary { width: fit-content; cursor: pointer; }
.picture summary { display: block; cursor: zoom-in; } .picture[open] summary { cursor: zoom-out; }
.picture img { max-height: 9rem; } .picture[open] img { max-height: none; }
.document pre { max-height: 30rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere;
  unicode-bidi: plaintext; }
.text, .prompt { white-space: pre-wrap; unicode-bidi: plaintext; text-align: start; }
pre { direction: ltr; text-align: left; }
.lanes { display: flex; gap: 1rem; overflow-x: auto; margin-top: .8rem; align-items: stretch; }
.said { border-left: 3px solid var(--line); padding: .2rem 1rem; margin-top: 1rem; max-width: 60rem; }
.said h3 { margin: .3rem 0; }
.lane { flex: 1 0 320px; min-width: 0; max-width: 60rem;
  border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
:is(pre, code, .formula) { font-family: ui-monospace, monospace; font-size: .87rem; }
:not(pre) > code { background: var(--quiet); border-radius: .25rem; padding: .1rem .3rem; }
pre { background: var(--quiet); border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto; overflow-wrap: normal; }
pre code { font-size: inherit; }
.mark { vertical-align: super; font-size: .7em; line-height: 0; }
:is(.mark, .back) { text-decoration: none; padding: 0 .15em; }
:target { background: var(--quiet); border-radius: .3rem; scroll-margin-block: 30vh; }
figure { margin: .8rem 0; }
.sheet { overflow-x: auto; background: #fff; border: 1px solid var(--line); border-radius: .4rem; padding: .8rem; }
.sheet img { max-height: none; height: auto; margin: 0 auto; }
.repeated { max-width: 100%; margin: 0 auto; background: center / 100% 100% no-repeat; print-color-adjust: exact; }
.answer details { margin: .3rem 0 .8rem; font-size: .9rem; }
.answer :is(summary, .long label) { color: var(--dim); cursor: pointer; }
.long { display: flex; flex-direction: column-reverse; margin: .8rem 0; font-size: .9rem; }
.long pre { margin: 0 0 .3rem; }
@supports selector(:has(*)) { .long:not(:has(:checked)) pre { max-height: 34rem; overflow: hidden; } }
.dim { color: var(--dim); font-size: .85rem; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) { body { padding: 1rem; } .lanes { flex-direction: column; } .lane { flex: none; } }
@media print {
  :root { color-scheme: light; } body { padding: 0; font-size: 11pt; }
  .lanes { display: block; } .lane { margin-bottom: 1rem; max-width: none; }
  .long pre { max-height: none !important; } .answer :is(.long label, details:not([open])) { display: none; }
  .sheet { border: 0; padding: 0; overflow: visible; }
  :is(.sheet img, .repeated) { min-width: 0 !important; max-height: 16cm; } .repeated { background-size: contain; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; } .table { overflow: visible; }
  :is(h2, h3, h4, h5, h6) { break-after: avoid; } :is(tr, blockquote, figure) { break-inside: avoid; }
  a:not(.address, .mark, .back)::after { content: " (" attr(href) ")"; font-size: .8em; overflow-wrap: anywhere; }
}
"""


def page(
    run: Comparison,
    columns: Sequence[ReportColumn],
    words: Words = ENGLISH,
    language: str = "en",
    opinions: Sequence[Assessment] = (),
    files: ReportFiles = NO_FILES,
) -> str:
    """The whole page. `language` is that of `words`."""
    table = list(rows(run, columns))
    texts = [in_a_form(row.completion) for row in table] + [opinion.text for opinion in opinions]
    drawer = AnswerDrawer(words, files.diagrams, repeated(texts) if files.diagrams else ())
    title = escape(run.title or run.prompt[:80] or "Roundtable")
    parts = [
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>\n<style>{STYLE}{drawer.style()}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>",
    ]
    if run.generation.system.strip():
        parts.append(f'<p class="dim text">{escape(run.generation.system)}</p>')
    for _, round_rows in groupby(table, key=lambda row: row.prompt_round.number):
        parts += _turn(list(round_rows), drawer, opinions, files)
    return "\n".join([*parts, "</main>\n</body>\n</html>\n"])


def _turn(
    round_rows: list[Row], drawer: AnswerDrawer, opinions: Sequence[Assessment], files: ReportFiles
) -> Iterator[str]:
    words = drawer.words
    prompt_round = round_rows[0].prompt_round
    yield f"<section>\n<h2>{escape(words.turn)} {prompt_round.number}</h2>"
    yield f'<div class="prompt">{escape(prompt_round.prompt)}</div>'
    yield from report_files.html(files.of_question(round_rows), files.data_of, words, small=True)
    if round_rows[0].follows:
        yield f'<p class="dim">{escape(words.went_on)} {escape(round_rows[0].follows)}</p>'
    yield '<div class="lanes">'
    for place, row in enumerate(round_rows):
        yield from _lane(row, drawer, files, f"{prompt_round.number}-{place}")
    yield "</div>"
    for place, opinion in enumerate(opinions):
        if opinion.turn == prompt_round.number:
            yield from _opinion(opinion, drawer, f"said-{place}")
    yield "</section>"


def _opinion(assessment: Assessment, drawer: AnswerDrawer, name: str) -> Iterator[str]:
    """A vote in one line, a judge's marks column by column, a merged answer like a lane."""
    words = drawer.words
    yield f'<article class="said">\n<h3>{escape(assessments.head(assessment, words))}</h3>'
    if assessment.marks:
        yield f'<p class="dim">{escape(words.criteria)}</p>'
        for column, marks in assessments.lines(assessment):
            yield f'<div class="text"><b>{escape(column)}</b> {escape(marks)}</div>'
    elif assessment.kind != "vote":
        yield from _answer(drawer, assessment.text, name)
    yield "</article>"


def _lane(row: Row, drawer: AnswerDrawer, files: ReportFiles, name: str) -> Iterator[str]:
    words = drawer.words
    yield f'<article class="lane">\n<h3>{escape(row.column.label)}</h3>'
    if row.turn is None:
        yield f'<p class="dim">{escape(words.not_asked)}</p>'
    yield from _answer(drawer, in_a_form(row.completion), name)
    yield from report_files.html(report_files.of_answer(row), files.data_of, words)
    if row.turn and row.state != "done":
        yield f'<p class="dim">{escape((words.states or {}).get(row.state, row.state))}</p>'
    served = row.served_model and f"{words.answered_by} {row.served_model}"
    facts = " · ".join(filter(None, [row.model, served, *times(row)]))
    if facts:
        yield f'<p class="dim">{escape(facts)}</p>'
    yield "</article>"


def _answer(drawer: AnswerDrawer, text: str, name: str) -> Iterator[str]:
    if text.strip():
        yield f'<div class="answer">\n{drawer.html(text, name)}</div>'
