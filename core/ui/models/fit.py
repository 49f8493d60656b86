"""Which models take the files of a question: what each sees and reads, and how much room its window has.

Numbers of tokens are estimates. What is not known of a model counts as no lack: it can be chosen and is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ...context import TURN_TOKENS, cached_estimate, reserved
from ...errors import LLMError
from ...picture_tokens import media_tokens
from ...records import AUTO, ChatRequest, Message, Model, Provider
from ...views.conversation import File
from ...wire.capabilities import takes
from .. import session
from ..text import t, whole
from . import sight
from .choices import ModelOption, all_options

NOTHING = ChatRequest(())


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """What a model lacks for some files: it cannot see their pictures ("sight"), not read the PDF that has no text
    ("pdf"), or its window is too small ("window") by about so many tokens."""

    kind: Literal["sight", "pdf", "window"]
    tokens: int = 0


@dataclass(frozen=True)
class Load:
    """The files that go with a question. `pictures`: there are some, in the files or earlier in the conversation."""

    files: tuple[File, ...] = ()
    pictures: bool = False

    def __bool__(self) -> bool:
        return bool(self.files) or self.pictures

    @cached_property
    def text_tokens(self) -> int:
        return sum(cached_estimate(file.text) + TURN_TOKENS for file in self.files)

    @cached_property
    def _media(self) -> list[Message]:
        return [Message("user", [file.part() for file in self.files])]

    def tokens(self, model_name: str = "") -> int:
        """About how many tokens the files are, as this model counts pictures and pages."""
        return self.text_tokens + media_tokens(self._media, model_name)


@dataclass(frozen=True, slots=True)
class Fits:
    """All models that can be picked, those that can be asked first: `fitting`, `lacking` with the least lack first,
    and those of which the window is not known."""

    fitting: tuple[ModelOption, ...]
    lacking: tuple[tuple[ModelOption, Shortcoming], ...]
    unknown: tuple[ModelOption, ...]

    @property
    def number(self) -> int:
        return len(self.fitting) + len(self.lacking) + len(self.unknown)


def load(files: Sequence[File], *, pictures: bool = False) -> Load:
    return Load(tuple(files), pictures or any(file.is_picture for file in files))


def lack(provider: Provider, model: Model, load: Load) -> Shortcoming | None:
    """What a model of the catalogue or of a provider's list lacks for these files; None: nothing that is known."""
    row = session.life(provider).row(model)
    if load.pictures and takes("picture", provider, row) is False:
        return Shortcoming("sight")
    if any(file.page_count and not file.text for file in load.files) and takes("document", provider, row) is not True:
        return Shortcoming("pdf")
    if row.window_tokens and load.files:
        lacking = load.tokens(row.name) - (row.window_tokens - reserved(NOTHING, row))
        return Shortcoming("window", lacking) if lacking > 0 else None
    return None


def lack_of(model_id: str, load: Load) -> Shortcoming | None:
    """The same by the model's id; None for "auto" too, which asks one that takes them."""
    row = row_of(model_id)
    return lack(*row, load) if row else None


def row_of(model_id: str) -> tuple[Provider, Model] | None:
    """None for "auto", and for a model that is not in the catalogue."""
    if model_id in AUTO:
        return None
    try:
        provider, model = session.engine().catalog.find(model_id)
    except LLMError:
        return None
    return provider, session.life(provider).row(model)


def reads_pdf(model_id: str) -> bool:
    """Whether this model is known to read a PDF as it is."""
    row = row_of(model_id)
    return row is not None and takes("document", *row) is True


def fits(load: Load) -> Fits:
    fitting: list[ModelOption] = []
    unknown: list[ModelOption] = []
    lacking: list[tuple[ModelOption, Shortcoming]] = []
    for option in all_options(session.engine(), session.keys(), session.listed_models(), session.running_servers()):
        lacks = lack(option.provider, option.model, load)
        if lacks:
            lacking.append((option, lacks))
        elif option.model.window_tokens:
            fitting.append(option)
        else:
            unknown.append(option)
    lacking.sort(key=lambda pair: (not pair[0].ready, pair[1].kind != "window", pair[1].tokens))
    return Fits(tuple(fitting), tuple(lacking), tuple(unknown))


def reason(provider: Provider, model: Model, load: Load) -> str:
    """What stands beside a model while the files go with the question; "" where it takes them."""
    lacks = lack(provider, model, load)
    if lacks is None:
        return sight.reason(provider, model) if load.pictures else ""
    return words(lacks)


def words(lacks: Shortcoming) -> str:
    match lacks.kind:
        case "sight":
            return t("cannot see pictures")
        case "pdf":
            return t("does not read PDFs")
        case "window":
            return t("about {tokens} tokens too small", tokens=whole(lacks.tokens))
