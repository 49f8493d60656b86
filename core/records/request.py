"""A question: what a person asks, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from .message import Message
from .tools import AskedEffort, ResponseFormat, Tool, ToolChoice

Wanted = Literal["auto", "small", "big"]
# Model ids that leave the choice to the router, and the size each asks for.
AUTO: Mapping[str, Wanted] = MappingProxyType({"auto": "auto", "auto/small": "small", "auto/big": "big"})


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a person asks. Sampling fields are sent only when they are not None. `substitute`: another model may answer
    when this one cannot, and the answer says so; `may_leave`: ids of providers whose text may then go to a provider of
    weaker privacy. `reuse`: a stored answer may be returned and this one stored; None: only one stored for everybody.
    `waits`: wait for a limit that resets soon; `retries`: try again after a failure. `insist`: a person asks again, so
    call even a model whose circuit breaker is open. `scheduled`: it waited for a limit to reset and is sent by itself,
    by whichever process holds it before each attempt. `background`: a row of a batch, which leaves room for questions
    of people. `demo`: without a key "auto" may use the simulator. `approved`: an administrator approved its batch, so
    it does not count against the person's day.

    `secrets` and `personal`: what is done with secrets and personal data before the text is sent (docs/outgoing.md);
    None: as the options say; `mask_all`: masked for every model, not only for those that `personal_data_for` names.
    `decided`: a person was asked already, so where the options would stop or warn, it is masked.

    `effort`, `response_format`, `tool_choice` None: left to the provider. `tools` are offered to the model; whoever
    asks runs those that it calls. `stop`: texts at which the answer ends.
    """

    messages: Sequence[Message]
    model_id: str | None = None
    size: Wanted = "auto"
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    conversation_id: str | None = None
    run_id: str | None = None
    request_id: str | None = None
    substitute: bool = False
    reuse: bool | None = False
    waits: bool = True
    retries: bool = True
    insist: bool = False
    scheduled: bool = False
    background: bool = False
    approved: bool = False
    may_leave: Sequence[str] = ()
    demo: bool = False
    secrets: Literal["stop", "mask", "allow"] | None = None
    personal: Literal["warn", "mask", "mask_all", "allow"] | None = None
    decided: bool = False
    effort: AskedEffort | None = None
    response_format: ResponseFormat | None = None
    tools: Sequence[Tool] = ()
    tool_choice: ToolChoice | None = None
    stop: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("messages", "tools", "stop"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
