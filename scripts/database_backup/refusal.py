"""Why a backup or a restore was not made."""

from __future__ import annotations

from pathlib import Path


class BackupRefused(Exception):
    """One sentence for the operator; nothing was changed."""


def is_new(path: Path) -> None:
    """Raise where something is there already."""
    if path.exists():
        raise BackupRefused(f"{path} exists already and was not overwritten.")
