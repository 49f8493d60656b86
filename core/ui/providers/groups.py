"""Providers in groups: key refused, ready, free tier, other, on this computer, retired."""

from __future__ import annotations

from ...engine import Engine
from ...records import Provider
from .. import session
from ..models.names import matches
from ..text import t


def sorting() -> tuple[frozenset[str], frozenset[str]]:
    """Ids of the providers with a pasted key, and of those that refused the key."""
    providers = session.engine().catalog.providers.values()
    refused = frozenset(provider.id for provider in providers if session.standing(provider).state == "refused")
    return frozenset(session.keys()), refused


def groups(
    engine: Engine, keyed: frozenset[str], refused: frozenset[str], words: str, kind: str | None
) -> list[tuple[str, list[Provider]]]:
    """(title, providers) of those that match the words and the filter, without empty groups.

    `keyed` and `refused` as from `sorting`.
    """
    titles = {
        "refused": t("Key rejected"),
        "ready": t("Ready to use"),
        "free": t("Free tier, needs a key"),
        "other": t("Trial credit or paid"),
        "local": t("On this computer"),
        "retired": t("Retired"),
    }
    by_group: dict[str, list[Provider]] = {name: [] for name in titles}
    for provider in engine.catalog.providers.values():
        ready = provider.id not in refused and (provider.id in keyed or engine.directory.is_ready(provider))
        names = [*(model.name for model in provider.models), *engine.directory.names(provider, session.keys())]
        if matches(words, provider, names) and _is(provider, kind, ready=ready):
            by_group["refused" if provider.id in refused else _group(provider, ready=ready)].append(provider)
    return [(titles[name], members) for name, members in by_group.items() if members]


def _group(provider: Provider, *, ready: bool) -> str:
    if provider.state == "retired":
        return "retired"
    if provider.local:
        return "local"
    if ready:
        return "ready"
    return "free" if provider.free and provider.state == "live" else "other"


def _is(provider: Provider, kind: str | None, *, ready: bool) -> bool:
    match kind:
        case "ready":
            return ready and not provider.local
        case "free":
            return bool(provider.free) and provider.state == "live"
        case "trial" | "retired":
            return provider.state == kind
        case "local":
            return provider.local
    return True
