"""Who sends a request, and what each client uses of this server now.

A visitor is the signed name in the cookie. A cookie is free to renew, so each address is counted too; its limits are
`ADDRESS_SHARE` times as large, because many people may share one.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import streamlit as st
from starlette.types import Scope
from streamlit.runtime.scriptrunner import get_script_run_ctx

from .. import events
from ..errors import LLMError
from . import addresses, app_state, session_binding, visitor

ADDRESS_SHARE = 8
MESSAGES_PER_S, MESSAGES_AT_ONCE = 10.0, 60.0
BYTES_PER_S, BYTES_AT_ONCE = 500_000.0, 16_000_000.0
TELL_S = 60.0  # between two log lines about one client
REMEMBERED = 20_000
Clock = Callable[[], float]


class Client(NamedTuple):
    """`visitor` is "" without a cookie of ours, `address` "" where it is not known."""

    visitor: str
    address: str

    def shares(self) -> tuple[tuple[str, int], ...]:
        """The names under which it is counted, and how many times a visitor's limit each may have."""
        names = (("visitor", self.visitor, 1), ("address", self.address, ADDRESS_SHARE))
        return tuple((f"{kind} {name}", times) for kind, name, times in names if name)


NOBODY = Client("", "")
_by_session: OrderedDict[str, Client] = OrderedDict()


def of_scope(scope: Scope) -> Client:
    """Reads the options: not on the event loop the first time."""
    name = visitor.signed_name_in(session_binding.cookies_of(scope))
    return Client(name, addresses.of_scope(scope, _trusted_proxies()))


def of_session() -> tuple[str, Client]:
    """The session of this script run and its client; ("", NOBODY) outside of one."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return "", NOBODY
    client = _by_session.get(context.session_id)
    if client is None:
        headers = st.context.headers
        address = addresses.sent_by(
            str(st.context.ip_address or ""), str(headers.get("X-Forwarded-For") or ""), _trusted_proxies()
        )
        client = Client(visitor.signed_name_in(str(headers.get("Cookie") or "")), address)
        _by_session[context.session_id] = client
        while len(_by_session) > REMEMBERED:
            _by_session.popitem(last=False)
    return context.session_id, client


def _trusted_proxies() -> int:
    try:
        return app_state.get().engine.settings.trusted_proxies
    except LLMError:
        return 0


@dataclass
class RateAllowance:
    """`rate` a second, after `burst` at once."""

    rate: float
    burst: float
    clock: Clock = time.monotonic

    def __post_init__(self) -> None:
        self._left, self._at = self.burst, self.clock()

    def take(self, amount: float) -> float:
        """For how many seconds what was taken has to wait."""
        self._left, self._at = self.left() - amount, self.clock()
        return max(-self._left / self.rate, 0.0)

    def left(self) -> float:
        return min(self.burst, self._left + (self.clock() - self._at) * self.rate)


@dataclass
class ClientUsage:
    """What the clients of this process use now, by the names of `Client.shares`."""

    most_tabs: int
    clock: Clock = time.monotonic
    tabs: Counter[str] = field(default_factory=Counter)
    bodies: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._messages: dict[str, RateAllowance] = {}
        self._bytes: dict[str, RateAllowance] = {}
        self._told: dict[str, tuple[float, str]] = {}

    def has_room(self, counter: Counter[str], client: Client, most: int) -> bool:
        return all(counter[name] < most * times for name, times in client.shares())

    def add(self, counter: Counter[str], client: Client, number: int) -> None:
        for name, _ in client.shares():
            counter[name] += number
            if not counter[name]:
                del counter[name]

    def take(self, client: Client, messages: float, size: float) -> float:
        """For how many seconds a message has to wait. Negative amounts give back what was not used."""
        waits = [0.0]
        for name, times in client.shares():
            kinds = (
                (self._messages, MESSAGES_PER_S, MESSAGES_AT_ONCE, messages),
                (self._bytes, BYTES_PER_S, BYTES_AT_ONCE, size),
            )
            for allowances, rate, burst, amount in kinds:
                if name not in allowances:
                    allowances[name] = RateAllowance(rate * times, burst * times, self.clock)
                waits.append(allowances[name].take(amount))
        return max(waits)

    def forget_idle(self) -> None:
        """Drop the allowances that are whole again."""
        for allowances in (self._messages, self._bytes):
            for name in [name for name, allowance in allowances.items() if allowance.left() >= allowance.burst]:
                del allowances[name]
        self._told = {name: line for name, line in self._told.items() if self.clock() - line[0] < TELL_S}

    def tell(self, client: Client, reason: str) -> str:
        """Log that a client is bounded, once a minute for each; returns the id of the line."""
        name = f"{reason} {client.visitor or client.address}"
        at, event_id = self._told.get(name, (float("-inf"), ""))
        if self.clock() - at > TELL_S:
            event_id = events.log(
                "visitor_limited",
                reason=reason,
                person=events.person(visitor.owner_of(client.visitor)) if client.visitor else None,
                address=addresses.hashed(client.address)[:10] if client.address else None,
            )
            self._told[name] = self.clock(), event_id
        return event_id
