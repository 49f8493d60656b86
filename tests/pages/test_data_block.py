"""CSV and JSON blocks as tables and trees."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.safety.data_shapes import MOST_ROWS, DataTable, DataTree, of_text, of_value
from tests.pages.conftest import PATIENCE_S


def table(text: str, language: str) -> DataTable:
    shape = of_text(text, language)
    assert isinstance(shape, DataTable)
    return shape


def test_a_csv_block_is_a_table_whose_numbers_sort_as_numbers() -> None:
    assert table('name,age,id\n"Lee, Ann",31,007\nBo,,012', "csv").columns == {
        "name": ["Lee, Ann", "Bo"],
        "age": [31, None],
        "id": ["007", "012"],
    }
    assert table("a;b\n1;2.5", "csv").columns == {"a": [1], "b": [2.5]}
    assert table('a\tb\n"x\ny"\t2', "tsv").columns == {"a": ["x\ny"], "b": [2]}


@pytest.mark.parametrize("text", ["", "one\ntwo", "a,b", "a,b\n1,2,3", "{}"])
def test_what_would_lose_a_cell_or_is_no_table_stays_code(text: str) -> None:
    assert of_text(text, "csv") is None


def test_no_cell_is_a_formula_and_no_two_columns_have_one_name() -> None:
    shape = table("=x,=x,\n=1+1,-5,@a", "csv")
    assert shape.columns == {"'=x": ["'=1+1"], "'=x (2)": [-5], "Column 3": ["'@a"]}


def test_json_rows_are_a_table_and_mixed_columns_are_text() -> None:
    rows = [{"a": 1, "b": True, "c": [1]}, {"a": 2.5, "c": "x", "d": 2**60}]
    assert table(json.dumps(rows), "json").columns == {
        "a": [1, 2.5],
        "b": [True, None],
        "c": ["[1]", "x"],
        "d": [None, str(2**60)],
    }
    assert table(json.dumps({"rows": rows}), "json").total == 2
    assert table('{"a": 1}\n{"a": 2}\n', "jsonl").columns == {"a": [1, 2]}
    assert table('[["a", "b"], [1, 2]]', "json").columns == {"a": [1], "b": [2]}


def test_rows_are_bounded_and_counted() -> None:
    shape = table("a,b\n" + "1,2\n" * (MOST_ROWS + 5), "csv")
    assert len(shape.columns["a"]) == MOST_ROWS
    assert shape.total == MOST_ROWS + 5


def test_large_json_is_a_tree_with_exact_numbers_and_small_json_stays_code() -> None:
    value = {"id": 2**60, "inner": {f"k{number}": number for number in range(20)}}
    shape = of_text(json.dumps(value, indent=1), "json")
    assert shape == DataTree({**value, "id": str(2**60)})
    assert of_text('{"a": 1, "b": {}}', "json") is None
    assert of_value({"a": 1, "b": {}}) == DataTree({"a": 1, "b": {}})


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 300 + "]" * 300, '{"a":', "9" * 5_000, "[NaN"])
def test_hostile_json_stays_code(text: str) -> None:
    assert of_text(text + "\n" * 20, "json") is None


def test_a_table_is_drawn_beside_its_code() -> None:
    def page() -> None:
        import streamlit as st

        from core.safety import data_shapes
        from core.ui.answer import data_block

        for text, language in (("a,b\n1,x", "csv"), ('{"a": 1,\n' + "\n" * 20 + '"b": [2]}', "json")):
            shape = data_shapes.of_text(text, language)
            assert shape
            data_block.draw(st.empty(), shape, text, language)

    at = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    assert not at.exception
    assert [tab.label for tab in at.tabs] == ["Table", "Code", "Tree", "Code"]
    assert at.dataframe[0].value.to_dict("list") == {"a": [1], "b": ["x"]}
    assert json.loads(at.json[0].value) == {"a": 1, "b": [2]}
    assert at.code[0].value == "a,b\n1,x"
