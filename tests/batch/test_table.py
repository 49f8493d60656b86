"""What is handed in: encodings, delimiters, columns, and one sentence for each way to be wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.batch import table
from core.batch.table import BadTable, Form


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("问题,答案\n天空什么颜色？,蓝\n".encode(), "UTF-8"),
        ("问题,答案\n天空什么颜色？,蓝\n".encode("utf-8-sig"), "UTF-8"),
        ("问题,答案\n天空什么颜色？,蓝\n".encode("gbk"), "GBK"),
        ("问题,答案\n天空什么颜色？,蓝\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    prompts = table.read(data, "csv")
    assert (prompts.columns, prompts.rows, prompts.encoding) == (
        ("问题", "答案"),
        (("天空什么颜色？", "蓝"),),
        encoding,
    )
    assert (prompts.prompt_column, prompts.expected_column) == ("问题", "答案")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_quoted_newlines(delimiter: str) -> None:
    text = (
        f'prompt{delimiter}expected\n"two\nlines, one {delimiter} cell"{delimiter}"say ""hi"""\n\nsecond{delimiter}\n'
    )
    prompts = table.read(text, "csv")
    assert prompts.delimiter == delimiter
    assert table.prompts(prompts, "prompt", "expected") == [
        (f"two\nlines, one {delimiter} cell", 'say "hi"'),
        ("second", None),
    ]
    assert prompts.lines == (2, 5)


def test_a_first_row_that_names_nothing_is_a_row() -> None:
    assert table.read("What is 1+1?,2\nWhat is 2+2?,4\n", "csv").rows[0] == ("What is 1+1?", "2")
    assert table.read("a,b\nc,d\n", "csv").columns == ("a", "b")
    assert table.read("a,b\nc,d\n", "csv", named=False).columns == ("1", "2")
    assert table.read("prompt\nHi\n", "csv").rows == (("Hi",),)


def test_names_that_are_missing_or_double_are_made_up() -> None:
    assert table.read("q,q,\na,b,c\n", "csv", named=True).columns == ("q", "q (2)", "3")


def test_json_lines() -> None:
    text = '{"question": "1+1?", "answer": 2}\n\n"just a text"\n{"question": "x", "tags": ["a"]}\n'
    prompts = table.read(text, "jsonl")
    assert prompts.columns == ("question", "answer", "prompt", "tags")
    assert prompts.rows[0] == ("1+1?", "2", "", "")
    assert prompts.lines == (1, 3, 4)


def test_lines() -> None:
    prompts = table.read("first\n\n  second  \r\n", "lines")
    assert table.prompts(prompts, "prompt") == [("first", None), ("second", None)]


@pytest.mark.parametrize(
    ("data", "form", "code", "row"),
    [
        (b"", "csv", "empty", 0),
        (b"\n \n", "lines", "empty", 0),
        (b"prompt,expected\n", "csv", "empty", 0),
        (b"ok\n\xff\x01\xff\n", "lines", "encoding", 2),
        (b'prompt\n"open\nand open\n', "csv", "quote", 2),
        (b"prompt,x\na,b\na,b,c\n", "csv", "cells", 3),
        (b'{"prompt": "a"}\n{nope\n', "jsonl", "json", 2),
        (b'{"prompt": "a"}\n[1]\n', "jsonl", "object", 2),
        (b"x\n" * 10_001, "lines", "too_many", 0),
        (b"prompt\n" + b"x\n" * 10_001, "csv", "too_many", 0),
        (b"x" * (table.MOST_BYTES + 1), "lines", "too_large", 0),
        (b"prompt\n" + b"," * 300 + b"\n", "csv", "empty", 0),
        (",".join("c" * 1 for _ in range(300)).encode() + b"\n1\n", "csv", "columns", 0),
        (b"[" * 100_000, "jsonl", "json", 1),
    ],
)
def test_bad_files_name_their_fault_and_line(data: bytes, form: Form, code: str, row: int) -> None:
    with pytest.raises(BadTable) as caught:
        table.read(data, form)
    assert (caught.value.code, caught.value.row) == (code, row)


def test_a_row_without_a_prompt_or_with_too_long_a_one_is_named() -> None:
    prompts = table.read("prompt,expected\na,1\n,2\n", "csv")
    with pytest.raises(BadTable) as caught:
        table.prompts(prompts, "prompt")
    assert (caught.value.code, caught.value.row) == ("no_prompt", 3)
    with pytest.raises(BadTable) as caught:
        table.prompts(table.read("ok\nlonger\n", "lines"), "prompt", most_chars=5)
    assert (caught.value.code, caught.value.row) == ("long", 2)


def test_ten_thousand_rows_are_read() -> None:
    text = "prompt,expected\n" + "".join(f"What is {n} + 1?,{n + 1}\n" for n in range(10_000))
    assert len(table.read(text.encode(), "csv").rows) == 10_000


@pytest.mark.parametrize(
    ("name", "form"), [("a.CSV", "csv"), ("a.tsv", "csv"), ("a.jsonl", "jsonl"), ("a.txt", "lines"), ("a", "lines")]
)
def test_the_form_is_in_the_name(name: str, form: str) -> None:
    assert table.form_of(name) == form


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("prompt,expected,,\n1+1?,2,,\n2+2?,4,,,,\n", [("1+1?", "2"), ("2+2?", "4")]),
        ("prompt,expected,\n1+1?,2\n", [("1+1?", "2")]),
        ("sep=;\nprompt;expected\n1,5 + 1?;2,5\n", [("1,5 + 1?", "2,5")]),
        ('"sep=|"\r\nprompt|expected\r\n1+1?|2\r\n', [("1+1?", "2")]),
        ('prompt,expected\n"say ""hi""",hi\n', [('say "hi"', "hi")]),
        ('prompt,expected\n"say \\"hi\\", now",hi\n', [('say "hi", now', "hi")]),
        ('prompt,expected\n"a" b,1\n', [("a b", "1")]),
        ('prompt,expected\nsay "hi" now,hi\n', [('say "hi" now', "hi")]),
    ],
)
def test_spreadsheets_of_the_world(text: str, prompts: list[tuple[str, str]]) -> None:
    sheet = table.read(text, "csv")
    assert table.prompts(sheet, sheet.prompt_column, sheet.expected_column) == prompts


def test_a_line_of_the_file_is_named_also_below_a_sep_line() -> None:
    with pytest.raises(BadTable) as caught:
        table.read("sep=;\nprompt;x\na;b\na;b;c\n", "csv")
    assert (caught.value.code, caught.value.row) == ("cells", 4)


LABELLED = [{"label": "A", "text": "red"}, {"label": "B", "text": "blue"}]
FOLLOWED = "Be.\n\nUser: a\n\nAssistant: b\n\nUser: hi"
CHOICES = "Which?\nA. red\nB. blue"


@pytest.mark.parametrize(
    ("record", "prompt", "expected"),
    [
        ({"instruction": "Add.", "input": "1 and 2", "output": "3"}, "Add.\n\n1 and 2", "3"),
        ({"instruction": "Add.", "input": "", "output": "3"}, "Add.", "3"),
        ({"instruction": "Sum up.", "context": "Long.", "response": "Short."}, "Sum up.\n\nLong.", "Short."),
        ({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]}, "hi", "yo"),
        ({"messages": [{"role": "system", "content": "Be."}, {"role": "user", "content": "hi"}]}, "Be.\n\nhi", None),
        ({"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "yo"}]}, "hi", "yo"),
        ({"input": [{"role": "user", "content": "hi"}], "ideal": ["yo", "hey"]}, "hi", "yo"),
        ({"question": "Which?", "choices": ["red", "blue"], "answer": 1}, CHOICES, "B"),
        ({"question": "Which?", "choices": {"text": ["red", "blue"]}, "answerKey": "B"}, CHOICES, "B"),
        ({"question": {"stem": "Which?", "choices": LABELLED}, "answerKey": "B"}, CHOICES, "B"),
        ({"ctx": "He", "endings": ["ran", "sat"], "label": "1"}, "He\nA. ran\nB. sat", "B"),
        ({"question": "1+1?", "answer": "one and one #### 2"}, "1+1?", "2"),
        ({"question": "Who?", "context": "Ada.", "answers": {"text": ["Ada"]}}, "Ada.\n\nWho?", "Ada"),
        ({"turns": ["hi", "and?"], "reference": ["yo", "so"]}, "hi", "yo"),
        ({"row_idx": 0, "row": {"question": "hi", "answer": "yo"}, "truncated_cells": []}, "hi", "yo"),
        ({"custom_id": "1", "body": {"model": "x", "messages": [{"role": "user", "content": "hi"}]}}, "hi", None),
        ({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}, "hi", None),
        ({"question": "hi", "answer": {"value": "yo", "aliases": ["yo"]}}, "hi", "yo"),
        ({"prompt": "hi", "answers": ["yo", "so"]}, "hi", "yo"),
        ({"prompt": "hi", "chosen": "yo", "rejected": "so"}, "hi", "yo"),
        ({"inputs": {"question": "hi"}, "outputs": {"answer": "yo"}}, "hi", "yo"),
        ({"vars": {"question": "hi"}, "assert": [{"type": "equals", "value": "yo"}]}, "hi", "yo"),
        ({"user_input": "hi", "reference": "yo"}, "hi", "yo"),
        ({"input": "hi", "expected_output": "yo"}, "hi", "yo"),
        ({"question": "hi", "ground_truth": "yo", "contexts": ["x"]}, "hi", "yo"),
        ({"Question": "Which?", "A": "red", "B": "blue", "Answer": "A"}, CHOICES, "A"),
        ({"instruction": "hi", "output": "yo", "system": "Be.", "history": [["a", "b"]]}, FOLLOWED, "yo"),
        ({"system": "Be.", "conversations": [{"from": "human", "value": "hi"}]}, "Be.\n\nhi", None),
        ({"conversation": [{"human": "hi", "assistant": "yo"}]}, "hi", "yo"),
        ({"chosen": "\n\nHuman: hi\n\nAssistant: yo", "rejected": "\n\nHuman: hi\n\nAssistant: so"}, "hi", "yo"),
        ({"text": "hi", "code": "yo", "test_list": ["x"]}, "hi", "yo"),
        ({"problem": "1+1?", "solution": "So $\\boxed{\\frac{2}{1}}$."}, "1+1?", "\\frac{2}{1}"),
        ({"question": "hi", "answer": ["yo", "hey"]}, "hi", "yo"),
        ({"sentence": "_ ran.", "option1": "He", "option2": "It", "answer": "2"}, "_ ran.\n1. He\n2. It", "2"),
        ({"goal": "Open.", "sol1": "pull", "sol2": "push", "label": 0}, "Open.\n1. pull\n2. push", "1"),
        ({"input": "Which?", "target_scores": {"red": 0, "blue": 1}}, CHOICES, "B"),
        ({"custom_id": "1", "params": {"messages": [{"role": "user", "content": "hi"}]}}, "hi", None),
        ({"turns": [{"content": "hi"}], "cluster": "x"}, "hi", None),
        ({"input": {"text": "hi"}, "references": [{"output": {"text": "yo"}}]}, "hi", "yo"),
        ({"doc_id": 0, "doc": {"question": "hi", "answer": "yo"}}, "hi", "yo"),
        ({"item": {"question": "hi", "answer": "yo"}}, "hi", "yo"),
        (
            {
                "systemInstruction": {"parts": [{"text": "Be."}]},
                "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
            },
            "Be.\n\nhi",
            None,
        ),
        ({"messages": [{"role": "User", "content": "hi"}, {"role": "Chatbot", "content": "yo"}]}, "hi", "yo"),
        ({"input": {"question": "hi"}, "expectedOutput": {"answer": "yo"}}, "hi", "yo"),
        (
            {"passage": "P", "question": "Which?", "options": ["(A)red", "(B)blue"], "label": "A"},
            f"P\n\n{CHOICES}",
            "A",
        ),
        ({"article": "P", "question": "Which?", "options": ["red", "blue"], "answer": "B"}, f"P\n\n{CHOICES}", "B"),
        ({"question": "Which?", "answer": "blue", "options": {"A": "red", "B": "blue"}}, CHOICES, "B"),
        ({"question": "Which?", "mc1_targets": {"choices": ["red", "blue"], "labels": [0, 1]}}, CHOICES, "B"),
        ({"question_stem": "Which?", "choices": {"text": ["red", "blue"]}, "answerKey": "B"}, CHOICES, "B"),
        ({"query": "Which?", "options": ["red", "blue"], "correct_option": 1}, CHOICES, "B"),
    ],
)
def test_shapes_of_public_prompt_sets(record: dict[str, Any], prompt: str, expected: str | None) -> None:
    for text in (json.dumps(record), json.dumps([record]), json.dumps({"data": [record]}, indent=1)):
        prompts = table.read(text, "jsonl")
        assert table.prompts(prompts, prompts.prompt_column, prompts.expected_column) == [(prompt, expected)]


def test_choices_in_columns() -> None:
    prompts = table.read("id,question,A,B,answer\n1,Which?,red,blue,B\n", "csv")
    assert table.prompts(prompts, prompts.prompt_column, prompts.expected_column) == [(CHOICES, "B")]


@pytest.mark.parametrize(
    "document",
    [
        {"train": [{"question": "hi", "answer": "yo"}]},
        {"data": {"train": [{"question": "hi", "answer": "yo"}]}},
        {"test_cases": [{"input": "hi", "expected_output": "yo"}]},
        [["hi", "yo"]],
        [["prompt", "expected"], ["hi", "yo"]],
        {"prompt": ["hi"], "expected": ["yo"]},
        {"prompt": {"0": "hi"}, "expected": {"0": "yo"}},
        {"user_input": ["hi"], "reference": ["yo"], "contexts": [["a", "b"]]},
        {
            "data": [
                {
                    "title": "t",
                    "paragraphs": [{"context": "", "qas": [{"question": "hi", "answers": [{"text": "yo"}]}]}],
                }
            ]
        },
    ],
)
def test_a_document_that_holds_its_records_further_in(document: Any) -> None:
    read = table.read(json.dumps(document), "jsonl")
    assert table.prompts(read, read.prompt_column, read.expected_column) == [("hi", "yo")]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Која е главниот град на Македонија?,Скопје", "cp1251"),
        ("เมืองหลวงของประเทศไทยคืออะไร,กรุงเทพ", "cp874"),
        ("Kurš ežers Latvijā ir lielākais?,Lubāns", "cp1257"),
        ("你好吗,好", "utf-16-le"),
        ("質問は何ですか,答え", "cp932"),
    ],
)
def test_more_alphabets_and_a_missing_mark(text: str, codec: str) -> None:
    read = table.read(f"prompt,expected\n{text}\n".encode(codec), "csv")
    assert read.rows == (tuple(text.split(",")),)


def test_one_column_keeps_its_commas() -> None:
    assert table.read("prompt\nHi, you\nHello; all\n", "csv").rows == (("Hi, you",), ("Hello; all",))
    assert table.read("prompt\nHi,\nB,\n", "csv").rows == (("Hi",), ("B",))


def test_the_line_that_names_the_delimiter_may_end_with_a_return() -> None:
    assert table.read("sep=;\rprompt;expected\rHi;1\r", "csv").rows == (("Hi", "1"),)


@pytest.mark.parametrize(
    "text",
    [
        '{\n "prompt": "hi",\n "expected": "yo"\n}\n{\n "prompt": "so",\n "expected": null\n}\n',
        '{"prompt": "hi", "expected": "yo"},\n{"prompt": "so", "expected": NaN},\n',
        '[{"prompt": "hi", "expected": "yo"}, {"prompt": "so"},]',
        '{"a": {"prompt": "hi", "expected": "yo"}, "b": {"prompt": "so"}}',
        '{"hi?": "yo", "so?": ""}',
    ],
)
def test_json_put_together_by_hand(text: str) -> None:
    read = table.read(text, "jsonl")
    prompts = table.prompts(read, read.prompt_column, read.expected_column)
    assert [(prompt.strip("?"), expected) for prompt, expected in prompts] == [("hi", "yo"), ("so", None)]


@pytest.mark.parametrize(
    "names",
    [
        "序号,用户问题,标准回答",
        "用例编号,测试输入,预期输出",
        "番号,質問文,期待する回答",
        "번호,질문,정답",
        "prompt_id,prompt_text,ground_truth",
        "Nr,Frage,Erwartete Antwort",
        "id,Question,Réponse attendue",
        "id,Pregunta,Respuesta esperada",
        "id,Pytanie,Odpowiedź",
        "id,Soru,Cevap",
        "id,Câu hỏi,Trả lời",
        "id,سؤال,جواب",
        "id,שאלה,תשובה",
        "id,คำถาม,คำตอบ",
        "model_answer,*Question*,Answer:",
        "system_prompt,user_prompt,reference_answer",
        "question_id,“question”,“answer”",
        "actual_output,input,expected_output",
    ],
)
def test_columns_are_known_by_a_word_in_their_names(names: str) -> None:
    read = table.read(f"{names}\n1,hi,yo\n", "csv")
    assert table.prompts(read, read.prompt_column, read.expected_column) == [("hi", "yo")]


@pytest.mark.parametrize("above", ["Our prompts,\n", "# prompts\n", '"A title, with a comma",\n\nof 2026,\n'])
def test_a_title_above_the_names_is_no_row(above: str) -> None:
    read = table.read(f"{above}prompt,expected\nhi,yo\nso,\n", "csv")
    assert read.rows == (("hi", "yo"), ("so", ""))


def test_sentences_with_commas_are_no_columns() -> None:
    assert table.read("Hello, how are you?\nWrite a poem\n", "csv").rows == (
        ("Hello, how are you?",),
        ("Write a poem",),
    )
    assert table.read('prompt, expected\n"a, b", "c"\n', "csv").rows == (("a, b", "c"),)


def test_columns_without_names_that_hold_choices() -> None:
    read = table.read("What is 2+2?,3,4,5,6,B\n", "csv")
    prompt = "What is 2+2?\nA. 3\nB. 4\nC. 5\nD. 6"
    assert table.prompts(read, read.prompt_column, read.expected_column) == [(prompt, "B")]


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"%PDF-1.7"])
def test_a_workbook_is_no_text(data: bytes) -> None:
    with pytest.raises(BadTable) as caught:
        table.read(data, "csv")
    assert caught.value.code == "no_text"


def test_a_line_ends_where_a_text_editor_ends_it() -> None:
    assert table.read("a\u2028b\nc\r\nd", "lines").rows == (("a\u2028b",), ("c",), ("d",))


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Какая столица России?,Москва", "cp866"),
        ("日本の首都はどこですか,東京", "iso2022_jp"),
        ("Příliš žluťoučký kůň,ano", "iso8859_2"),
        ("Combien coûte le café ? 5 €,5 €", "iso8859_15"),
    ],
)
def test_alphabets_of_old_terminals_and_mails(text: str, codec: str) -> None:
    assert table.read(f"prompt,expected\n{text}\n".encode(codec), "csv").rows == (tuple(text.split(",")),)
