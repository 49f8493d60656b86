"""Where options and keys are read: the caller's own, the environment, `.env`, secrets, a folder of key files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..providers.environ import Environ, problem
from ..providers.keys.files import DotenvFile, KeyFolder, SecretsFile
from ..providers.keys.sources import FixedSource, KeySource, KeySources
from .settings import OPTIONS

PREFIX = "ROUNDTABLE_"
_SERVICE_LINK = re.compile(r"_SERVICE_(HOST|PORT\w*)$|_PORT_\d+_(TCP|UDP|SCTP)\w*$")
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://[\w.:\[\]-]+")


def read_sources(
    environ: Mapping[str, str] | None,
    secrets: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None,
    folder: Path,
    key_sources: Sequence[KeySource | Mapping[str, str]],
) -> KeySources:
    """All of them but AWS, strongest first."""
    load_secrets = secrets if callable(secrets) else lambda: secrets
    sources = KeySources(
        [
            *(FixedSource("arguments", each) if isinstance(each, Mapping) else each for each in key_sources),
            FixedSource("environment", os.environ if environ is None else environ),
            DotenvFile(folder / ".env"),
            SecretsFile(load_secrets, folder / ".streamlit" / "secrets.toml"),
        ]
    )
    if keys_folder := sources.environ.get(f"{PREFIX}KEYS_FOLDER", "").strip():
        sources.add(KeyFolder(folder / Path(keys_folder).expanduser()))
    return sources


def options_in(environ: Environ) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Options by name, as they are written; and a sentence for each name that begins like an option and is none."""
    values: dict[str, Any] = {"database_url": environ["DATABASE_URL"]} if "DATABASE_URL" in environ else {}
    problems = []
    for name in sorted(name for name in environ if name.startswith(PREFIX)):
        option = name.removeprefix(PREFIX).lower()
        if _is_service_link(name, environ[name]):
            continue
        if option in OPTIONS and name == PREFIX + option.upper():
            values[option] = environ[name]
        else:
            problems.append(problem(f"{name} ({environ.source(name)})", "is not an option; see .env.example"))
    return values, tuple(problems)


def _is_service_link(name: str, value: str) -> bool:
    """Whether Kubernetes or Docker put this into the environment, for a service that is called roundtable."""
    return bool(_SERVICE_LINK.search(name) or _SERVICE_ADDRESS.fullmatch(value.strip()))
