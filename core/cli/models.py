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
    engine.directory.look_around()
    found = list(narrowed(listed(engine), options.word.lower()))
    if options.json:
        for one in found:
            print(as_json(one))
        return 0
    for one in found:
        if not one.lacks:
            print(f"{one.provider.label}: {one.state}")
            print("".join(f"  {model}\n" for model in one.models) or f"  {one.provider.id}/…\n", end="")
    lacking = [one for one in found if one.lacks]
    if lacking:
        print("\nNot ready:" if len(lacking) < len(found) else "Not ready:")
        width = max(len(one.provider.id) for one in lacking)
        for one in lacking:
            print(f"  {one.provider.id:{width}}  {one.lacks}")
    return 0


def listed(engine: Engine) -> Iterator[Listed]:
    """Every provider that is not retired."""
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
    if provider.local and provider.id not in engine.directory.running and not key:
        return "", f"does not run here ({provider.base_url})"
    if key:
        return f"key in {key.name} ({key.source})", ""
    if provider.auth in ("none", "optional"):
        return "needs no key", ""
    return "", " or ".join(provider.key_names) + (f"  {provider.key_url}" if provider.key_url else "")


def narrowed(found: Iterator[Listed], word: str) -> Iterator[Listed]:
    """Providers whose name contains the word, with all of their models; of the others the matching models."""
    for one in found:
        if word in one.provider.id or word in one.provider.label.lower():
            yield one
        elif models := tuple(model for model in one.models if word in model.lower()):
            yield Listed(one.provider, one.state, one.lacks, models)


def as_json(one: Listed) -> str:
    provider = one.provider
    whole = {
        "provider": provider.id,
        "label": provider.label,
        "ready": not one.lacks,
        "state": one.state or one.lacks,
        "key_names": provider.key_names,
        "key_url": provider.key_url or None,
        "models": one.models,
    }
    return json.dumps(whole, ensure_ascii=False)
