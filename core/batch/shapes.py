"""The shapes in which public prompt sets and evaluation tools come, as flat records with a prompt and what is expected.

A record of a known shape gains the columns `prompt` and `expected`; what it held stays beside them. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LISTS = (
    *(
        "data",
        "dataset",
        "examples",
        "example",
        "questions",
        "rows",
        "records",
        "instances",
        "items",
        "samples",
        "entries",
    ),
    *("tests", "cases", "test_cases", "prompts", "requests", "train", "test", "validation"),
)
ASKED = {"prompt", "question", "instruction", "input", "inputs", "query", "text", "user_input"}
INSIDE = (
    "row",
    "data",
    "body",
    "request",
    "params",
    "doc",
    "item",
)  # where a record of a table server or of a batch file lies
USERS = ("user", "human", "prompter")
PAIRS = ("system", "user", "human", "assistant")
SPEAKERS = re.compile(r"(?:^|\n\n)(Human|Assistant): ")
LETTERED = re.compile(r"\s*\([A-H]\)\s*")  # (A) before a choice
NUMBERED = ("option", "choice", "sol", "ending", "answer option")
BOXED = re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}")
ANSWERERS = ("assistant", "gpt", "model", "bot", "chatgpt", "chatbot", "ai")


def records(value: Any) -> list[Any] | None:
    """The records of a whole JSON document: a list, or the list that an object holds; None: it holds none."""
    if isinstance(value, list):
        return _with_names(value)
    if not isinstance(value, dict):
        return None
    if (keyed := _keyed(value)) is not None:
        return keyed
    if isinstance(articles := value.get("data"), list) and (asked := list(_of_articles(articles))):
        return asked
    if (columns := _columns(value)) is not None:
        return columns
    for name in LISTS:
        if isinstance(held := value.get(name), list | dict) and (found := records(held)) is not None:
            return found
    return None


def _keyed(value: Record) -> list[Any] | None:
    """Records by their names, or answers by their questions."""
    held = list(value.values())
    if len(held) > 1 and all(isinstance(record, dict) and ASKED & {*map(str.casefold, record)} for record in held):
        return held
    if len(held) > 1 and all(
        isinstance(answer, str) and asked.strip().endswith(("?", "？")) for asked, answer in value.items()
    ):
        return [{"prompt": asked, "expected": answer} for asked, answer in value.items()]
    return None


def _of_articles(articles: Sequence[Any]) -> Iterator[Record]:
    """SQuAD's own file: articles of paragraphs, each with its questions."""
    for article in articles:
        for paragraph in article.get("paragraphs") or () if isinstance(article, dict) else ():
            for asked in paragraph.get("qas") or ():
                yield {"context": paragraph.get("context", ""), **asked}


def _with_names(rows: list[Any]) -> list[Any]:
    """Rows that are lists become records; the first may name the columns, else they are prompt and expected answer."""
    if not rows or not all(isinstance(row, list) and row and all(map(_is_cell, row)) for row in rows):
        return rows
    names = [str(cell).strip().casefold() for cell in rows[0]]
    has_names = bool(ASKED & set(names))
    names = [str(cell) for cell in rows[0]] if has_names else ["prompt", "expected"]
    return [dict(zip(names, row, strict=False)) for row in (rows[1:] if has_names else rows)]


def _columns(value: Record) -> list[Any] | None:
    """The records of a table that is written column by column, as lists or as objects by number."""
    if not ASKED & {name.casefold() for name in value}:
        return None
    held = [list(column.values()) if isinstance(column, dict) else column for column in value.values()]
    if len(held) < 2 or not all(isinstance(column, list) for column in held):
        return None
    asked = next(column for name, column in zip(value, held, strict=True) if name.casefold() in ASKED)
    if not all(map(_is_cell, asked)):
        return None
    if len({len(column) for column in held}) > 1 or not held[0]:
        return None
    if any(isinstance(column, dict) and not all(map(str.isdecimal, column)) for column in value.values()):
        return None
    return [dict(zip(value, row, strict=True)) for row in zip(*held, strict=True)]


def _is_cell(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def flat(value: Any) -> dict[str, str] | None:
    """One record as text by column; None where there is nothing to make a row of."""
    if isinstance(value, str):
        return {"prompt": value}
    if isinstance(value, list) and _is_talk(value):
        value = {"messages": value}
    if not isinstance(value, dict) or not value:
        return None
    made: dict[str, str] = {}
    value = {**next((value[name] for name in INSIDE if isinstance(value.get(name), dict)), {}), **value}
    for shape in SHAPES:
        if found := shape(value):
            prompt, expected = found
            made = {"prompt": prompt} | ({"expected": expected} if expected is not None else {})
            break
    return made | {str(name): cell(held) for name, held in value.items() if str(name) not in made}


def cell(value: Any) -> str:
    """A value as a cell holds it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def with_choices(question: str, choices: Sequence[str]) -> str:
    """A question with its choices below, lettered."""
    return "\n".join([question, *(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False))])


Found = tuple[str, str | None] | None


def _talk(record: Record) -> Found:
    """`messages` or `conversations`, in the roles of OpenAI or ShareGPT; what follows the last question is expected."""
    for name in ("messages", "conversations", "conversation", "input", "prompt", "chosen", "contents"):
        turns = _in_roles(record.get(name))
        if isinstance(turns, list) and _is_talk(turns):
            break
    else:
        return None
    said = [(str(turn.get("role", turn.get("from"))).lower(), _text(turn)) for turn in turns]
    system = _text(
        {"content": record.get("system")} if "system" in record else _fields(record.get("systemInstruction"))
    )
    if system.strip() and said[0][0] != "system":
        said.insert(0, ("system", system))
    asked = max((place for place, (role, _) in enumerate(said) if role in USERS), default=-1)
    if asked < 0:
        return None
    before = [(role, text) for role, text in said[: asked + 1] if text]
    if sum(role in USERS for role, _ in before) == 1:
        prompt = "\n\n".join(text for _, text in before)
    else:
        prompt = "\n\n".join(f"{role.capitalize()}: {text}" for role, text in before)
    answers = [text for role, text in said[asked + 1 :] if role in ANSWERERS]
    ideal = record.get("ideal", record.get("expected"))
    return prompt, answers[0] if answers else None if ideal is None else _one(ideal)


def _in_roles(turns: Any) -> Any:
    """Turns in roles, of those that are written in pairs (`human`, `assistant`) or as one text (Anthropic's HH)."""
    if isinstance(turns, str) and (parts := SPEAKERS.split(turns))[2:]:
        return [{"role": role, "content": said.strip()} for role, said in zip(parts[1::2], parts[2::2], strict=True)]
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        return turns
    if any(set(turn) - set(PAIRS) for turn in turns):
        return turns
    return [{"role": role, "content": said} for turn in turns for role, said in turn.items()]


def _is_talk(turns: Sequence[Any]) -> bool:
    return bool(turns) and all(
        isinstance(turn, dict)
        and ("role" in turn or "from" in turn)
        and any(name in turn for name in ("content", "value", "parts"))
        for turn in turns
    )


def _text(turn: Record) -> str:
    content = turn.get("content", turn.get("value", turn.get("parts")))
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return cell(content)


def _choices(record: Record) -> Found:
    """A question with choices: MMLU's list and number, ARC's labels, HellaSwag's endings."""
    if isinstance(targets := record.get("mc1_targets"), dict):  # TruthfulQA
        right = list(targets.get("labels") or ())
        record = {**record, **targets, "answer": right.index(1) if 1 in right else None}
    stem = _first(
        record, ("question", "question_stem", "ctx", "query", "prompt", "sentence", "premise", "goal", "input")
    )
    choices = record.get("choices", record.get("options", record.get("endings")))
    if isinstance(stem, dict):
        choices, stem = stem.get("choices", choices), stem.get("stem")
    if choices is None:
        return _numbered(record, stem)
    labels: Sequence[Any] = LETTERS
    if isinstance(choices, dict):
        if isinstance(choices.get("text"), list):
            labels, choices = choices.get("label") or LETTERS, choices["text"]
        else:
            labels, choices = list(choices), list(choices.values())
    elif isinstance(choices, list) and choices and all(isinstance(choice, dict) for choice in choices):
        labels = [choice.get("label", letter) for choice, letter in zip(choices, LETTERS, strict=False)]
        choices = [choice.get("text", "") for choice in choices]
    if not isinstance(stem, str) or not isinstance(choices, list) or not choices:
        return None
    choices = [LETTERED.sub("", cell(choice)) for choice in choices]
    lines = [f"{label}. {choice}" for label, choice in zip(labels, choices, strict=False)]
    passage = _first(record, ("passage", "article", "context"))
    stem = f"{passage}\n\n{stem}" if isinstance(passage, str) and passage.strip() else stem
    answer = _first(record, ("answerKey", "answer_idx", "answer", "label", "target", "correct_option"))
    if isinstance(answer, str) and answer.isdecimal() and answer not in map(str, labels):
        answer = int(answer)
    if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < min(len(choices), len(labels)):
        answer = labels[answer]
    if answer in choices and answer not in map(str, labels):
        answer = labels[choices.index(answer)]
    return "\n".join([stem, *lines]), None if answer is None else cell(answer)


def _numbered(record: Record, stem: Any) -> Found:
    """Choices in fields of their own: Winogrande's `option1`, PIQA's `sol1`; BIG-bench's, each with its score."""
    scores = record.get("target_scores")
    if isinstance(stem, str) and isinstance(scores, dict) and scores:
        return with_choices(stem, list(scores)), LETTERS[list(scores.values()).index(max(scores.values()))]
    for name in NUMBERED:
        held = [record[f"{name}{n}"] for n in range(1, 10) if isinstance(record.get(f"{name}{n}"), str)]
        if isinstance(stem, str) and len(held) > 1:
            lines = [f"{n}. {choice}" for n, choice in enumerate(held, 1)]
            label, answer = record.get("label"), record.get("answer")
            told = label + 1 if isinstance(label, int) and 0 <= label < len(held) else answer
            return "\n".join([stem, *lines]), None if told is None else cell(told)
    return None


def _turns(record: Record) -> Found:
    """MT-Bench: the first of its turns."""
    turns, references = record.get("turns"), _first(record, ("reference", "ground_truth"))
    if isinstance(turns, list) and turns and all(isinstance(turn, dict) and "content" in turn for turn in turns):
        turns = [_text(turn) for turn in turns]
    if not (isinstance(turns, list) and turns and all(isinstance(turn, str) for turn in turns)):
        return None
    return turns[0], _one(references) if references else None


def _passage(record: Record) -> Found:
    """SQuAD: a question about a passage, with a list of right answers."""
    question, answers = record.get("question", record.get("prompt")), record.get("answers")
    if not isinstance(question, str) or not isinstance(answers, dict | list):
        return None
    texts = answers.get("text") if isinstance(answers, dict) else answers
    passage = record.get("context") or record.get("passage")
    prompt = f"{passage}\n\n{question}" if isinstance(passage, str) and passage.strip() else question
    return prompt, _one(texts) if texts else None


def _worked(record: Record) -> Found:
    """What is expected without the way to it: behind `####` (GSM8K), in a box (MATH); of several answers the first."""
    question, answer = _first(record, ("question", "problem")), record.get("answer")
    if isinstance(question, str) and isinstance(answer, list) and answer:
        return question, _one(answer)
    if isinstance(question, str) and answer is None and (boxed := BOXED.findall(cell(record.get("solution")))):
        return question, str(boxed[-1])
    if isinstance(question, str) and isinstance(answer, dict) and isinstance(value := answer.get("value"), str):
        return question, value
    if not isinstance(question, str) or not isinstance(answer, str) or "####" not in answer:
        return None
    return question, answer.rpartition("####")[2].strip()


def _followed(record: Record) -> Found:
    """Alpaca with a system text, or with what was said before."""
    asked, system, history = record.get("instruction"), record.get("system"), record.get("history")
    if not isinstance(asked, str) or not (system or history):
        return None
    asked = "\n\n".join(filter(None, (asked, cell(record.get("input")))))
    pairs = [pair for pair in history or () if isinstance(pair, list) and len(pair) == 2]
    said = [f"User: {cell(question)}\n\nAssistant: {cell(answer)}" for question, answer in pairs]
    prompt = "\n\n".join([*filter(None, [cell(system)]), *said, f"User: {asked}" if said else asked])
    answer = _first(record, ("output", "response"))
    return prompt, None if answer is None else cell(answer)


def _nested(record: Record) -> Found:
    """LangSmith, Phoenix and promptfoo: `inputs` (or `vars`) and `outputs` (or `assert`), each an object."""
    inputs = next((record[name] for name in ("inputs", "vars", "input") if isinstance(record.get(name), dict)), None)
    if inputs is None:
        return None
    asked = _first(inputs, ("prompt", "question", "input", "query", "instruction", "text", "messages"))
    asked = next(iter(inputs.values()), "") if asked is None else asked
    if isinstance(asked, list) and (talk := _talk({"messages": asked})):
        asked = talk[0]
    outputs = _first(
        record, ("outputs", "reference_outputs", "expectedOutput", "expected_output", "expected", "output")
    )
    if outputs is None and isinstance(references := record.get("references"), list) and references:
        outputs = references[0].get("output") if isinstance(references[0], dict) else references[0]
    if isinstance(outputs, dict):
        named = _first(outputs, ("answer", "output", "expected", "text"))
        outputs = next(iter(outputs.values()), None) if named is None else named
    checks = record.get("assert")
    if outputs is None and isinstance(checks, list) and checks and isinstance(checks[0], dict):
        outputs = checks[0].get("value")
    return cell(asked), None if outputs is None else _one(outputs)


def _fields(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _first(record: Record, names: Sequence[str]) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _one(value: Any) -> str:
    """Of several right answers the first."""
    while isinstance(value, list) and value:
        value = value[0]
    return cell(value.get("text", value) if isinstance(value, dict) else value)


SHAPES: tuple[Callable[[Record], Found], ...] = (*(_talk, _choices, _turns, _passage, _worked, _followed, _nested),)
