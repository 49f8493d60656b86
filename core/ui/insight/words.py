"""Names and figures of the leaderboard, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from ...insight.votes import WinRate
from .. import session
from ..models.marks import speaker_of
from ..routing.vote_words import percent, unbroken
from ..text import plain

LONGEST_NAME = 26
NARROW = "\u202f"  # a narrow space that does not break a line


def model_name(model_id: str) -> str:
    """The model's mark, short name and provider."""
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    return f"{speaker.mark}\u00a0**{plain(short(model_id))}** :gray[:small[{speaker.provider_name}]]"


def short(model_id: str) -> str:
    """The last part of a model's name."""
    name = model_id.rpartition("/")[2]
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def tinted(rate: WinRate) -> str:
    """Such as "63 %" and n; green or red if the whole interval is above or below 50 %."""
    figure = unbroken(f"{percent(rate.share)} %")
    if rate.low > 0.5:
        figure = f":green-background[{figure}]"
    elif rate.high < 0.5:
        figure = f":red-background[{figure}]"
    return f"{figure}{NARROW}:gray[:small[{rate.n}]]"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is left-aligned, the others are figures."""
    lines = (head, [":--", *["--:"] * (len(head) - 1)], *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
