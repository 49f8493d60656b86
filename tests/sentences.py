"""The sentences of core's own errors, read from its source as templates: `{0}`, `{1}` stand where a value is put in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = [*ROOT.glob("core/*.py"), *(path for room in ("batch", "desk", "net", "providers", "routing", "safety", "wire")
                                    for path in ROOT.glob(f"core/{room}/**/*.py")),
         ROOT / "core/simulator/transport.py",
         ROOT / "core/store/engines/faults.py"]  # fmt: skip
# Who makes the words of an error that is not built from a literal: every sentence in these functions counts.
MAKERS = {
    "core/desk/forbidden.py": None,
    "core/net/exchange.py": {"_due"},
    "core/net/trust.py": {"explain"},
    "core/offered.py": {"_lacks", "_silent", "nobody"},
    "core/providers/keys.py": {"_fault", "how_to_get"},
    "core/safety/incoming.py": {"clean_prompt"},
    "core/desk/entry.py": {"_too_long"},
    "core/succession.py": {"suggest"},
    "core/wire/failure/kinds.py": {"sentence"},
    "core/batch/outcome.py": {"broken"},
}


@dataclass(frozen=True, slots=True)
class Unread:
    """An error whose words the reader of the source does not find."""

    where: str
    words: str


def template(node: ast.expr) -> str | None:
    """The text of a literal or an f-string; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts, number = [], 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                parts.append(f"{{{number}}}")
                number += 1
        return "".join(parts)
    return None


def errors_of(tree: ast.Module) -> set[str]:
    return {"Health"} | {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "core.errors"
        for name in node.names
    }


def said() -> tuple[set[str], list[Unread]]:
    """All templates, and the errors whose words are made somewhere else."""
    found: set[str] = set()
    unread: list[Unread] = []
    for path in ROOMS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        where = str(path.relative_to(ROOT))
        makers = MAKERS.get(where, set())
        known = errors_of(tree)
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            if makers is None or function.name in makers:
                found |= set(_sentences(function))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known and node.args:
                told = node.args[-1 if node.func.id == "Health" else 0]
                words = template(told)
                if words is None:
                    unread.append(Unread(where, ast.unparse(told)))
                elif _tells(words):
                    found.add(words)
    return found, unread


def _sentences(function: ast.FunctionDef) -> Iterator[str]:
    inside = {id(part) for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for part in node.values}
    docstring = function.body[0].value if isinstance(function.body[0], ast.Expr) else None
    for node in ast.walk(function):
        if isinstance(node, ast.expr) and node is not docstring and id(node) not in inside:
            words = template(node)
            if words is not None and _tells(words):
                yield words.strip()


def _tells(words: str) -> bool:
    """Whether it is more than a name, a separator or a frame for other sentences."""
    return " " in words.strip() and sum(character.isalpha() for character in words) > 3
