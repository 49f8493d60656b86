"""Look after the catalogue of providers.

scripts/catalog check                      what is dead, double, without a source, stale; fails but for what is stale
scripts/catalog refresh data/models.json   a diff by the lists that the app keeps, the evidence beside each line
scripts/catalog refresh groq=list.json     the same by a provider's own reply to /models
scripts/catalog refresh facts.csv          the same by a table with provider, model and what is known of it
scripts/catalog refresh --ask              asks the providers whose keys are in the environment
scripts/catalog table [--write]            the table of corrected facts in docs/catalogue.md

`git apply` takes a diff. Nothing but --ask reaches another computer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from core.assemble import build
from core.errors import LLMError
from core.providers import catalog, evidence
from core.records import Provider
from scripts.catalogue import check, refresh, table

CATALOG = Path(__file__).resolve().parents[2] / "core/providers/catalog.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/catalog", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check")
    checking.add_argument("--on", type=date.fromisoformat, help="a day, instead of today")
    checking.add_argument("--file", type=Path, default=CATALOG, help="another catalogue than that of this checkout")
    refreshing = commands.add_parser("refresh")
    refreshing.add_argument("files", nargs="*")
    refreshing.add_argument("--ask", action="store_true")
    commands.add_parser("table").add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    if options.command == "check":
        return _check(options.file, evidence.midnight(options.on) if options.on else datetime.now(UTC))
    if options.command == "refresh":
        return _refresh(options.files, ask=options.ask)
    if options.write:
        table.write()
    else:
        print(table.table(), end="")
    return 0


def _check(path: Path, now: datetime) -> int:
    try:
        providers = catalog.parse(path.read_text(encoding="utf-8"))
    except LLMError as error:
        print(error.message)
        return 1
    findings = check.findings(providers, evidence.shipped(), now)
    for finding in findings:
        print(finding)
    faults = sum(finding.kind in check.FAULTS for finding in findings)
    print(f"{faults} to mend, {len(findings) - faults} to look at")
    return 1 if faults else 0


def _refresh(files: Sequence[str], *, ask: bool) -> int:
    providers, lists, facts = _shipped(), list[refresh.Listed](), list[dict[str, str]]()
    for argument in files:
        provider_id, _, name = argument.rpartition("=")
        path = Path(name)
        read_on = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        if provider_id:
            lists.append(refresh.from_reply(providers[provider_id], path, read_on))
        elif path.suffix == ".csv":
            facts += refresh.from_facts(path, read_on)
        else:
            lists += refresh.from_kept(path)
    lists += _listed_now() if ask else []
    print(refresh.diff(CATALOG.read_text(encoding="utf-8"), providers, lists, facts))
    return 0


def _listed_now() -> list[refresh.Listed]:
    """What the providers list now that have a key in the environment; who does not answer is told."""
    directory, lists = build().directory, list[refresh.Listed]()
    for provider in directory.real():
        if provider.local:  # what runs here says nothing of a catalogue
            continue
        try:
            names = directory.listed(provider)
        except LLMError as error:
            print(f"{provider.id}: {error.message}", file=sys.stderr)
            continue
        life = directory.life(provider)
        details = life.listing.details if life.listing else {}
        at = f" at {provider.base_url}" if provider.own else ""  # not the vendor's own address
        lists.append(refresh.Listed(provider.id, names, f"listed by {provider.id}{at}", life.now.date(), details))
    return lists


def _shipped() -> dict[str, Provider]:
    return dict(catalog.load({}, CATALOG.parent).providers)


if __name__ == "__main__":
    sys.exit(main())
