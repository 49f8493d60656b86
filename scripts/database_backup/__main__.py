"""Back up Roundtable's database into one file, while the app runs; restore such a file into an empty database.

    scripts/backup save roundtable-2026-11-29.backup
    scripts/backup check roundtable-2026-11-29.backup
    scripts/backup restore roundtable-2026-11-29.backup

Which database is read from the app's own options: DATABASE_URL or ROUNDTABLE_DATABASE_URL names a PostgreSQL, else it
is the SQLite file in ROUNDTABLE_DATA_FOLDER. Nothing that exists is ever overwritten.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.config import load
from core.errors import Setup
from core.store import Refused
from scripts.database_backup import postgresql, sqlite
from scripts.database_backup.refusal import BackupRefused


def main(arguments: list[str] | None = None) -> str:
    parser = argparse.ArgumentParser(
        "scripts/backup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("act", choices=["save", "check", "restore"])
    parser.add_argument("file", type=Path, help="the backup")
    options = parser.parse_args(arguments)
    try:
        return run(options.act, options.file)
    except (BackupRefused, Refused, Setup) as refusal:
        sys.exit(str(refusal))


def run(act: str, file: Path) -> str:
    """Do it, and say in one sentence what was done."""
    settings = load()
    url = settings.database_url
    if url and not url.startswith("sqlite:"):
        return {"save": postgresql.save, "check": postgresql.check, "restore": postgresql.restore}[act](url, file)
    path = Path(url.removeprefix("sqlite:///")) if url else settings.folder / settings.data_folder / "roundtable.db"
    return {"save": sqlite.save, "check": sqlite.check, "restore": sqlite.restore}[act](path, file)


if __name__ == "__main__":
    print(main())
