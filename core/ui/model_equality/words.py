"""The results of a check in words. None says that two hosts are the same: that cannot be shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ...views.model_equality import CheckedHost, EqualityCheck
from .. import session
from ..failures.kinds import outcome
from ..models.families import name_of
from ..models.marks import speaker_of
from ..text import ago, plain, t

LEAST_P = 0.0001
# Each text is a literal argument of `t`, so that it is found for translation.
WHY: dict[str, Callable[[], str]] = {
    "no_text": lambda: t("shows no text in so few tokens"),
    "no_temperature": lambda: t("ignores temperature"),
}


def summary(check: EqualityCheck, now: datetime) -> str:
    """Such as "checked 3 days ago: no difference found between A, B; D gives different answers (p = 0.003)"."""
    return t("checked {ago}: {result}", ago=ago(check.at, now), result=result(check))


def result(check: EqualityCheck) -> str:
    """The same without its age, as Markdown."""
    alike = [host for host in check.hosts if host.verdict in ("reference", "no_difference")]
    different = [host for host in check.hosts if host.verdict == "different"]
    parts = []
    if len(alike) > 1:
        hosts = t(", ").join(map(provider_name, alike))
        parts.append(f":green[:material/check:] {t('no difference found between {hosts}', hosts=hosts)}")
    for host in different:
        if len(alike) == len(different) == 1:
            sentence = t(
                "{first} and {second} give different answers ({p})",
                first=provider_name(alike[0]),
                second=provider_name(host),
                p=p_value(host),
            )
        else:
            sentence = t("{host} gives different answers ({p})", host=provider_name(host), p=p_value(host))
        parts.append(f":orange[:material/difference: {sentence}]")
    untested = [host for host in check.hosts if not host.is_tested]
    parts += [f":gray[{provider_name(host)}{t(': ')}{verdict(host)}]" for host in untested]
    return t("; ").join(parts) or t("no host could be compared")


def verdict(host: CheckedHost) -> str:
    """The verdict on one host, without its name."""
    match host.verdict:
        case "reference":
            return t("the others are compared with it")
        case "no_difference":
            return t("no difference found")
        case "different":
            return t("different answers ({p})", p=p_value(host))
        case "no_answers":
            return t("the same answer to everything")
        case "unsteady":
            return t("contradicts itself at temperature 0")
    return t("too few answers ({why})", why=why_ended(host.why)) if host.why else t("too few answers")


def why_ended(why: str) -> str:
    """Why a host ended early; `why` as in `CheckedHost`."""
    return WHY[why]() if why in WHY else plain(outcome(why))


def p_value(host: CheckedHost) -> str:
    if host.p_value is None:
        return ""
    return f"p < {LEAST_P}" if host.p_value < LEAST_P else f"p = {host.p_value:.2g}"


def provider_name(host: CheckedHost) -> str:
    return speaker_of(host.model_id, session.engine().catalog.providers).provider_name


def model_name(check: EqualityCheck) -> str:
    """The bare name of the model, as Markdown."""
    return plain(name_of([host.model_id.partition("/")[2] for host in check.hosts]))
