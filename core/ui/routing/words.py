"""The router's actions in words: its names, its reasons, and what an answer's notes say of the choice."""

from __future__ import annotations

from collections.abc import Iterator

from ...records import AUTO, Completion, Routing
from .. import session
from ..failures import kinds
from ..models.called import named
from ..models.marks import who
from ..text import plain, t

OF_THE_CHOICE = (*Routing.KINDS, "failed_over", "too_large", "beyond_credit", "kept_private")


def is_auto(model_id: str) -> bool:
    return model_id in AUTO


def offers() -> dict[str, tuple[str, str]]:
    """What can be picked instead of a model: id -> (name, what it does)."""
    return {
        "auto": (t("Auto"), t("the right size for each question")),
        "auto/small": (t("Auto, small"), t("only small models: quick and thrifty")),
        "auto/big": (t("Auto, big"), t("only big models: for hard questions")),
    }


def name(model_id: str) -> str:
    """A model and where it is served, as Markdown: "gpt-oss-20b (Groq)"."""
    speaker = who(model_id, session.engine().catalog.providers)
    return f"{speaker.model_name} ({speaker.provider_name})"


def kept_private(provider_id: str) -> str:
    """Why nobody stood in: the text was meant for this provider alone."""
    provider = session.engine().catalog.providers.get(provider_id)
    label = named(provider) if provider else plain(provider_id)
    return t(
        "Nobody else was asked: other providers promise less privacy than {provider}. You can allow it on the"
        " Providers page, under Privacy.",
        provider=label,
    )


def passed_over(completion: Completion) -> list[tuple[str, str]]:
    """(model id, why in words) of those that "auto" did not even ask."""
    why = {
        "rests": t("rests after failures"),
        "limit": t("nothing left of its limit"),
        "window": t("too short a window for this chat"),
    }
    passed = completion.routing.passed_over if completion.routing else ()
    return [(model_id, why.get(code, plain(code))) for model_id, code in passed]


def notes(completion: Completion) -> Iterator[str]:
    """Sentences for the line under an answer; none where nothing was chosen or changed."""
    noted = {note.kind: note.detail for note in completion.notes}
    if completion.routing:
        yield from _chosen(completion.routing)
    if "failed_over" in noted:
        asked = noted["failed_over"]
        failed = [one for one in completion.attempts if one.model_id == asked]
        why = kinds.outcome(failed[-1].outcome, sent=failed[-1].sent) if failed else t("failed")
        if "too_large" in noted:
            why = t("too long for its limit")
        elif "beyond_credit" in noted:
            why = t("not enough credit")
        other = name(completion.model_id)
        yield t(
            "{model} could not answer ({why}), so {other} was asked instead", model=name(asked), why=why, other=other
        )


def _chosen(found: Routing) -> Iterator[str]:
    size = size_name(found.wanted)
    score = "" if found.difficulty is None else f" ({found.difficulty:.2f})"
    why = reasons(found.reasons)
    if found.reasons == ("chosen",):
        yield t("Auto: a {size} model, the size you chose", size=size)
    elif found.reasons == ("conversation",):
        yield t("Auto: a {size} model, because this chat had a hard question before", size=size)
    elif why:
        yield t("Auto: a {size} model{score}, because of: {why}", size=size, score=score, why=why)
    elif found.wanted == "small":
        yield t("Auto: a {size} model{score}, nothing asks for a big one", size=size, score=score)
    else:
        yield t("Auto: a {size} model{score}", size=size, score=score)
    if (found.wanted, found.tier) == ("big", "small"):
        yield t("No big model could answer, so a smaller one did")
    elif (found.wanted, found.tier) == ("small", "big"):
        yield t("No small model could answer, so a big one did")


def size_name(size: str) -> str:
    return t("small") if size == "small" else t("big")


def reasons(codes: tuple[str, ...]) -> str:
    """What spoke for the size, without saying anything twice."""
    return t(", ").join(dict.fromkeys(filter(None, map(_reason, codes))))


def _reason(code: str) -> str:
    return {
        "long_ago": t("no hard question for a while"),
        "is_code": t("code"),
        "is_deep_code": t("code"),
        "code_signs": t("code"),
        "is_maths": t("maths"),
        "is_deep_maths": t("maths"),
        "maths_signs": t("maths"),
        "is_proof": t("a proof"),
        "is_logic": t("logic"),
        "is_compare": t("a comparison"),
        "is_share": t("calculating"),
        "is_quantity": t("calculating"),
        "is_average": t("calculating"),
        "numbers": t("numbers"),
        "different_numbers": t("numbers"),
        "decimals": t("numbers"),
        "choice_numbers": t("numbers"),
        "is_steps": t("several steps"),
        "is_demand": t("several demands"),
        "list_items": t("several demands"),
        "is_structure": t("a given form"),
        "is_order": t("an order of things"),
        "is_link": t("things that depend on each other"),
        "names": t("several persons"),
        "is_why": t("a why"),
        "is_science": t("science"),
        "is_law": t("law"),
        "is_medicine": t("medicine"),
        "is_profession": t("professional knowledge"),
        "is_society": t("society"),
        "is_judge": t("a judgement"),
        "is_write": t("a text to write"),
        "is_rewrite": t("rewriting"),
        "is_roleplay": t("role play"),
        "is_chat": t("small talk"),
        "is_fact": t("a plain fact"),
        "is_explain": t("an explanation"),
        "is_extract": t("finding something in a text"),
        "given_text": t("a text to work on"),
        "choice_characters": t("long choices"),
    }.get(code, t("its length"))
