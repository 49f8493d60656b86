"""What is handed in: encodings, delimiters, columns, and one sentence for each way to be wrong."""

from __future__ import annotations

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
    found = table.read(data, "csv")
    assert (found.columns, found.rows, found.encoding) == (("问题", "答案"), (("天空什么颜色？", "蓝"),), encoding)
    assert (found.prompt_column, found.expected_column) == ("问题", "答案")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_quoted_newlines(delimiter: str) -> None:
    text = (
        f'prompt{delimiter}expected\n"two\nlines, one {delimiter} cell"{delimiter}"say ""hi"""\n\nsecond{delimiter}\n'
    )
    found = table.read(text, "csv")
    assert found.delimiter == delimiter
    assert table.prompts(found, "prompt", "expected") == [
        (f"two\nlines, one {delimiter} cell", 'say "hi"'),
        ("second", None),
    ]
    assert found.lines == (2, 5)


def test_a_first_row_that_names_nothing_is_a_row() -> None:
    assert table.read("What is 1+1?,2\nWhat is 2+2?,4\n", "csv").rows[0] == ("What is 1+1?", "2")
    assert table.read("a,b\nc,d\n", "csv").columns == ("a", "b")
    assert table.read("a,b\nc,d\n", "csv", named=False).columns == ("1", "2")
    assert table.read("prompt\nHi\n", "csv").rows == (("Hi",),)


def test_names_that_are_missing_or_double_are_made_up() -> None:
    assert table.read("q,q,\na,b,c\n", "csv", named=True).columns == ("q", "q (2)", "3")


def test_json_lines() -> None:
    text = '{"question": "1+1?", "answer": 2}\n\n"just a text"\n{"question": "x", "tags": ["a"]}\n'
    found = table.read(text, "jsonl")
    assert found.columns == ("question", "answer", "prompt", "tags")
    assert found.rows[0] == ("1+1?", "2", "", "")
    assert found.lines == (1, 3, 4)


def test_lines() -> None:
    found = table.read("first\n\n  second  \r\n", "lines")
    assert table.prompts(found, "prompt") == [("first", None), ("second", None)]


@pytest.mark.parametrize(
    ("data", "form", "code", "row"),
    [
        (b"", "csv", "empty", 0),
        (b"\n \n", "lines", "empty", 0),
        (b"prompt,expected\n", "csv", "empty", 0),
        (b"ok\n\xff\xff\xff\n", "lines", "encoding", 2),
        (b'prompt\n"open\nand open\n', "csv", "quote", 2),
        (b'prompt,x\n"a" b,1\n', "csv", "quote", 2),
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
    found = table.read("prompt,expected\na,1\n,2\n", "csv")
    with pytest.raises(BadTable) as caught:
        table.prompts(found, "prompt")
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
