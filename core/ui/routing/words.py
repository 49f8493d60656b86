"""The router in words: its options, its reasons, and the notes of an answer about the choice."""

from __future__ import annotations

from collections.abc import Iterator

from ...records import AUTO, Completion, Routing
from .. import session
from ..failures import kinds
from ..models.marks import speaker_of
from ..models.names import named
from ..text import plain, t
from . import advice

OF_THE_CHOICE = (*Routing.KINDS, "failed_over", "too_large", "beyond_credit", "kept_private")


def is_auto(model_id: str) -> bool:
    return model_id in AUTO


def offers() -> dict[str, tuple[str, str]]:
    """The options that leave the choice to the router: id -> (name, description)."""
    return {
        "auto": (t("Auto"), t("picks the right size for each question")),
        "auto/small": (t("Auto, small"), t("small models only: fast and cheap")),
        "auto/big": (t("Auto, big"), t("big models only: for hard questions")),
    }


def name(model_id: str) -> str:
    """A model and its provider, as Markdown: "gpt-oss-20b (Groq)"."""
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    return f"{speaker.model_name} ({speaker.provider_name})"


def kept_private(provider_id: str) -> str:
    """Why there was no fallback: the text was meant for this provider only."""
    provider = session.engine().catalog.providers.get(provider_id)
    label = named(provider) if provider else plain(provider_id)
    return t(
        "No other model was tried, because other providers promise less privacy than {provider}. You can allow "
        "them on the Providers page, under Privacy.",
        provider=label,
    )


def passed_over(completion: Completion) -> list[tuple[str, str]]:
    """(model id, reason) of the models that "auto" did not ask."""
    reason_texts = {
        "rests": t("paused after repeated failures"),
        "limit": t("quota used up"),
        "window": t("context window too small for this chat"),
    }
    passed = completion.routing.passed_over if completion.routing else ()
    return [(model_id, reason_texts.get(code, plain(code))) for model_id, code in passed]


def notes(completion: Completion, prompt: str = "") -> Iterator[str]:
    """Sentences for the line under an answer; none if nothing was chosen or changed.

    `prompt`: the question, to say what the votes on such questions prefer.
    """
    details = {note.kind: note.detail for note in completion.notes}
    if completion.routing:
        yield from _chosen(completion.routing)
        yield from advice.reason(prompt, completion.model_id)
    if "failed_over" in details:
        asked_model = details["failed_over"]
        failed = [attempt for attempt in completion.attempts if attempt.model_id == asked_model]
        reason = kinds.outcome(failed[-1].outcome, sent=failed[-1].sent) if failed else ""
        if "too_large" in details:
            reason = t("too long for its rate limit")
        elif "beyond_credit" in details:
            reason = t("not enough credit")
        model, other = name(asked_model), name(completion.model_id)
        if reason:
            yield t("{model} failed ({why}), so {other} was asked instead", model=model, why=reason, other=other)
        else:
            yield t("{model} failed, so {other} was asked instead", model=model, other=other)


def _chosen(routing: Routing) -> Iterator[str]:
    size = size_name(routing.wanted)
    score = "" if routing.difficulty is None else f" ({routing.difficulty:.2f})"
    reason_text = reasons(routing.reasons)
    if routing.reasons == ("chosen",):
        yield t("Auto: a {size} model, as you chose", size=size)
    elif routing.reasons == ("conversation",):
        yield t("Auto: a {size} model, because this chat had a hard question earlier", size=size)
    elif reason_text:
        yield t("Auto: a {size} model{score}, because of: {why}", size=size, score=score, why=reason_text)
    elif routing.wanted == "small":
        yield t("Auto: a {size} model{score}, no need for a big one", size=size, score=score)
    else:
        yield t("Auto: a {size} model{score}", size=size, score=score)
    if (routing.wanted, routing.tier) == ("big", "small"):
        yield t("No big model was available, so a smaller one answered")
    elif (routing.wanted, routing.tier) == ("small", "big"):
        yield t("No small model was available, so a big one answered")


def size_name(size: str) -> str:
    return t("small") if size == "small" else t("big")


def reasons(codes: tuple[str, ...]) -> str:
    """The reasons for the size, without duplicates."""
    return t(", ").join(dict.fromkeys(filter(None, map(_reason, codes))))


def _reason(code: str) -> str:
    return {
        "long_ago": t("no hard question recently"),
        "is_code": t("code"),
        "is_deep_code": t("code"),
        "code_signs": t("code"),
        "is_maths": t("maths"),
        "is_deep_maths": t("maths"),
        "maths_signs": t("maths"),
        "is_proof": t("a proof"),
        "is_logic": t("logic"),
        "is_compare": t("a comparison"),
        "is_share": t("a calculation"),
        "is_quantity": t("a calculation"),
        "is_average": t("a calculation"),
        "numbers": t("numbers"),
        "different_numbers": t("numbers"),
        "decimals": t("numbers"),
        "choice_numbers": t("numbers"),
        "is_steps": t("several steps"),
        "is_demand": t("several requirements"),
        "list_items": t("several requirements"),
        "is_structure": t("a required format"),
        "is_order": t("an order of steps"),
        "is_link": t("linked conditions"),
        "names": t("several people"),
        "is_why": t("a “why” question"),
        "is_science": t("science"),
        "is_law": t("law"),
        "is_medicine": t("medicine"),
        "is_profession": t("professional knowledge"),
        "is_society": t("society"),
        "is_judge": t("a judgement"),
        "is_write": t("writing a text"),
        "is_rewrite": t("rewriting"),
        "is_roleplay": t("role play"),
        "is_chat": t("small talk"),
        "is_fact": t("a simple fact"),
        "is_explain": t("an explanation"),
        "is_extract": t("a search in a text"),
        "given_text": t("a text to process"),
        "choice_characters": t("long answer options"),
    }.get(code, t("its length"))
