"""Prompts of the library: a title, a text with variables, and optionally a system prompt. Pure.

    LibraryPrompt("", "Translate", "Translate into {{language}}: {{text}}", defaults={"language": "French"})

A variable is a name in double braces: a letter, then letters, digits, spaces, hyphens or underscores. Other braces are
text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

VARIABLE = re.compile(r"\{\{[ \t]*([^\W\d_][\w -]{0,39}?)[ \t]*\}\}")
LONGEST_TITLE, LONGEST_TEXT, LONGEST_SYSTEM, LONGEST_DEFAULT = 120, 50_000, 20_000, 5_000  # characters
MOST_VARIABLES = 40
MOST_FILE_BYTES = 5 * 1024 * 1024
Misfit = Literal["object", "title", "text", "system", "variables", "defaults"]  # what is not as it has to be


@dataclass(frozen=True, slots=True)
class LibraryPrompt:
    """`id` is "" before it is saved; `defaults` are the values that variables begin with; `from_file`: somebody else
    may have written it."""

    id: str
    title: str
    text: str
    system: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    from_file: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        """The names in the text and the system prompt, each once, in their order."""
        return variables(self.text, self.system)

    def unfilled(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The variables for which there is neither a value nor a default."""
        return tuple(name for name in self.variables if not self._value(name, values).strip())

    def filled(self, values: Mapping[str, str]) -> tuple[str, str]:
        """The text and the system prompt with these values, else defaults, in place of their variables. Braces in a
        value stay as they are; a variable without a value stays too."""

        def value(match: re.Match[str]) -> str:
            return self._value(match[1], values) or match[0]

        return VARIABLE.sub(value, self.text), VARIABLE.sub(value, self.system)

    def _value(self, name: str, values: Mapping[str, str]) -> str:
        return values.get(name) or self.defaults.get(name, "")


@dataclass(frozen=True, slots=True)
class LoadedPrompts:
    """What a file brought: new prompts, how many were in the library already, how many were left out, the number and
    fault of the first of these, and the titles of those that may try to instruct a model."""

    prompts: tuple[LibraryPrompt, ...]
    known: int = 0
    left: int = 0
    first: tuple[int, Misfit] | None = None
    flagged: tuple[str, ...] = ()


def variables(*texts: str) -> tuple[str, ...]:
    """The names of the variables in these texts, each once."""
    return tuple(dict.fromkeys(match[1] for text in texts for match in VARIABLE.finditer(text)))
