"""A batch in words: problems of a file, state, progress, price."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from ...batch.table import BadTable
from ...intervals import wilson
from ...views.batches import Batch, BatchView, Fit, Sum
from .. import session
from ..failures.kinds import KINDS, kind_of
from ..models.marks import who
from ..quota import words
from ..text import count, plain, seconds, t, tn, wait

SOON_S = 3600.0
STATES = {
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
        "too_many": lambda: t("There are more than {number} rows; split them into several batches.", number=detail),
        "encoding": lambda: t(
            "Line {row} is no text in a known encoding: choose the encoding, or save the file as UTF-8.", row=row
        ),
        "no_text": lambda: t("This is no text file: save the sheet as CSV, then upload that."),
        "empty": lambda: t("There is no row in it."),
        "quote": lambda: t("The quotation marks of the row at line {row} do not close as CSV asks.", row=row),
        "cells": lambda: t(
            "The row at line {row} has more cells than there are columns ({detail}).", row=row, detail=detail
        ),
        "columns": lambda: t("There are more than {number} columns.", number=detail),
        "json": lambda: t("Line {row} is not JSON ({detail}).", row=row, detail=detail),
        "object": lambda: t("Line {row} is neither a JSON object nor a text in quotation marks.", row=row),
        "no_prompt": lambda: t("The row at line {row} has nothing in the column {column}.", row=row, column=detail),
        "long": lambda: t("The row at line {row} has a text of more than {number} characters.", row=row, number=detail),
    }[error.code]()  # fmt: skip


def faulty(row: int, code: str) -> str:
    """A sentence about an invalid expected answer."""
    if code == "number":
        return t("Line {row}: {reason}", row=row, reason=t("What is expected is not a number."))
    reason = {
        "long": lambda: t("It has more than 500 characters."),
        "large": lambda: t("It is too long when its repetitions are written out."),
        "deep": lambda: t("It has too many parentheses inside each other."),
        "opens": lambda: t("It opens a parenthesis that it does not close."),
        "closes": lambda: t("It closes a parenthesis that it did not open."),
        "class": lambda: t("It opens a class with [ that it does not close."),
        "characters": lambda: t("It has a class of characters that is not one."),
        "nothing": lambda: t("It repeats nothing: there is nothing before *, + or ?."),
        "twice": lambda: t("It repeats a repetition."),
        "often": lambda: t("It repeats something more than 200 times."),
        "bounds": lambda: t("Its repetition has a least number that is above the most."),
        "looks": lambda: t("It looks ahead or behind, which is not supported here."),
        "backslash": lambda: t("It has a backslash that is not supported here (a backreference?)."),
    }[code]()
    return t("Line {row}: {reason}", row=row, reason=t("The pattern cannot be used: {reason}", reason=plain(reason)))


def state_name(state: str) -> str:
    return {
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
    speaker = who(model_id, session.engine().catalog.providers)
    return f"{speaker.mark} **{speaker.model_name}** :gray[{speaker.provider_name}]"


def progress(view: BatchView) -> str:
    """ "243 of 300 · 3 failed · 16 on their way · about 2 min left · 120 a minute"."""
    batch = view.batch
    parts = [t("{over} of {items}", over=f"{batch.over:,}", items=f"{batch.items:,}")]
    if batch.failed:
        parts.append(t("{number} failed", number=f"{batch.failed:,}"))
    if batch.skipped:
        parts.append(t("{number} skipped", number=f"{batch.skipped:,}"))
    if view.asking and batch.carried:
        parts.append(t("{number} on their way", number=view.asking))
    if batch.state == "running" and batch.over < batch.items:
        if view.left_s is None:
            parts.append(t("time left not known yet"))
        else:
            parts.append(t("about {time} left", time=wait(view.left_s)))
        if view.per_minute:
            parts.append(t("{number} a minute", number=count(view.per_minute)))
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
    speaker = who(model_id, session.engine().catalog.providers)
    words = kind_of(kind)
    make = words.broke_off if has_part else words.sentence
    return make(speaker.provider_name, speaker.model_name) if has_part or kind in KINDS else ""


def standing(model_sum: Sum, rows: int) -> str:
    """ "84 of 100 answered · 3 failed"."""
    parts = [t("{done} of {rows} answered", done=f"{model_sum.done:,}", rows=f"{rows:,}")]
    if model_sum.failed:
        parts.append(f":red[{t('{number} failed', number=f'{model_sum.failed:,}')}]")
    if model_sum.skipped:
        parts.append(f":orange[{t('{number} skipped', number=f'{model_sum.skipped:,}')}]")
    if model_sum.again:
        parts.append(t("{number} asked again after a restart", number=model_sum.again))
    return " · ".join(parts)


def figures(model_sum: Sum) -> str:
    """A model's results: share as expected, time, tokens, cost."""
    parts = []
    if model_sum.checked:
        low, high = (f"{share * 100:.0f}" for share in wilson(model_sum.passed, model_sum.checked))
        parts.append(
            t(
                "**{share} %** as expected (95 %: {low}–{high} %, n = {n})",
                share=f"{model_sum.passed / model_sum.checked * 100:.0f}",
                low=low,
                high=high,
                n=f"{model_sum.checked:,}",
            )
        )
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
    if model_sum.unpriced:
        partly_known = model_sum.unpriced < model_sum.done and model_sum.cost_usd
        return t("price not known") if not partly_known else t("more than {cost}", cost=money(model_sum.cost_usd))
    return money(model_sum.cost_usd) if model_sum.cost_usd else t("free")


def money(usd: Decimal) -> str:
    return words.number("usd", usd) if usd >= Decimal("0.0001") else "<0.0001 USD"


def fit(fit: Fit, when_spent: str, now: datetime, zone: tzinfo | None) -> str:
    """What one model will take, and whether it fits, as a line of Markdown."""
    tokens = t("~{read}→{wrote} tok", read=count(fit.input_tokens), wrote=count(fit.output_tokens))
    parts = [name_of(fit.model_id), tn("{number} call", "{number} calls", fit.calls), tokens]
    if fit.cost_usd is None:
        parts.append(t("price not known"))
    else:
        parts.append(t("about {cost}", cost=money(fit.cost_usd)) if fit.cost_usd else t("free"))
    parts.append(_room(fit, when_spent, now, zone))
    if fit.least_s and fit.least_s > 60:
        parts.append(t("at least {time} by its limit", time=wait(fit.least_s)))
    return " · ".join(filter(None, parts))


def total(fits: Sequence[Fit]) -> str:
    """The total cost of all models; "" if there is nothing to add up."""
    costs = [fit_.cost_usd for fit_ in fits if fit_.cost_usd is not None]
    cost = sum(costs, Decimal(0))
    if len(fits) < 2 or not cost:
        return ""
    if len(costs) < len(fits):
        return t("Together more than {cost}: not every price is known", cost=money(cost))
    return t("Together about {cost}", cost=money(cost))


def _room(fit: Fit, when_spent: str, now: datetime, zone: tzinfo | None) -> str:
    provider = session.engine().catalog.providers.get(fit.model_id.partition("/")[0])
    if not fit.counted:
        simulated = provider is not None and provider.simulated
        return t("simulated, nothing is counted") if simulated else t("nothing is counted")
    if fit.fits is None or fit.window is None:
        return t("what is left is not known")
    left = words.figure(fit.window)
    if fit.fits >= fit.calls:
        return f":green[{t('fits')}] ({left})"
    reset = words.moment(fit.window.resets_at, now, zone) if fit.window.resets_at else ""
    if when_spent == "skip" or not reset:
        text = t("only {number} fit {when}; the rest is skipped", number=fit.fits, when=words.when(fit.window.per))
    else:
        text = t("only {number} fit {when}; the rest waits until {clock}", number=fit.fits,
                 when=words.when(fit.window.per), clock=reset)  # fmt: skip
    return f":orange[:material/warning: {text}] ({left})"
