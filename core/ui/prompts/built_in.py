"""The prompts that come with the program, in the reader's language: files of the same format as exports."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from ...views.prompts import LibraryPrompt
from ..text import language

FOLDER = Path(__file__).parent


def prompts() -> tuple[LibraryPrompt, ...]:
    """In English where there are none in the language. Their ids are "built-in-0" and so on."""
    code = language()
    return _read(code if (FOLDER / f"{code}.json").is_file() else "en")


@cache
def _read(code: str) -> tuple[LibraryPrompt, ...]:
    listed = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))["prompts"]
    return tuple(
        LibraryPrompt(
            f"built-in-{number}", item["title"], item["text"], item.get("system", ""), item.get("defaults", {})
        )
        for number, item in enumerate(listed)
    )
