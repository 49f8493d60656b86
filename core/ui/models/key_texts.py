"""Sentences about pasted keys: where they are stored, for how long, and that one is gone."""

from __future__ import annotations

from collections.abc import Sequence

from ...records import Provider
from .. import session
from ..text import t
from .names import named


def storage_note() -> str:
    """Where pasted keys are stored, and for how long."""
    hours = f"{session.engine().settings.pasted_keys_hours:g}"
    return t(
        "Pasted keys stay in this server's memory for all tabs of this browser, never on disk. They are removed "
        "after {hours} h without use and when the app restarts.",
        hours=hours,
    )


def lost_key_text(providers: Sequence[Provider]) -> str:
    """That pasted keys are gone."""
    names = ", ".join(named(provider) for provider in providers)
    return t(
        "The key you pasted for {names} is gone (the app restarted, or it was not used for a while). Paste it again.",
        names=names,
    )
