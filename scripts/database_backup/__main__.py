"""Back up Roundtable's database into one file, while the app runs; restore such a file into an empty database.

    scripts/backup save roundtable-2026-11-29.backup
    scripts/backup check roundtable-2026-11-29.backup
    scripts/backup restore roundtable-2026-11-29.backup
    scripts/backup files roundtable-2026-11-29.backup      put back files that are lacking, and name what still is

Where ROUNDTABLE_FILES_PLACE names a folder or a bucket, its files are saved beside the backup, in NAME.files.zip;
--without-files leaves them to a backup of your own.

Which database is read from the app's own options: DATABASE_URL or ROUNDTABLE_DATABASE_URL names a PostgreSQL, else it
is the SQLite file in ROUNDTABLE_DATA_FOLDER. Nothing that exists is ever overwritten.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import Setup
from core.options import load
from core.store import Refused, StoreError
from core.store.blob_places import S3, place_of
from core.store.opening import FILE
from scripts.database_backup import files, postgresql, sqlite
from scripts.database_backup.refusal import BackupRefused, is_new


def main(arguments: list[str] | None = None) -> str:
    parser = argparse.ArgumentParser(
        "scripts/backup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("act", choices=["save", "check", "restore", "files"])
    parser.add_argument("file", type=Path, help="the backup")
    parser.add_argument("--without-files", action="store_true", help="save the database alone")
    options = parser.parse_args(arguments)
    try:
        return run(options.act, options.file, with_files=not options.without_files)
    except (BackupRefused, Refused, Setup, StoreError) as refusal:
        sys.exit(str(refusal))


def run(act: str, file: Path, *, with_files: bool = True) -> str:
    """Do it, and say in a sentence or two what was done."""
    settings = load()
    url = settings.database_url
    is_sqlite = not url or url.startswith("sqlite:")
    path = Path((url or "").removeprefix("sqlite:///")) if url else settings.folder / settings.data_folder / FILE
    place_name = settings.files_place
    if place_name and not place_name.startswith(S3):
        place_name = str(settings.folder / place_name)
    place = place_of(place_name, settings.files_s3_endpoint, settings.environ)
    has_files = files.beside(file).exists()
    if act in ("restore", "files") and has_files and not place:
        raise BackupRefused(f"{files.beside(file)} has files: set ROUNDTABLE_FILES_PLACE to where they shall be.")
    if act == "save" and place and with_files:
        is_new(files.beside(file))
    lines = []
    if act != "files" and is_sqlite:
        lines.append({"save": sqlite.save, "check": sqlite.check, "restore": sqlite.restore}[act](path, file))
    elif act != "files":
        act_of = {"save": postgresql.save, "check": postgresql.check, "restore": postgresql.restore}[act]
        lines.append(act_of(url or "", file))
    match act:
        case "save" if place and with_files:
            lines.append(files.save(_outside(url, file if is_sqlite else None), place, file))
        case "check" if has_files:
            lines.append(files.check(files.of_sqlite(file) if is_sqlite else None, file))
        case "restore" | "files":
            wanted = _outside(url, path if is_sqlite else None)
            if place:
                lines.append(files.restore(wanted, place, file))
            elif wanted:
                lines.append(f"{len(wanted)} files are outside the database: set ROUNDTABLE_FILES_PLACE to where.")
    return "\n".join(lines)


def _outside(url: str | None, path: Path | None) -> list[files.StoredFile]:
    """What is kept outside, of the SQLite file `path` or else of the PostgreSQL at `url`."""
    return files.of_sqlite(path) if path else files.of_postgresql(url or "")


if __name__ == "__main__":
    print(main())
