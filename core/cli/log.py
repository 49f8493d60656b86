"""`roundtable log`: the call log as Parquet or CSV files."""

from __future__ import annotations

import argparse
import sys

from .. import open_log

HELP = "write the log of calls, messages, votes and quota as Parquet or CSV"
DESCRIPTION = (
    "Write the log into a folder: a Parquet file a month, or CSV for spreadsheets. It holds what everybody asked, "
    "unless --owner says whose. The database, the app's own unless --from names another, is only read."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", required=True, metavar="FOLDER", help="where the files go")
    parser.add_argument("--from", dest="place", metavar="DATABASE", help="a SQLite file, or postgresql://…")
    parser.add_argument("--since", metavar="TIME", help="such as 2026-10-01; Parquet: from the beginning of its month")
    parser.add_argument("--until", metavar="TIME", help="not included; Parquet: to the end of its month")
    parser.add_argument("--owner", metavar="ID", help="of this person only, by the id in the column owner_id")
    parser.add_argument("--csv", action="store_true", help="CSV instead of Parquet")


def run(options: argparse.Namespace) -> int:
    with open_log(options.place) as log:
        write = log.to_csv if options.csv else log.to_parquet
        try:
            rows = write(options.to, since=options.since, until=options.until, owner=options.owner)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
    for frame, number in rows.items():
        print(f"{frame}: {number} rows")
    return 0
