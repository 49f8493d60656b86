"""`roundtable ask`: one model's answer as it comes, or several side by side."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .. import build
from ..encodings import decode
from ..errors import BlockedInput
from ..local_files import read_file
from ..records import AskedEffort, ChatRequest, Completion, Delta, Message, Part, ResponseFormat, Text
from ..safety.characters import cleaned
from . import shapes
from .form import problems as form_problems

if TYPE_CHECKING:
    from ..engine import Engine

KEYS = "Keys come from the environment or from .env in the current folder; sim/quick needs none."
HELP = "ask one model, or several side by side"
DESCRIPTION = (
    "Ask a question and print the answer as it comes. With -m more than once, print the answers side by side. "
    f"What is piped in is the question, or follows the one that is given. {KEYS}"
)
MOST_MODELS = 8
EFFORT_LEVELS = ("none", "low", "medium", "high")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="*", help="the question; - or nothing reads it from standard input")
    parser.add_argument(
        "-m", "--model", action="append", default=[], metavar="ID", help="provider/model or auto; may be repeated"
    )
    parser.add_argument("-s", "--system", metavar="TEXT", help="system prompt")
    parser.add_argument("-t", "--temperature", type=float, metavar="N")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="the longest answer")
    parser.add_argument(
        "-f",
        "--file",
        action="append",
        default=[],
        metavar="PATH",
        help="a picture, document or sound; may be repeated",
    )
    parser.add_argument("--pages", default="", metavar="RANGE", help="only these pages of the document, as in 3-7,9")
    parser.add_argument(
        "--effort",
        type=effort,
        metavar="LEVEL",
        help="how hard to think: none, low, medium, high or tokens",
    )
    parser.add_argument(
        "--schema", metavar="PATH", help="answer as JSON that fits the JSON schema in this file; json: any JSON object"
    )
    parser.add_argument(
        "--mask",
        action="store_true",
        help="send placeholders instead of keys, passwords and personal data; the answer has the words again",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, one line a model")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print time, tokens and price after an answer, on standard error"
    )


def run(options: argparse.Namespace) -> int:
    question = read_question([argument_text(word) for word in options.question])
    if not question.strip() and not options.file:
        return complain('Nothing is asked: write roundtable ask "your question", or pipe one in.')
    if len(options.model) > MOST_MODELS:
        return complain(f"At most {MOST_MODELS} models can be asked at once.")
    if options.pages and len(options.file) != 1:
        return complain("--pages needs exactly one --file.")
    try:
        files = [read_file(path, pages=options.pages) for path in options.file]
        form = response_format(options.schema) if options.schema else None
    except OSError as error:
        return complain(f"{error.filename}: {error.strerror}.")
    parts = [Text(question), *files] if question.strip() else files
    requests = [request(options, parts, form, model_id) for model_id in options.model or [None]]
    engine = build()
    for problem in engine.settings.problems + engine.catalog.problems:
        print(problem, file=sys.stderr)
    shown = show_one(engine, requests[0], options) if len(requests) == 1 else show_all(engine, requests, options)
    answers = asyncio.run(shown)
    broken = [answer for answer in answers if answer and tell_problems(answer)]
    return 1 if broken or any(answer is None or answer.error for answer in answers) else 0


def tell_problems(answer: Completion) -> bool:
    """Print to standard error where an answer breaks its form; whether it does."""
    problems = form_problems(answer)
    if problems:
        print(f"The answer of {answer.model_id} breaks its form: {'; '.join(problems)}.", file=sys.stderr)
    return bool(problems)


def complain(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def read_question(words: Sequence[str]) -> str:
    """The words, then what is piped or redirected in. A terminal is read only when there are no words."""
    argument = " ".join(word for word in words if word != "-")
    wanted = not argument or "-" in words
    if not wanted and not is_redirected():
        return argument
    if sys.stdin.isatty():
        print("Write the question, then press Ctrl-D.", file=sys.stderr)
    piped = decode(sys.stdin.buffer.read()).text.strip()
    return "\n\n".join(filter(None, (argument, piped)))


def is_redirected() -> bool:
    """Whether standard input is a pipe or a file; not the closed or null input of a service or a scheduler."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def argument_text(word: str) -> str:
    """A command-line word as UTF-8; Python decodes arguments by the locale."""
    return os.fsencode(word).decode("utf-8", "replace")


def effort(word: str) -> AskedEffort:
    """A level, or a budget in tokens. Raises ValueError."""
    if word in EFFORT_LEVELS:
        return cast("AskedEffort", word)
    if not word.isdecimal():
        raise ValueError
    return int(word)


def response_format(path: str) -> ResponseFormat:
    """Any JSON, or that of the schema in the file. Raises BlockedInput for a file that holds none, and OSError."""
    if path == "json":
        return ResponseFormat("json")
    schema = ResponseFormat("schema", decode(Path(path).read_bytes()).text)
    try:
        schema.schema  # noqa: B018
    except ValueError as error:
        raise BlockedInput(f"{path} is no JSON schema: {error}.", param="response_format") from None
    return schema


def request(
    options: argparse.Namespace, parts: Sequence[Part], form: ResponseFormat | None, model_id: str | None
) -> ChatRequest:
    messages = [Message("user", parts)]
    if options.system:
        messages.insert(0, Message("system", argument_text(options.system)))
    return ChatRequest(
        messages,
        model_id,
        temperature=options.temperature,
        max_output_tokens=options.max_tokens,
        effort=options.effort,
        response_format=form,
        secrets="mask" if options.mask else None,
        personal="mask_all" if options.mask else None,
    )


async def show_one(engine: Engine, request: ChatRequest, options: argparse.Namespace) -> list[Completion | None]:
    """Print the answer while it comes."""
    line = printed = ""
    answer: Completion | None = None
    try:
        async for event in engine.stream(request):
            if isinstance(event, Completion):
                answer = event
            elif isinstance(event, Delta) and not options.json:
                line += event.text
                shown, _ = cleaned(line)
                print(shown[len(printed) :], end="", flush=True)
                printed = shown
                if line.endswith("\n"):
                    line = printed = ""
    finally:
        if printed and not printed.endswith("\n"):
            print(flush=True)
    assert answer
    if options.json:
        print(shapes.as_json(request.model_id, answer))
    tell(answer, options.verbose)
    return [answer]


def tell(answer: Completion, verbose: bool) -> None:
    """Print to standard error: the error, or why the answer ended early; with `verbose` also the figures."""
    if answer.error:
        print(answer.error.message, file=sys.stderr)
        if answer.error.code == "secrets":
            print("--mask sends it with placeholders.", file=sys.stderr)
    elif why := shapes.ended_early(answer):
        print(why, file=sys.stderr)
    if any(note.kind == "another_model" for note in answer.notes):
        print(f"Another model than {answer.model_id} answered: {answer.answered_by}.", file=sys.stderr)
    for sentence in shapes.noted(answer):
        print(sentence, file=sys.stderr)
    if verbose:
        print(f"{answer.model_id} · {shapes.figures(answer)}", file=sys.stderr)


async def show_all(
    engine: Engine, requests: Sequence[ChatRequest], options: argparse.Namespace
) -> list[Completion | None]:
    """Print the answers when all are complete, or what has arrived when Ctrl-C ends it."""
    texts = [""] * len(requests)
    answers: list[Completion | None] = [None] * len(requests)
    waiting = sys.stderr.isatty()
    try:
        async for index, event in engine.compare(requests):
            if isinstance(event, Delta):
                texts[index] += event.text
            elif isinstance(event, Completion):
                answers[index] = event
                texts[index] = event.text
                if waiting:
                    print(f"{event.model_id} · {shapes.figures(event)}", file=sys.stderr)
    finally:
        names = [request.model_id or "" for request in requests]
        if options.json:
            for name, answer in zip(names, answers, strict=True):
                if answer:
                    print(shapes.as_json(name, answer))
        else:
            columns = [shapes.AnswerColumn(*parts) for parts in zip(names, texts, answers, strict=True)]
            print(shapes.side_by_side(columns, shutil.get_terminal_size().columns))
            for name, answer in zip(names, answers, strict=True):
                for sentence in shapes.noted(answer) if answer else ():
                    print(f"{name}: {sentence}", file=sys.stderr)
    return answers
