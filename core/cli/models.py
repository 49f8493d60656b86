"""`roundtable models`: the providers that can be asked here, with their models, and what the others lack."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import build
from ..providers.catalog import missing_options
from ..records import Provider

if TYPE_CHECKING:
    from ..engine import Engine

HELP = "list the models that can be asked, and the providers that lack a key"
DESCRIPTION = "List the models that can be asked here, then the providers that lack something. No key is ever printed."


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider of the list; `lacks` is "" if it can be asked."""

    provider: Provider
    state: str
    lacks: str
    models: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("word", nargs="?", default="", help="only providers and models whose name holds this")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, one line a provider")


def run(options: argparse.Namespace) -> int:
    engine = build()
    for problem in engine.settings.problems + engine.catalog.problems:
        print(problem, file=sys.stderr)
    engine.directory.local.look_around()
    shown = list(narrowed(listed(engine), options.word.lower()))
    if options.json:
        for row in shown:
            print(as_json(row))
        return 0
    for row in shown:
        if not row.lacks:
            print(f"{row.provider.label}: {row.state}")
            print("".join(f"  {model}\n" for model in row.models) or f"  {row.provider.id}/…\n", end="")
    lacking = [row for row in shown if row.lacks]
    if lacking:
        print("\nNot ready:" if len(lacking) < len(shown) else "Not ready:")
        width = max(len(row.provider.id) for row in lacking)
        for row in lacking:
            print(f"  {row.provider.id:{width}}  {row.lacks}")
    return 0


def listed(engine: Engine) -> Iterator[Listed]:
    """Every provider that is not retired."""
    engine.preparation.wait_for_keys()
    for provider in engine.catalog.providers.values():
        if provider.state == "retired":
            continue
        state, lacks = standing(engine, provider)
        yield Listed(provider, state, lacks, tuple(model.id for model in engine.directory.models(provider)))


def standing(engine: Engine, provider: Provider) -> tuple[str, str]:
    """(how it can be asked, what it lacks); one of the two is ""."""
    if provider.id in engine.catalog.blocked:
        return "", engine.catalog.blocked[provider.id]
    key = engine.keyring.find(provider)
    if provider.simulated:
        return "simulated, needs no key", ""
    if key and key.fault:
        return "", key.fault
    if missing := missing_options(provider):
        return "", f"set {' and '.join(missing)}"
    if provider.local and provider.id not in engine.directory.local.running and not key:
        return "", f"does not run here ({provider.base_url})"
    if key:
        return f"key in {key.name} ({key.source})", ""
    if provider.auth in ("none", "optional"):
        return "needs no key", ""
    return "", " or ".join(provider.key_names) + (f"  {provider.key_url}" if provider.key_url else "")


def narrowed(rows: Iterator[Listed], word: str) -> Iterator[Listed]:
    """Providers whose name contains the word, with all of their models; of the others the matching models."""
    for row in rows:
        if word in row.provider.id or word in row.provider.label.lower():
            yield row
        elif models := tuple(model for model in row.models if word in model.lower()):
            yield Listed(row.provider, row.state, row.lacks, models)


def as_json(row: Listed) -> str:
    provider = row.provider
    fields = {
        "provider": provider.id,
        "label": provider.label,
        "ready": not row.lacks,
        "state": row.state or row.lacks,
        "key_names": provider.key_names,
        "key_url": provider.key_url or None,
        "models": row.models,
    }
    return json.dumps(fields, ensure_ascii=False)
