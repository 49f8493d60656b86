"""Whether the answers of a batch fit their form, in words: shares a model, fields, why an answer does not fit."""

from __future__ import annotations

from typing import Any

from ...batch import form_check
from ...intervals import wilson
from ...schemas import fields
from ...views.batches import BatchView, Item, Sum
from .. import schema_words
from ..text import plain, t, tn, whole

MARKS = {True: "✓ ", False: "✗ ", None: ""}


def figures(part: Sum) -> list[str]:
    """The valid share of a model, and why the others are not."""
    parts = []
    if part.formed:
        low, high = (f"{share * 100:.0f}" for share in wilson(part.forms.get("valid", 0), part.formed))
        parts.append(
            t(
                "**{share}%** valid (95% CI {low}–{high}%, n = {n})",
                share=f"{part.forms.get('valid', 0) / part.formed * 100:.0f}",
                low=low,
                high=high,
                n=whole(part.formed),
            )
        )
    if number := part.forms.get("invalid", 0):
        parts.append(f":orange[{tn('{number} breaks the schema', '{number} break the schema', number)}]")
    if number := part.forms.get("not_json", 0):
        parts.append(f":orange[{tn('{number} is not JSON', '{number} are not JSON', number)}]")
    if number := part.forms.get("unchecked", 0):
        parts.append(
            tn("{number} too large or too deep to be checked", "{number} too large or too deep to be checked", number)
        )
    if part.repaired:
        parts.append(tn("{number} after a repair", "{number} after a repair", part.repaired))
    return parts


def share(right: int, n: int) -> str:
    """ "98% (95–99%, n = 4,998)"; "—" where nothing was compared."""
    if not n:
        return "—"
    low, high = (f"{bound * 100:.0f}" for bound in wilson(right, n))
    return t("{share}% ({low}–{high}%, n = {n})", share=f"{right / n * 100:.0f}", low=low, high=high, n=whole(n))


def field_rows(view: BatchView) -> list[dict[str, str]]:
    """A row a field that is compared, with a share a model, and one of a rehearsal's old answers."""
    columns = {f"m{part.place}": part for part in view.sums} | ({"old": view.old} if view.old else {})
    return [
        {"field": name} | {column: share(*part.fields.get(name, (0, 0))) for column, part in columns.items()}
        for name in view.batch.fields
    ]


def reason(item: Item) -> str:
    """Why an answer does not fit, as plain text; "" where it does."""
    if problem := form_check.problem_of(item):
        return schema_words.problem(problem).replace("`", "")
    if item.form == "unchecked":
        return t("too large or too deep to be checked")
    if item.form != "not_json":
        return ""
    line, message = form_check.not_json(item)
    return t("not JSON: line {row}, {problem}", row=line, problem=message) if line else t("not JSON")


def repaired(item: Item) -> str:
    """What a repair took away."""
    return schema_words.repaired(tuple((item.repaired or "").split(",")))


def status(item: Item) -> str:
    """ "✓", or "✗" with the reason."""
    why = reason(item)
    mended = f" · {t('repaired')}" if item.repaired else ""
    return f"{'✗ ' if item.form != 'unchecked' else ''}{why}{mended}" if why else f"✓{mended}"


def badges(item: Item) -> str:
    """Whether it is as expected, and whether it fits its form, as Markdown; "" where neither was checked."""
    made = []
    if item.passed is not None:
        made.append(f":green-badge[✓ {t('as expected')}]" if item.passed else f":red-badge[✗ {t('not as expected')}]")
    if item.form == "valid":
        made.append(f":green-badge[✓ {t('valid')}]")
    elif item.form:
        made.append(f":orange-badge[{plain(status(item))}]")
    return " ".join(made)


def cell(value: Any, is_right: bool | None) -> str:
    """The value of a field in the table: "—" where the answer does not have it, `""` for an empty text."""
    text = "—" if value is fields.MISSING else fields.text_of(value) if value != "" else fields.EMPTY
    return MARKS[is_right] + text
