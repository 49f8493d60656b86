"""Our own JSON, version 1: everything a conversation holds, branches, files and numbers included.

{"format": "roundtable", "version": 1, "conversations": [{..., "messages": [{..., "files": [...]}]}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import BadImport

FORMAT, VERSION = "roundtable", 1


def check(data: Mapping[str, Any]) -> None:
    """BadImport for a file that this version cannot read, by the fields around its conversations."""
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadImport("The file: “version” is not a number. Nothing was imported.")
    if version > VERSION:
        raise BadImport(f"The file is of a newer version, this Roundtable reads up to {VERSION}. Nothing was imported.")
    if not isinstance(data.get("conversations", []), list):
        raise BadImport("The file: “conversations” is not a list. Nothing was imported.")
