"""The sentences of core's own errors, read from its source as templates: `{0}`, `{1}` stand where a value is put in."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import KINDS, LLMError

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [*ROOT.glob("core/*.py"),
         *(path for room in ("batch", "directory", "documents", "workspace", "net", "options", "providers", "routing",
                                    "safety", "wire")
                                    for path in ROOT.glob(f"core/{room}/**/*.py")),
         ROOT / "core/simulator/transport.py",
         *ROOT.glob("core/store/*.py"), ROOT / "core/store/migrations/__init__.py",
         *ROOT.glob("core/store/backends/*.py"), *ROOT.glob("core/store/portable/*.py"),
         *ROOT.glob("core/store/imports/*.py")]  # fmt: skip
# Errors and notices by name -> which argument holds their words.
OF_THE_STORE = {"Health": -1, "Notice": 1, "Refused": 0, "NewerSchema": 0, "BadImport": 0}
CONFIGURATION = [ROOT / f"core/{name}.py" for name in (
                 "options/faults", "options/loading", "options/sources", "options/values", "providers/addresses",
                 "providers/catalog", "providers/environ", "providers/keys/aws", "providers/keys/files",
                 "providers/tables", "providers/toml_lines")]  # fmt: skip
# Who takes the end of a sentence about the configuration -> in which argument; and functions that return such ends.
TAKERS = {"problem": 1, "FieldFault": 1, "_says": 0, "ValueError": 0}
RULERS = {"fault", "rule", "_rule", "_unusable"}
# Who makes the words of an error that is not built from a literal: every sentence in these functions counts.
MAKERS = {
    "core/workspace/refusals.py": None,
    "core/net/exchange.py": {"_due"},
    "core/net/trust.py": {"explain"},
    "core/directory/models.py": {"_problem", "_no_chat_model", "no_model_error"},
    "core/providers/keys/shapes.py": {"_fault"},
    "core/providers/keys/keyring.py": {"how_to_get"},
    "core/providers/lifecycle.py": {"refusal"},
    "core/safety/incoming.py": {"clean_prompt"},
    "core/input_limits.py": {"_too_long"},
    "core/fallback.py": {"suggest"},
    "core/wire/failure/kinds.py": {"sentence"},
    "core/documents/kinds.py": {"kind_of", "broken", "_packed", "_older"},
    "core/documents/worker.py": {"answer"},
    "core/batch/outcome.py": {"broken"},
    "core/store/imports/load.py": {"load_file", "_why"},
    "core/store/portable/load.py": {"nothing_fits"},
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


def errors_of(tree: ast.Module) -> dict[str, int]:
    """Names of errors in a module -> which argument holds their words."""
    return OF_THE_STORE | {
        name.asname or name.name: 0
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level and node.module in ("errors", "kinds")
        for name in node.names
        if name.name[0].isupper() or name.name == "fault"
    }


def error_templates() -> tuple[set[str], list[Unread]]:
    """All templates, and the errors whose words are made somewhere else."""
    kinds: list[type[LLMError]] = [LLMError, *KINDS.values()]
    templates = {kind.paused_sentence.format(provider="{0}", model="{1}") for kind in kinds}
    unread: list[Unread] = []
    for path in ROOMS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        where = str(path.relative_to(ROOT))
        makers = MAKERS.get(where, set())
        constructors = errors_of(tree)
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            if makers is None or function.name in makers:
                templates |= set(_sentences(function))
        for argument in _arguments(tree, constructors):
            for words in _wordings(argument, tree):
                if isinstance(words, ast.expr):
                    unread.append(Unread(where, ast.unparse(words)))
                elif _tells(words):
                    templates.add(words)
    return templates, unread


def rules() -> tuple[set[str], set[str]]:
    """How problems of the configuration end, and what stands there that is made somewhere else."""
    templates: set[str] = set()
    unread: set[str] = set()
    for path in CONFIGURATION:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for ending in (*_arguments(tree, TAKERS), *_endings(tree)):
            for words in _wordings(ending, tree):
                if isinstance(words, ast.expr):
                    unread.add(ast.unparse(words))
                else:
                    templates.add(words)
    return templates, unread


def _arguments(tree: ast.Module, takers: Mapping[str, int]) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            position = takers.get(node.func.id)
            if position is not None and position < len(node.args):
                yield node.args[position]


def _endings(tree: ast.Module) -> Iterator[ast.expr]:
    """Ends of sentences that are returned, kept as `says` or noted with their line."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) if name in RULERS:
                yield from (
                    statement.value
                    for statement in ast.walk(node)
                    if isinstance(statement, ast.Return) and statement.value
                )
            case ast.Assign(targets=[ast.Name(id="says")], value=value):
                yield value
            case ast.Call(func=ast.Attribute(attr="append"), args=[ast.Tuple(elts=[_, ending])]):
                yield ending


def _wordings(node: ast.expr, tree: ast.Module) -> Iterator[str | ast.expr]:
    """The templates that an expression can be: literals, constants of its module, one of two. The rest as it is."""
    match node:
        case ast.IfExp(body=body, orelse=other):
            yield from (*_wordings(body, tree), *_wordings(other, tree))
        case ast.BoolOp(values=values):
            yield from (words for value in values for words in _wordings(value, tree))
        case ast.Constant(value=None):
            return
        case ast.Name(id=name) if name in (constants := _constants(tree)):
            yield constants[name]
        case _:
            words = template(node)
            yield node if words is None else words


def _constants(tree: ast.Module) -> dict[str, str]:
    return {
        node.targets[0].id: str(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


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
