"""What somebody pastes for a batch is read as what it is."""

from __future__ import annotations

import pytest

from core.batch.pasted_form import form_of_pasted


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", "lines"),
        ("What is 2 + 2?\nWho, by the way, are you?", "lines"),
        ("a, b\nc, d", "lines"),
        ("2 plus 2?\t4\n3 plus 3?\t6", "csv"),
        ("prompt,expected\n2 plus 2?,4", "csv"),
        ("prompt,expected.total\nInvoice 7,12.5", "csv"),
        ("问题;答案\n2 加 2？;4", "csv"),
        ('{"prompt": "2 plus 2?", "expected": "4"}\n\n{"prompt": "x"}', "jsonl"),
        ("[1]\n[2]", "lines"),
    ],
)
def test_the_form(text: str, form: str) -> None:
    assert form_of_pasted(text) == form
