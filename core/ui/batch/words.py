"""A batch in words: problems of a file, state, progress, price."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from ...batch.table import BadTable
from ...intervals import wilson
from ...views.batches import Batch, BatchView, Fit, Sum
from .. import session
from ..compare.analysis.agreement import percent
from ..failures.kinds import KINDS, kind_of
from ..models.marks import speaker_of
from ..quota import words
from ..text import count, plain, seconds, t, tn, wait, whole
from . import form_words

SOON_S = 3600.0
STATES = {
    "approval": (":material/hourglass_top:", "orange"),
    "declined": (":material/block:", "red"),
    "running": (":material/play_arrow:", "blue"),
    "pausing": (":material/hourglass_top:", "orange"),
    "paused": (":material/pause:", "orange"),
    "cancelled": (":material/cancel:", "gray"),
    "done": (":material/check:", "green"),
}


def wrong(error: BadTable) -> str:
    """A sentence about a file that cannot be used, with the line if known."""
    row, detail = error.row, plain(error.detail)
    return {
        "too_large": lambda: t("The file is larger than {size} MB.", size=detail),
        "too_many": lambda: t("There are more than {number} rows. Split them into several batches.", number=detail),
        "encoding": lambda: t(
            "Line {row} cannot be decoded. Choose the encoding, or save the file as UTF-8.", row=row
        ),
        "no_text": lambda: t("This is not a text file. Save the sheet as CSV and upload that."),
        "empty": lambda: t("The file has no rows."),
        "quote": lambda: t("The row at line {row} has an unclosed quotation mark.", row=row),
        "cells": lambda: t(
            "The row at line {row} has more cells than there are columns ({detail}).", row=row, detail=detail
        ),
        "columns": lambda: t("There are more than {number} columns.", number=detail),
        "json": lambda: t("Line {row} is not JSON ({detail}).", row=row, detail=detail),
        "object": lambda: t("Line {row} is neither a JSON object nor a JSON string.", row=row),
        "no_prompt": lambda: t("The row at line {row} is empty in column {column}.", row=row, column=detail),
        "no_column": lambda: t("No column is called {name}, and it has no default.", name=detail),
        "long": lambda: t("The row at line {row} has a text longer than {number} characters.", row=row, number=detail),
    }[error.code]()  # fmt: skip


def faulty(row: int, code: str) -> str:
    """A sentence about an invalid expected answer."""
    if code == "number":
        return t("Line {row}: {reason}", row=row, reason=t("The expected answer is not a number."))
    reason = {
        "long": lambda: t("It is longer than 500 characters."),
        "large": lambda: t("It is too long once its repetitions are expanded."),
        "deep": lambda: t("It has too many nested parentheses."),
        "opens": lambda: t("It has an unclosed (."),
        "closes": lambda: t("It has an unmatched )."),
        "class": lambda: t("It has an unclosed [."),
        "characters": lambda: t("It has an invalid character class."),
        "nothing": lambda: t("It has nothing to repeat before *, + or ?."),
        "twice": lambda: t("It has two quantifiers in a row, such as a**."),
        "often": lambda: t("It repeats something more than 200 times."),
        "bounds": lambda: t("A repetition has a minimum above its maximum."),
        "looks": lambda: t("Lookahead and lookbehind are not supported."),
        "backslash": lambda: t("It has an unsupported escape, such as a backreference."),
    }[code]()
    return t("Line {row}: {reason}", row=row, reason=t("This pattern is not valid: {reason}", reason=plain(reason)))


def state_name(state: str) -> str:
    return {
        "approval": t("Waiting for approval"),
        "declined": t("Declined"),
        "running": t("Running"),
        "pausing": t("Pausing"),
        "paused": t("Paused"),
        "cancelled": t("Cancelled"),
        "done": t("Done"),
    }[state]


def badge(batch: Batch, asking: int = 0) -> str:
    """The state as a Markdown badge."""
    state = "pausing" if batch.state == "paused" and asking and batch.carried else batch.state
    icon, colour = STATES[state]
    return f":{colour}-badge[{icon} {state_name(state)}]"


def name_of(model_id: str) -> str:
    """A model's mark, name and provider, as Markdown."""
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    return f"{speaker.mark} **{speaker.model_name}** :gray[{speaker.provider_name}]"


def cut(text: str, most_chars: int) -> str:
    """The beginning of a text, in one line."""
    joined = " ".join(text.split())
    return joined if len(joined) <= most_chars else joined[: most_chars - 1] + "…"


def short_name(model_id: str) -> str:
    """A model's own name, as plain text."""
    return model_id.partition("/")[2].rpartition("/")[2] or model_id


def distinct_names(model_ids: Sequence[str]) -> list[str]:
    """Their own names, with the provider where two have the same one."""
    names = [short_name(model_id) for model_id in model_ids]
    return [model_id if names.count(name) > 1 else name for name, model_id in zip(names, model_ids, strict=True)]


def progress(view: BatchView) -> str:
    """ "243 of 300 · 3 failed · 16 on their way · about 2 min left · 120 a minute"."""
    batch = view.batch
    parts = [t("{over} of {items}", over=whole(batch.over), items=whole(batch.items))]
    if batch.failed:
        parts.append(t("{number} failed", number=whole(batch.failed)))
    if batch.skipped:
        parts.append(t("{number} skipped", number=whole(batch.skipped)))
    if view.asking and batch.carried:
        parts.append(t("{number} in progress", number=view.asking))
    if batch.state == "running" and batch.over < batch.items:
        if view.left_s is None:
            parts.append(t("time left unknown"))
        else:
            parts.append(t("about {time} left", time=wait(view.left_s)))
        if view.per_minute:
            parts.append(t("{number} per minute", number=count(view.per_minute)))
    return " · ".join(parts)


def rest(kind: str, until: datetime, now: datetime, zone: tzinfo | None) -> str:
    """Why a model waits, and until when."""
    left_s = (until - now).total_seconds()
    if left_s < SOON_S:
        when = t("in {time}", time=wait(left_s))
    else:
        when = t("at {clock}", clock=words.moment(until, now, zone))
    return kind_of(kind).waits(when)


def failed(model_id: str, kind: str, *, has_part: bool = False) -> str:
    """A failure in one sentence, as Markdown; "" for an unknown kind. `has_part`: part of the answer arrived."""
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    words = kind_of(kind)
    make = words.broke_off if has_part else words.sentence
    return make(speaker.provider_name, speaker.model_name) if has_part or kind in KINDS else ""


def standing(model_sum: Sum, rows: int) -> str:
    """ "84 of 100 answered · 3 failed"."""
    parts = [t("{done} of {rows} answered", done=whole(model_sum.done), rows=whole(rows))]
    if model_sum.failed:
        parts.append(f":red[{t('{number} failed', number=whole(model_sum.failed))}]")
    if model_sum.skipped:
        parts.append(f":orange[{t('{number} skipped', number=whole(model_sum.skipped))}]")
    if model_sum.again:
        parts.append(t("{number} retried after a restart", number=model_sum.again))
    return " · ".join(parts)


def figures(model_sum: Sum) -> str:
    """A model's results: share as expected, time, tokens, cost."""
    parts = []
    if model_sum.checked:
        low, high = (f"{share * 100:.0f}" for share in wilson(model_sum.passed, model_sum.checked))
        parts.append(
            t(
                "**{share}%** as expected (95% CI {low}–{high}%, n = {n})",
                share=f"{model_sum.passed / model_sum.checked * 100:.0f}",
                low=low,
                high=high,
                n=whole(model_sum.checked),
            )
        )
    parts += form_words.figures(model_sum)
    if model_sum.likeness is not None:
        parts.append(
            t(
                "**{share}** alike to the old answers on average (n = {n})",
                share=percent(model_sum.likeness),
                n=whole(model_sum.compared),
            )
        )
    if model_sum.clashing:
        clashing = tn("{number} contradicts", "{number} contradict", model_sum.clashing)
        parts.append(f":orange[{clashing}]")
    if model_sum.median_ms is not None:
        parts.append(t("median {time}", time=seconds(model_sum.median_ms)))
    if model_sum.input_tokens or model_sum.output_tokens:
        about = "~" if model_sum.estimated else ""
        read, wrote = count(model_sum.input_tokens), count(model_sum.output_tokens)
        parts.append(t("{about}{read}→{wrote} tok", about=about, read=read, wrote=wrote))
    if model_sum.done:
        parts.append(cost(model_sum))
    return " · ".join(parts)


def answered_by(model_sum: Sum) -> str:
    """Who answered in place of a router, an alias or another model, and how often; "" if nobody did."""
    counts = [f"{plain(name.partition('/')[2])} {number:,}" for name, number in model_sum.answered_by.items()]
    return t("answered by: {models}", models=" · ".join(counts)) if counts else ""


def cost(model_sum: Sum) -> str:
    """ "$0.12", "free; would have cost about $0.0123"; "—" where nobody knows a price."""
    paid = _paid(model_sum)
    if not model_sum.free_answers:
        return paid
    if model_sum.cost_usd:
        would = t("free answers would have cost about {cost}", cost=money(model_sum.would_cost_usd))
        return f"{paid} · {would}" if model_sum.would_cost_usd else paid
    has_price = model_sum.free_answers > model_sum.would_cost_unknown
    would = money(model_sum.would_cost_usd) if has_price else "—"
    if has_price and model_sum.would_cost_unknown:
        would_cost = t("would have cost more than {cost}", cost=would)
    elif has_price:
        would_cost = t("would have cost about {cost}", cost=would)
    else:
        would_cost = t("would have cost {cost}", cost=would)
    return t("{cost}; {would_cost}", cost=paid, would_cost=would_cost)


def _paid(model_sum: Sum) -> str:
    if model_sum.unpriced:
        partly_known = model_sum.unpriced < model_sum.done and model_sum.cost_usd
        return t("price unknown") if not partly_known else t("more than {cost}", cost=money(model_sum.cost_usd))
    return money(model_sum.cost_usd) if model_sum.cost_usd else t("free")


def money(usd: Decimal) -> str:
    return words.number("usd", usd)


def fit(fit: Fit, when_spent: str, now: datetime, zone: tzinfo | None) -> str:
    """What one model will take, and whether it fits, as a line of Markdown."""
    tokens = t("~{read}→{wrote} tok", read=count(fit.input_tokens), wrote=count(fit.output_tokens))
    parts = [name_of(fit.model_id), tn("{number} call", "{number} calls", fit.calls), tokens]
    if fit.cost_usd is None:
        parts.append(t("price unknown"))
    else:
        parts.append(t("about {cost}", cost=money(fit.cost_usd)) if fit.cost_usd else t("free"))
    parts.append(_room(fit, when_spent, now, zone))
    if fit.least_s and fit.least_s > 60:
        parts.append(t("takes at least {time} because of its rate limit", time=wait(fit.least_s)))
    return " · ".join(filter(None, parts))


def total(fits: Sequence[Fit]) -> str:
    """The total cost of all models; "" if there is nothing to add up."""
    costs = [fit_.cost_usd for fit_ in fits if fit_.cost_usd is not None]
    cost = sum(costs, Decimal(0))
    if len(fits) < 2 or not cost:
        return ""
    if len(costs) < len(fits):
        return t("More than {cost} in total (some prices are unknown)", cost=money(cost))
    return t("About {cost} in total", cost=money(cost))


def _room(fit: Fit, when_spent: str, now: datetime, zone: tzinfo | None) -> str:
    provider = session.engine().catalog.providers.get(fit.model_id.partition("/")[0])
    if not fit.counted:
        simulated = provider is not None and provider.simulated
        return t("simulated, uses no quota") if simulated else t("uses no quota")
    if fit.fits is None or fit.window is None:
        return t("remaining quota unknown")
    left = words.figure(fit.window)
    if fit.fits >= fit.calls:
        return f":green[{t('enough quota')}] ({left})"
    reset = words.moment(fit.window.resets_at, now, zone) if fit.window.resets_at else ""
    if when_spent == "skip" or not reset:
        text = tn(
            "only {number} fits {when}; the rest is skipped",
            "only {number} fit {when}; the rest is skipped",
            fit.fits,
            when=words.when(fit.window.per),
        )
    else:
        text = tn(
            "only {number} fits {when}; the rest waits until {clock}",
            "only {number} fit {when}; the rest waits until {clock}",
            fit.fits,
            when=words.when(fit.window.per),
            clock=reset,
        )
    return f":orange[:material/warning: {text}] ({left})"
