"""All that can be translated, as a catalogue of Babel's: page texts without a context, the rest with one.

(none)          the first argument of `t`, `tn` and `_framed` in core/ui, pages and streamlit_app.py
error           whole sentences of core's errors; `{0}` stands for what is put in
error part      words that core puts into such a sentence
configuration   how a problem of the configuration ends; its place stands before it
import          what is wrong with a record of an imported file
place           where that is, or where a problem of the configuration is
note            what the provider catalogue says in words
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

from core.providers import catalog as providers
from core.providers import evidence
from core.store.portable import intake
from scripts.translation import sentences
from scripts.translation.former import FORMER
from scripts.translation.sentences import ROOT

ALIKE = re.compile(r"https://\S+|\S*\d\S*(, \S*\d\S*)*|llama-4-scout|\S+-flash(, \S+)+")  # in any language
SCREEN = ("core/ui/**/*.py", "pages/*.py", "streamlit_app.py")
KEYWORDS: Mapping[str, Any] = {"t": (1,), "tn": (1, 2), "_framed": (1,)}
# Words that stand in a sentence of core's, where its source does not show them as a sentence.
PARTS = (
    "none of {0} {1}", "not enough of {0} {1}", "{0} of {1} {2}", "not enough {0}", "none {0}", "{0} requests",
    "{0} tokens", "requests", "tokens", "input tokens", "output tokens", "this second", "this minute", "this hour",
    "today", "this month", "in all", "at once", "a second", "a minute", "a hour", "an hour", "a day", "a month",
    "{0} min", "{0} h {1} min", "you pasted", "in {0}", "its key", "a model", "its table in {0} has a fault",
)  # fmt: skip
# Found where sentences are made, but no words of a sentence by themselves.
NOT_SHOWN = {"unknown status", "not enough"}
FAULTS_OF_ROUNDS = (
    "messages follow each other in a circle",
    "names a question that is not in the file",
    "no lane of it is in the file",
    "a lane of it is not in the file",
    "an answer that a model judged is not in the file",
    "no row of it is in the file",
    "has the id of another one",
    "is of a batch that is not in the file",
    "is one too many",
    "is nested too deep",
    "has no message that can be read",
    "a library has at most {0} prompts",
    "another line-up has this name",
    "there are {0} line-ups",
    "a check is kept for a month",
)
PLACES = (
    "Conversation {0}", "message {0}", "file {0}", "lane {0}", "round {0}", "Round {0} of a comparison", "vote {0}",
    "attempt {0}", "note {0}", "question {0}", "line {0}", "{0} (environment)", ": ", ", ", "Batch {0}",
    "Batch row {0}", "answer {0}", "Prompt {0}", "Line-up {0}", "Setting {0}", "Check {0}",
)  # fmt: skip


def everything() -> Catalog:
    catalog = Catalog(charset="utf-8")
    catalog.add("English", auto_comments=["The name of this language in itself, for the list of languages."])
    for path in sorted(path for pattern in SCREEN for path in ROOT.glob(pattern)):
        for _, message, _, _ in extract_from_file(page_texts, path, keywords=KEYWORDS):
            catalog.add(message)
    for context, words in {
        "error": {*sentences.error_templates()[0], *FORMER} - {*PARTS, *NOT_SHOWN},
        "error part": PARTS,
        "configuration": sentences.rules()[0],
        "import": faults_of_records(),
        "place": PLACES,
        "note": notes(),
    }.items():
        for each in sorted(words):
            catalog.add(each, context=context)
    for entry in catalog:
        entry.flags.discard("python-format")  # "20 % or less" is none
    return catalog


def page_texts(
    file: Any, keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, Any, Any, Any]]:
    """An extraction method for Babel, which itself does not look into f-strings before Python 3.12."""
    for call in calls(ast.parse(file.read()), keywords):
        yield call.lineno, ast.unparse(call.func), tuple(words(call)), []


def calls(tree: ast.AST, keywords: Mapping[str, Any] = KEYWORDS) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            yield node


def words(call: ast.Call) -> list[str]:
    """The sentence of a call: of `tn` that of one thing and that of many."""
    return [ast.literal_eval(argument) for argument in call.args[: len(KEYWORDS[ast.unparse(call.func)])]]


def faults_of_records() -> set[str]:
    faults = {*intake.FAULTS.values(), *FAULTS_OF_ROUNDS, "is not one of {0}", "does not fit"}
    for path in ROOT.glob("core/store/portable/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ValueError":
                faults.add(sentences.template(node.args[0]) or ast.unparse(node))
    return faults


def notes() -> set[str]:
    """Everything the shipped provider catalogue says in words."""
    texts: set[str] = set()
    for provider in providers.load({}, ROOT / "core").providers.values():
        texts |= {provider.note, provider.reason, provider.privacy.note, provider.privacy.region or ""}
        texts |= {limit.note for limit in provider.limits} | {model.note for model in provider.models}
    texts |= {witness.says for fact in evidence.shipped() for witness in fact.witnesses}
    return {note for note in texts if note and not ALIKE.fullmatch(note)}
