"""docs/options.md: every option from `core/options/`, in the order of `.env.example`.

`python -m scripts.options` writes it; `--check` only says whether it is up to date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from core.options import OPTIONS, PREFIX, Settings

FOLDER = Path(__file__).resolve().parents[1]
PAGE = FOLDER / "docs" / "options.md"
EXAMPLE = FOLDER / ".env.example"
HEAD = """\
# Options

Written by `python -m scripts.options` from `core/options/`; do not edit it by hand. Each option is a variable of the
environment, a line of `.env` or an entry of `.streamlit/secrets.toml`, and is read at the start. An invalid value stops
the start with a sentence that names the option and never its value. Keys are in [.env.example](../.env.example).
"""
_OPTION = re.compile(rf"^#{PREFIX}(?P<name>[A-Z0-9_]+)=", re.MULTILINE)
_SIGNS = {Gt: ">", Ge: "≥", Lt: "<", Le: "≤"}


def written() -> str:
    """The whole page."""
    rows = [row(name, Settings.model_fields[name]) for name in in_order()]
    return "\n".join([HEAD, "| option | default | allowed | what it does |", "| --- | --- | --- | --- |", *rows, ""])


def in_order() -> list[str]:
    """Names of options as `.env.example` has them; what it lacks comes last."""
    example = [match["name"].lower() for match in _OPTION.finditer(EXAMPLE.read_text(encoding="utf-8"))]
    return [name for name in dict.fromkeys([*example, *OPTIONS]) if name in OPTIONS]


def row(name: str, field: FieldInfo) -> str:
    cells = (f"`{PREFIX}{name.upper()}`", default(field), allowed(field), field.description or "")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (tuple, list, frozenset)):
        return f"`{' '.join(map(str, value))}`" if value else "empty"
    return f"`{value}`" if str(value) else "empty"


def allowed(field: FieldInfo) -> str:
    """The kind of value with its bounds."""
    limits = [bound for bound in field.metadata if type(bound) in _SIGNS]
    bounds = " and ".join(f"{_SIGNS[type(bound)]} {limit(bound):,.15g}" for bound in limits)
    return " ".join(filter(None, (kind(field.annotation), bounds)))


def limit(bound: Gt | Ge | Lt | Le) -> float:
    return float(next(getattr(bound, name) for name in ("gt", "ge", "lt", "le") if hasattr(bound, name)))


def kind(annotation: Any) -> str:
    choices = [choice for choice in get_args(annotation) if isinstance(choice, str)]
    if choices:
        return " or ".join(f"`{choice}`" for choice in choices)
    kinds = {bool: "true or false", int: "whole number", float: "number"}
    types = [annotation, *get_args(annotation)]
    return next((word for each, word in kinds.items() if each in types), "text")


def main() -> None:
    page = written()
    if "--check" in sys.argv:
        stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page
        sys.exit("docs/options.md is out of date: run python -m scripts.options" if stale else 0)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
