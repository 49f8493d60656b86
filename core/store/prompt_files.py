"""The file of a prompt library, written and read without a database (docs/prompts.md).

{"format": "roundtable-prompts", "version": 1, "prompts": [{"title": ..., "text": ..., "system": ..., "defaults": {}}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ..safety.injection import hints_in
from ..views.prompts import (
    LONGEST_DEFAULT,
    LONGEST_SYSTEM,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_FILE_BYTES,
    MOST_VARIABLES,
    LibraryPrompt,
    LoadedPrompts,
    Misfit,
    variables,
)
from . import BadImport
from .rows import clean

FORMAT, VERSION = "roundtable-prompts", 1
MOST_PROMPTS = 1000


def encoded(prompts: Iterable[LibraryPrompt]) -> bytes:
    """The file with these prompts."""
    listed = [
        {"title": prompt.title, "text": prompt.text}
        | ({"system": prompt.system} if prompt.system else {})
        | ({"defaults": dict(prompt.defaults)} if prompt.defaults else {})
        for prompt in prompts
    ]
    content = {"format": FORMAT, "version": VERSION, "prompts": listed}
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def read(data: bytes, present: Sequence[LibraryPrompt] = ()) -> LoadedPrompts:
    """The prompts of a file that fit and are not `present`. BadImport where nothing of it can be read."""
    listed = _listed(_parsed(data))
    contents = {content_of(prompt) for prompt in present}
    prompts: list[LibraryPrompt] = []
    misfits: list[tuple[int, Misfit]] = []
    already = 0
    for number, item in enumerate(listed, 1):
        if misfit := fault(item):
            misfits.append((number, misfit))
            continue
        prompt = prompt_of(item)
        already += content_of(prompt) in contents
        if content_of(prompt) not in contents:
            contents.add(content_of(prompt))
            prompts.append(prompt)
    if misfits and not prompts and not already:
        raise BadImport("Nothing in the file is a prompt with a title and a text. Nothing was imported.")
    flagged = tuple(prompt.title for prompt in prompts if hints_in(f"{prompt.text}\n{prompt.system}"))
    return LoadedPrompts(tuple(prompts), already, len(misfits), misfits[0] if misfits else None, flagged)


def _parsed(data: bytes) -> Any:
    if len(data) > MOST_FILE_BYTES:
        raise BadImport(f"The file is larger than {MOST_FILE_BYTES // (1024 * 1024)} MB.")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadImport(f"The file is not text in UTF-8: byte {error.start + 1}.") from None
    except json.JSONDecodeError as error:
        raise BadImport(f"The file is not JSON: line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise BadImport("The file cannot be read as JSON: a number is too long or it is nested too deep.") from None


def _listed(content: Any) -> list[Any]:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadImport("The file is not a prompt library of Roundtable. Nothing was imported.")
    version = content.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadImport("The file: “version” is not a number. Nothing was imported.")
    if version > VERSION:
        raise BadImport(f"The file is of a newer version, this Roundtable reads up to {VERSION}. Nothing was imported.")
    listed = content.get("prompts")
    if not isinstance(listed, list):
        raise BadImport("The file: “prompts” is not a list. Nothing was imported.")
    if len(listed) > MOST_PROMPTS:
        raise BadImport(f"The file has more than {MOST_PROMPTS} prompts. Nothing was imported.")
    return listed


def fault(item: Any) -> Misfit | None:
    """Why this is no prompt; None if it is one."""
    if not isinstance(item, dict):
        return "object"
    title, text, system, defaults = (item.get(name) for name in ("title", "text", "system", "defaults"))
    if not isinstance(title, str) or not 0 < len(title.strip()) <= LONGEST_TITLE:
        return "title"
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        return "text"
    if system is not None and (not isinstance(system, str) or len(system) > LONGEST_SYSTEM):
        return "system"
    if len(variables(text, system or "")) > MOST_VARIABLES:
        return "variables"
    values = defaults.values() if isinstance(defaults, dict) else () if defaults is None else [None]
    if not all(isinstance(value, str) and len(value) <= LONGEST_DEFAULT for value in values):
        return "defaults"
    return None


def prompt_of(item: dict[str, Any]) -> LibraryPrompt:
    """The prompt of an item without a `fault`."""
    text, system = clean(item["text"]), clean(item.get("system") or "")
    prompt = LibraryPrompt(
        "", " ".join(clean(item["title"]).split()), text, system, clean(item.get("defaults") or {}), True
    )
    defaults = {name: prompt.defaults[name] for name in prompt.variables if prompt.defaults.get(name)}
    return LibraryPrompt("", prompt.title, text, system, defaults, True)


def content_of(prompt: LibraryPrompt) -> tuple[Any, ...]:
    """What two prompts are the same by."""
    return prompt.title, prompt.text, prompt.system, tuple(sorted(prompt.defaults.items()))
