"""Settings out of all sources, or one error that names every fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import Setup
from ..providers.keys.sources import KeySource
from ..records import NOTHING
from . import faults
from .settings import OPTIONS, Settings
from .sources import PREFIX, options_in, read_sources


def load(
    environ: Mapping[str, str] | None = None,
    secrets: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None = None,
    folder: Path = Path("."),
    options: Mapping[str, Any] = NOTHING,
    key_sources: Sequence[KeySource | Mapping[str, str]] = (),
) -> Settings:
    """Read every source but AWS. Raises one Setup with a line per option that is out of bounds; other faults are
    `problems` here and of the sources. `secrets` as a function is called again to see changes. `options` by name, such
    as `attempts`, come before all others, and so do `key_sources`, strongest first."""
    if unknown := sorted(options.keys() - set(OPTIONS)):
        raise Setup(f"There is no option {', '.join(unknown)}; .env.example lists all, as ROUNDTABLE_ and the name.")
    sources = read_sources(environ, secrets, folder, key_sources)
    merged = sources.environ
    written, problems = options_in(merged)
    values: dict[str, Any] = {name: _trimmed(value) for name, value in (written | dict(options)).items()}
    try:
        return Settings(
            environ=merged,
            sources=sources,
            problems=(*(sentence for name, sentence in sources.faults if not name), *problems),
            option_problems=problems,
            folder=folder,
            **values,
        )
    except ValidationError as error:
        raise Setup(faults.sentences(error, Settings.model_fields, merged, PREFIX)) from None


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
