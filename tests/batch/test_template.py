"""A prompt of the library for every row: columns fill in its variables."""

from __future__ import annotations

import pytest

from core.batch import template
from core.batch.table import BadTable, read
from core.views.prompts import LibraryPrompt

TABLE = read("Text,target_language,answer\nsea,French,mer\ntree,,Baum\n", "csv")
PROMPT = LibraryPrompt("", "Translate", "{{text}} into {{Target language}}, {{tone}}", "", {"tone": "plainly"})


def test_columns_fill_in_the_variables_by_name() -> None:
    assert template.columns_of(PROMPT, TABLE, "answer") == {"text": "Text", "Target language": "target_language"}
    with pytest.raises(BadTable, match="no_prompt in row 3: target_language"):
        template.prompts(PROMPT, TABLE, "Text", "answer", most_chars=100)
    german = LibraryPrompt("", "", PROMPT.text, "", {"tone": "plainly", "Target language": "German"})
    assert template.prompts(german, TABLE, "Text", "answer", most_chars=100) == [
        ("sea into French, plainly", "mer"),
        ("tree into German, plainly", "Baum"),
    ]
    with pytest.raises(BadTable, match="long in row 2"):
        template.prompts(german, TABLE, "Text", "answer", most_chars=20)


def test_a_single_variable_takes_the_prompts() -> None:
    lines = read("sea\ntree", "lines")
    explain = LibraryPrompt("", "", "Explain {{word}}")
    assert template.prompts(explain, lines, "prompt", None, most_chars=100) == [
        ("Explain sea", None),
        ("Explain tree", None),
    ]
    with pytest.raises(BadTable, match="no_column in row 0: a"):
        template.columns_of(LibraryPrompt("", "", "{{a}} {{b}}"), lines, "prompt")
