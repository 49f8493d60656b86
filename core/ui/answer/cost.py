"""What an answer cost, in words: "$0.0012", "free; would have cost $0.0012", and how that was computed.

The cost is kept with the answer, by the prices of its time. What a free answer would have cost is computed when it is
shown, by today's prices.
"""

from __future__ import annotations

from decimal import Decimal

from ...providers.pricing import PaidPrice, is_free, lines, paid_price, would_cost_usd
from ...records import Completion, Model
from ..models.marks import Speaker
from ..money import dollars
from ..text import plain, t, whole
from . import served


def price(completion: Completion, speaker: Speaker) -> str:
    """As Markdown. On a free tier a model without a price is free."""
    if completion.cost_usd:
        return dollars(completion.cost_usd)
    if not _was_free(completion, speaker):
        return t("price unknown")
    would = would_have_cost(completion, speaker)
    return t("free; would have cost {cost}", cost=dollars(would)) if would else t("free")


def would_have_cost(completion: Completion, speaker: Speaker) -> Decimal | None:
    """What a free answer would have cost where its model is paid; None where that is not known."""
    paid = _paid(completion, speaker)
    return would_cost_usd(paid, completion.usage) if paid and not completion.cached else None


def explained(completion: Completion, speaker: Speaker) -> str:
    """The lines of tokens times price, as a Markdown table with who says the price; "" where there is nothing to
    tell."""
    usage = completion.usage
    if usage is None or completion.cached or (speaker.provider and speaker.provider.simulated):
        return ""
    if usage.cost_usd is not None and usage.cost_usd == completion.cost_usd:
        return t("As the provider reported it.") if usage.cost_usd else ""
    model, source = _priced(completion, speaker)
    priced = lines(model, usage) if model else None
    if not priced:
        return ""
    kinds = {
        "input": t("input"), "cached": t("input from the cache"), "output": t("output"), "reasoning": t("reasoning"),
    }  # fmt: skip
    rows = [
        f"| {kinds[line.kind]} | {whole(line.tokens)} | {dollars(line.usd_per_million)} | {dollars(line.cost_usd)} |"
        for line in priced
    ]
    head = f"| | {t('Tokens')} | {t('per million')} | {t('Cost')} |\n|---|---:|---:|---:|"
    notes = [source]
    if usage.reasoning_tokens and all(line.kind != "reasoning" for line in priced):
        notes.append(t("{number} of the output tokens were reasoning.", number=whole(usage.reasoning_tokens)))
    if usage.cached_tokens and all(line.kind != "cached" for line in priced):
        notes.append(t("{number} input tokens came from the cache; their own price is not known.",
                       number=whole(usage.cached_tokens)))  # fmt: skip
    if usage.estimated:
        notes.append(t("The tokens are our own estimate."))
    return "\n".join([head, *rows, "", *notes])


def _was_free(completion: Completion, speaker: Speaker) -> bool:
    if completion.cost_usd is not None:
        return True
    on_tier = speaker.provider is not None and bool(speaker.provider.free or speaker.provider.local)
    billed_otherwise = served.is_another(completion) and not speaker.model.free
    return (is_free(speaker.model) or on_tier) and not billed_otherwise


def _paid(completion: Completion, speaker: Speaker) -> PaidPrice | None:
    if completion.cost_usd or speaker.provider is None or speaker.provider.local or not _was_free(completion, speaker):
        return None
    return paid_price(speaker.model, speaker.provider)


def _priced(completion: Completion, speaker: Speaker) -> tuple[Model | None, str]:
    """The model whose prices count, and where they are from."""
    if completion.cost_usd:
        same = not served.is_another(completion)
        return (speaker.model if same else None), t("By the prices of the catalogue.")
    paid = _paid(completion, speaker)
    if paid is None:
        return None, ""
    if paid.of_maker:
        return paid.model, t("Free here. By the list price of its maker, {provider}.", provider=plain(paid.provider_id))
    return paid.model, t("Free here. By the price of the provider's paid tier.")
