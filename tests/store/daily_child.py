"""A process that reserves calls of one person until they are refused: python -m tests.store.daily_child <folder>
<database URL, or -> <limit>. It begins when a line comes, and says how many calls were granted."""

from __future__ import annotations

import sys
from pathlib import Path

from core.providers.limits import PlannedCall
from core.records import Model, Provider
from core.store.opening import open_database
from core.store.quota import daily_limits, ledger
from core.store.quota.grants import Hold
from core.views.people import KeyRule

TRIES = 12


def planned(limit: int, owner_id: str = "ana") -> PlannedCall:
    """A call with a shared key of a provider without limits."""
    acme = Provider("acme", "Acme", "openai", "https://acme.example/v1")
    of_person = daily_limits.meters_of(owner_id, KeyRule(requests=limit), "UTC")
    return PlannedCall(acme, Model("acme/small", "small", "acme"), "k1", of_person=of_person)


def main(folder: Path, url: str, limit: int) -> None:
    database = open_database(None if url == "-" else url, folder)
    print("ready", flush=True)
    sys.stdin.readline()
    grants = [ledger.reserve(database, "ana", [planned(limit)]).grants[0] for _ in range(TRIES)]
    print(sum(isinstance(grant, Hold) for grant in grants), flush=True)
    database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
