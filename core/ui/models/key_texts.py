"""Words about keys: which one it is, which one answers, where pasted ones are stored, and that one is gone."""

from __future__ import annotations

from collections.abc import Sequence

from ...providers.keys.shapes import Key
from ...records import OWN_KEY, Provider
from .. import session
from ..text import plain, t
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


def source_name(source: str) -> str:
    """Where a key comes from."""
    return {
        OWN_KEY: t("pasted"),
        "environment": t("environment"),
        "secrets": t("Streamlit secrets"),
        "folder": t("secret file"),
        "AWS": "AWS Secrets Manager",
    }.get(source, source)


def ending(key: Key) -> str:
    """The last four characters, as Markdown; "" for a key too short to show any."""
    return f"…{plain(key.ending)}" if key.ending else ""


def key_name(key: Key) -> str:
    """Whose key it is, as Markdown."""
    if not key.is_shared:
        return t("your key")
    return t("the server's key “{label}”", label=plain(key.label.lower())) if key.label else t("the server's key")


def answering_keys(providers: Sequence[Provider]) -> list[str]:
    """Which key answers, for each provider where a person pasted one or can choose, as Markdown."""
    keyring, keys = session.engine().keyring, session.keys()
    by_id = {provider.id: provider for provider in providers}
    words = []
    for provider in by_id.values():
        key = keyring.find(provider, keys)
        if key and (not key.is_shared or len(keyring.all_of(provider, keys)) > 1):
            lead = f"{named(provider)}{t(': ')}" if len(by_id) > 1 else ""
            words.append(f"{lead}{key_name(key)} {ending(key)}".strip())
    return words
