"""PostgreSQL by its own pg_dump and pg_restore, which must not be older than the server.

The password goes to them by their environment, where other users of the computer cannot see it, and never by a
command line.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL, Engine, inspect

from core.store.backends import postgresql
from core.store.migrations import HEAD, current
from scripts.database_backup.refusal import BackupRefused, is_new

PRIVATE = 0o600


def save(url: str, file: Path) -> str:
    is_new(file)
    engine = postgresql.connect(url)
    try:
        with engine.connect() as connection:
            revision = current(connection)
    finally:
        engine.dispose()
    if revision is None:
        raise BackupRefused("This database is not Roundtable's.")
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, PRIVATE))
    try:
        _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={part}"], url)
        is_new(file)
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
    return f"Saved the database to {file}: schema {revision}, {file.stat().st_size:,} bytes."


def check(url: str, file: Path) -> str:
    """Whether the backup can be read from end to end."""
    _listing(file)
    _run("pg_restore", [f"--file={os.devnull}", str(file)])
    return f"{file} is whole: {file.stat().st_size:,} bytes."


def restore(url: str, file: Path) -> str:
    """Into a database without any table: all of it, or nothing."""
    _listing(file)
    engine = postgresql.connect(url)
    try:
        if tables := inspect(engine).get_table_names():
            raise BackupRefused(f"The database has {len(tables)} tables already and was not touched: use an empty one.")
        _run(
            "pg_restore",
            ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname=", str(file)],
            url,
        )
        return f"Restored {file}: schema {_checked(engine)}."
    finally:
        engine.dispose()


def _checked(engine: Engine) -> str:
    with engine.connect() as connection:
        revision = current(connection)
    if revision is None or revision > HEAD:
        raise BackupRefused(
            f"The backup was restored, but its schema is {revision} and this Roundtable knows {HEAD}: update it."
        )
    return revision


def _listing(file: Path) -> None:
    if not file.is_file():
        raise BackupRefused(f"There is no backup at {file}.")
    if "roundtable_version" not in _run("pg_restore", ["--list", str(file)]):
        raise BackupRefused(f"{file} is not a backup of Roundtable.")


def _run(program: str, arguments: Sequence[str], url: str | None = None) -> str:
    path = shutil.which(program)
    if path is None:
        raise BackupRefused(f"{program} is not installed: it comes with PostgreSQL's client (postgresql-client).")
    environ = {**os.environ, **(_login(postgresql.address(url)) if url else {})}
    words = [f"--dbname={environ['PGDATABASE']}" if word == "--dbname=" else word for word in arguments]
    done = subprocess.run([path, *words], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupRefused(f"{program} failed: {' '.join(done.stderr.split())[-400:]}")
    return done.stdout


def _login(address: URL) -> dict[str, str]:
    """The variables by which PostgreSQL's programs know where to go."""
    query = {name: value if isinstance(value, str) else value[0] for name, value in address.query.items()}
    values = {
        "PGHOST": query.get("host") or address.host,
        "PGPORT": address.port and str(address.port),
        "PGUSER": address.username,
        "PGPASSWORD": address.password and str(address.password),
        "PGDATABASE": address.database,
        "PGSSLMODE": query.get("sslmode"),
        "PGSSLROOTCERT": query.get("sslrootcert"),
    }
    return {name: value for name, value in values.items() if value}
