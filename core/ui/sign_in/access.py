"""Whether a session may act, asked before every act: sign-in, its expiry, sign-outs, withdrawn access, passcode.

mode()               open, passcode or oidc: what the options and secrets set up
owner_id()           the owner who signed in; raises SignedOut
has_passcode(...)    whether a visitor has given the shared passcode
is_admin()           whether this person administers, by option or by role
"""

from __future__ import annotations

import hmac
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from ... import events
from ...store import StoreError, Unavailable
from ...views.people import Role
from .. import app_state, signed_names, visitor
from . import identity
from .identity import Identity

Mode = Literal["open", "passcode", "oidc"]
Why = Literal["signed_out", "expired", "blocked", "passcode"]
KNOWN_S = 5.0  # for so long another replica's change may be unknown here
MOST_KNOWN = 10_000
PASSCODE_DAYS = 30


class SignedOut(StoreError):
    """This session may not act. `why` tells the page what to ask for."""

    def __init__(self, why: Why) -> None:
        super().__init__(f"Not signed in: {why}.")
        self.why: Why = why


@dataclass(slots=True)
class _Status:
    """What the database said of a sign-in."""

    at: float
    signed_out: bool
    role: Role


Value = TypeVar("Value")
_statuses: OrderedDict[str, _Status] = OrderedDict()
_proofs: OrderedDict[str, str] = OrderedDict()  # visitor -> the proof that was accepted; gone with the process


def mode() -> Mode:
    state = app_state.get()
    if state.oidc:
        return "oidc"
    return "passcode" if state.engine.settings.passcode else "open"


def owner_id() -> str:
    """The owner who signed in. Raises SignedOut."""
    person = identity.of_session()
    why = refusal(person)
    if why:
        raise SignedOut(why)
    assert person
    return person.owner_id


def refusal(person: Identity | None) -> Why | None:
    """Why this person may not act now; None if they may."""
    if person is None:
        return "signed_out"
    hours = app_state.get().engine.settings.sign_in_hours
    until = person.issued_at + timedelta(hours=hours) if hours else person.expires_at
    if datetime.now(UTC) >= until:
        return "expired"
    status = _look_up(person)
    if status.signed_out:
        return "signed_out"
    return "blocked" if status.role == "blocked" else None


def sign_out() -> None:
    """End this sign-in for every tab and replica."""
    if person := identity.of_session():
        app_state.get().people.sign_out(person.sign_in_id)
        _statuses.pop(person.sign_in_id, None)


def is_admin() -> bool:
    """Whether the person who signed in is an administrator: by ROUNDTABLE_ADMINS, or made one on the People page."""
    return mode() == "oidc" and administers(identity.of_session())


def administers(person: Identity | None) -> bool:
    """The same of a person who was told before, on any thread."""
    if person is None or refusal(person):
        return False
    return is_listed(person) or _look_up(person).role == "admin"


def is_own(person_id: str) -> bool:
    """Whether this is the id of the person who looks."""
    person = identity.of_session() if mode() == "oidc" else None
    return person is not None and person.owner_id == person_id


def is_listed(person: Identity) -> bool:
    """Whether the option names this person, by verified mail address or by subject."""
    names = app_state.get().engine.settings.admins.casefold().split()
    return bool({person.account.email, person.account.subject.casefold()} - {""} & set(names))


def note() -> Identity | None:
    """Keep who they are, once a session. Raises Unavailable."""
    person = identity.of_session()
    if person:
        events.introduce(person.owner_id, person.account.name)
        events.log("login", level=logging.INFO, role="person", person=events.person(person.owner_id))
        app_state.get().people.note(person.owner_id, person.account)
    return person


def roles_changed() -> None:
    """Ask the database again."""
    _statuses.clear()


def has_passcode(visitor_id: str) -> bool:
    """Whether this visitor has given the passcode that is valid now; true where there is none."""
    passcode = app_state.get().engine.settings.passcode
    if not passcode:
        return True
    proof = _proof(passcode, visitor_id)
    if _proofs.get(visitor_id) == proof:
        return True
    try:
        stored = app_state.get().workspace.of(visitor_id).settings.passcode_proof(timedelta(days=PASSCODE_DAYS))
    except Unavailable:
        return False
    accepted = stored is not None and hmac.compare_digest(stored, proof)
    if accepted:
        _remember(_proofs, visitor_id, proof)
    return accepted


def visitor_log_name() -> str:
    """The short name in the log of a visitor who has not given the passcode yet."""
    return events.person(visitor.own_id())


def keep_passcode(visitor_id: str) -> None:
    """Keep that this visitor gave the passcode. Raises `StoreError`."""
    proof = _proof(app_state.get().engine.settings.passcode or "", visitor_id)
    app_state.get().workspace.of(visitor_id).settings.keep_passcode_proof(proof)
    _remember(_proofs, visitor_id, proof)


def _proof(passcode: str, visitor_id: str) -> str:
    """What is stored instead of the passcode: it tells nothing of it without this server's secret."""
    return signed_names.keyed_hash("passcode", f"{visitor_id}\n{passcode}", app_state.get().data_folder)


def _look_up(person: Identity) -> _Status:
    """From the database, at most every few seconds. While it cannot be asked, what was known before holds."""
    status = _statuses.get(person.sign_in_id)
    if status and time.monotonic() - status.at < KNOWN_S:
        return status
    people = app_state.get().people
    try:
        fresh = _Status(time.monotonic(), people.is_signed_out(person.sign_in_id), people.role(person.owner_id))
    except Unavailable:
        return status or _Status(time.monotonic(), False, "")
    return _remember(_statuses, person.sign_in_id, fresh)


def _remember(names: OrderedDict[str, Value], name: str, value: Value) -> Value:
    names[name] = value
    names.move_to_end(name)
    while len(names) > MOST_KNOWN:
        names.popitem(last=False)
    return value
