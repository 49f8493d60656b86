"""The shapes of public prompt sets and evaluation tools, as flat records with a prompt and the expected answer.

A record of a known shape gains the columns `prompt` and `expected`; its own fields stay beside them. Pure.
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
# fields in which table servers and batch files wrap a record
INSIDE = ("row", "data", "body", "request", "params", "doc", "item")
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
    if isinstance(articles := value.get("data"), list) and (questions := list(_of_articles(articles))):
        return questions
    if (columns := _columns(value)) is not None:
        return columns
    for name in LISTS:
        if isinstance(held := value.get(name), list | dict) and (nested := records(held)) is not None:
            return nested
    return None


def _keyed(value: Record) -> list[Any] | None:
    """Records by their names, or answers by their questions."""
    values = list(value.values())
    if len(values) > 1 and all(isinstance(record, dict) and ASKED & {*map(str.casefold, record)} for record in values):
        return values
    if len(values) > 1 and all(
        isinstance(answer, str) and question.strip().endswith(("?", "？")) for question, answer in value.items()
    ):
        return [{"prompt": question, "expected": answer} for question, answer in value.items()]
    return None


def _of_articles(articles: Sequence[Any]) -> Iterator[Record]:
    """SQuAD's own file: articles of paragraphs, each with its questions."""
    for article in articles:
        for paragraph in article.get("paragraphs") or () if isinstance(article, dict) else ():
            for question in paragraph.get("qas") or ():
                yield {"context": paragraph.get("context", ""), **question}


def _with_names(rows: list[Any]) -> list[Any]:
    """Rows that are lists become records; the first may name the columns, else they are prompt and expected answer."""
    if not rows or not all(isinstance(row, list) and row and all(map(_is_cell, row)) for row in rows):
        return rows
    names = [str(cell).strip().casefold() for cell in rows[0]]
    has_names = bool(ASKED & set(names))
    names = [str(cell) for cell in rows[0]] if has_names else ["prompt", "expected"]
    return [dict(zip(names, row, strict=False)) for row in (rows[1:] if has_names else rows)]


def _columns(value: Record) -> list[Any] | None:
    """The records of a table stored column by column, as lists or as objects by number."""
    if not ASKED & {name.casefold() for name in value}:
        return None
    columns = [list(column.values()) if isinstance(column, dict) else column for column in value.values()]
    if len(columns) < 2 or not all(isinstance(column, list) for column in columns):
        return None
    questions = next(column for name, column in zip(value, columns, strict=True) if name.casefold() in ASKED)
    if not all(map(_is_cell, questions)):
        return None
    if len({len(column) for column in columns}) > 1 or not columns[0]:
        return None
    if any(isinstance(column, dict) and not all(map(str.isdecimal, column)) for column in value.values()):
        return None
    return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]


def _is_cell(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def flat(value: Any) -> dict[str, str] | None:
    """One record as text by column; None where it makes no row."""
    if isinstance(value, str):
        return {"prompt": value}
    if isinstance(value, list) and _is_conversation(value):
        value = {"messages": value}
    if not isinstance(value, dict) or not value:
        return None
    row: dict[str, str] = {}
    value = {**next((value[name] for name in INSIDE if isinstance(value.get(name), dict)), {}), **value}
    for shape in SHAPES:
        if pair := shape(value):
            prompt, expected = pair
            row = {"prompt": prompt} | ({"expected": expected} if expected is not None else {})
            break
    if isinstance(fields := value.get("expected"), dict) and "expected" not in row:
        value = {name: held for name, held in value.items() if name != "expected"} | _by_path(fields, "expected")
    return row | {str(name): cell(held) for name, held in value.items() if str(name) not in row}


def _by_path(fields: Record, before: str) -> dict[str, str]:
    """The expected values of fields, nested ones by their path; None and "" as a cell of a table says them."""
    cells: dict[str, str] = {}
    for name, held in fields.items():
        path = f"{before}.{name}"
        inner = _by_path(held, path) if isinstance(held, dict) and held else {}
        cells |= inner or {path: "null" if held is None else cell(held) or '""'}
    return cells


def cell(value: Any) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def with_choices(question: str, choices: Sequence[str]) -> str:
    """A question with its choices below, lettered."""
    return "\n".join([question, *(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False))])


PromptPair = tuple[str, str | None] | None


def _conversation(record: Record) -> PromptPair:
    """`messages` or `conversations`, in the roles of OpenAI or ShareGPT; the answer after the last question is
    expected."""
    for name in ("messages", "conversations", "conversation", "input", "prompt", "chosen", "contents"):
        turns = _in_roles(record.get(name))
        if isinstance(turns, list) and _is_conversation(turns):
            break
    else:
        return None
    roles_and_texts = [(str(turn.get("role", turn.get("from"))).lower(), _text(turn)) for turn in turns]
    system = _text(
        {"content": record.get("system")} if "system" in record else _fields(record.get("systemInstruction"))
    )
    if system.strip() and roles_and_texts[0][0] != "system":
        roles_and_texts.insert(0, ("system", system))
    last_question = max((place for place, (role, _) in enumerate(roles_and_texts) if role in USERS), default=-1)
    if last_question < 0:
        return None
    history = [(role, text) for role, text in roles_and_texts[: last_question + 1] if text]
    if sum(role in USERS for role, _ in history) == 1:
        prompt = "\n\n".join(text for _, text in history)
    else:
        prompt = "\n\n".join(f"{role.capitalize()}: {text}" for role, text in history)
    answers = [text for role, text in roles_and_texts[last_question + 1 :] if role in ANSWERERS]
    ideal = record.get("ideal", record.get("expected"))
    return prompt, answers[0] if answers else None if ideal is None else _first_answer(ideal)


def _in_roles(turns: Any) -> Any:
    """Turns in roles, of those that are written in pairs (`human`, `assistant`) or as one text (Anthropic's HH)."""
    if isinstance(turns, str) and (parts := SPEAKERS.split(turns))[2:]:
        return [{"role": role, "content": text.strip()} for role, text in zip(parts[1::2], parts[2::2], strict=True)]
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        return turns
    if any(set(turn) - set(PAIRS) for turn in turns):
        return turns
    return [{"role": role, "content": text} for turn in turns for role, text in turn.items()]


def _is_conversation(turns: Sequence[Any]) -> bool:
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


def _choices(record: Record) -> PromptPair:
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


def _numbered(record: Record, stem: Any) -> PromptPair:
    """Choices in fields of their own: Winogrande's `option1`, PIQA's `sol1`; BIG-bench's, each with its score."""
    scores = record.get("target_scores")
    if isinstance(stem, str) and isinstance(scores, dict) and scores:
        return with_choices(stem, list(scores)), LETTERS[list(scores.values()).index(max(scores.values()))]
    for name in NUMBERED:
        held = [record[f"{name}{n}"] for n in range(1, 10) if isinstance(record.get(f"{name}{n}"), str)]
        if isinstance(stem, str) and len(held) > 1:
            lines = [f"{n}. {choice}" for n, choice in enumerate(held, 1)]
            label, answer = record.get("label"), record.get("answer")
            right = label + 1 if isinstance(label, int) and 0 <= label < len(held) else answer
            return "\n".join([stem, *lines]), None if right is None else cell(right)
    return None


def _turns(record: Record) -> PromptPair:
    """MT-Bench: the first of its turns."""
    turns, references = record.get("turns"), _first(record, ("reference", "ground_truth"))
    if isinstance(turns, list) and turns and all(isinstance(turn, dict) and "content" in turn for turn in turns):
        turns = [_text(turn) for turn in turns]
    if not (isinstance(turns, list) and turns and all(isinstance(turn, str) for turn in turns)):
        return None
    return turns[0], _first_answer(references) if references else None


def _passage(record: Record) -> PromptPair:
    """SQuAD: a question about a passage, with a list of right answers."""
    question, answers = record.get("question", record.get("prompt")), record.get("answers")
    if not isinstance(question, str) or not isinstance(answers, dict | list):
        return None
    texts = answers.get("text") if isinstance(answers, dict) else answers
    passage = record.get("context") or record.get("passage")
    prompt = f"{passage}\n\n{question}" if isinstance(passage, str) and passage.strip() else question
    return prompt, _first_answer(texts) if texts else None


def _worked(record: Record) -> PromptPair:
    """The expected result without its derivation: after `####` (GSM8K), in a box (MATH); the first of several
    answers."""
    question, answer = _first(record, ("question", "problem")), record.get("answer")
    if isinstance(question, str) and isinstance(answer, list) and answer:
        return question, _first_answer(answer)
    if isinstance(question, str) and answer is None and (boxed := BOXED.findall(cell(record.get("solution")))):
        return question, str(boxed[-1])
    if isinstance(question, str) and isinstance(answer, dict) and isinstance(value := answer.get("value"), str):
        return question, value
    if not isinstance(question, str) or not isinstance(answer, str) or "####" not in answer:
        return None
    return question, answer.rpartition("####")[2].strip()


def _followed(record: Record) -> PromptPair:
    """Alpaca with a system text, or with earlier turns."""
    instruction, system, history = record.get("instruction"), record.get("system"), record.get("history")
    if not isinstance(instruction, str) or not (system or history):
        return None
    instruction = "\n\n".join(filter(None, (instruction, cell(record.get("input")))))
    pairs = [pair for pair in history or () if isinstance(pair, list) and len(pair) == 2]
    earlier = [f"User: {cell(question)}\n\nAssistant: {cell(answer)}" for question, answer in pairs]
    prompt = "\n\n".join([*filter(None, [cell(system)]), *earlier, f"User: {instruction}" if earlier else instruction])
    answer = _first(record, ("output", "response"))
    return prompt, None if answer is None else cell(answer)


def _nested(record: Record) -> PromptPair:
    """LangSmith, Phoenix and promptfoo: `inputs` (or `vars`) and `outputs` (or `assert`), each an object."""
    inputs = next((record[name] for name in ("inputs", "vars", "input") if isinstance(record.get(name), dict)), None)
    if inputs is None:
        return None
    prompt = _first(inputs, ("prompt", "question", "input", "query", "instruction", "text", "messages"))
    prompt = next(iter(inputs.values()), "") if prompt is None else prompt
    if isinstance(prompt, list) and (talk := _conversation({"messages": prompt})):
        prompt = talk[0]
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
    return cell(prompt), None if outputs is None else _first_answer(outputs)


def _fields(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _first(record: Record, names: Sequence[str]) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _first_answer(value: Any) -> str:
    """The first of several right answers."""
    while isinstance(value, list) and value:
        value = value[0]
    return cell(value.get("text", value) if isinstance(value, dict) else value)


SHAPES: tuple[Callable[[Record], PromptPair], ...] = (
    *(_conversation, _choices, _turns, _passage, _worked, _followed, _nested),
)
