"""Who looks at this page, and what is theirs: data, pasted keys, models that providers listed for them.

Keys are in the memory of the process only: not in the address, a cache, a log, the database or the session. The
database records which providers had one, so that a page can say that it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import uuid4

from .. import events
from ..records import OWN_KEY, ChatRequest, PersonalKeys, Provider
from ..store import Health, Notice, StoreError
from . import app_state, visitor
from . import owner as owners

if TYPE_CHECKING:  # the server is up before the engine is imported, and the first page drawn before SQL is
    from ..batch.approval import BatchApprovals
    from ..engine import Engine
    from ..job import Job
    from ..jobs import Jobs
    from ..model_life import ProviderLife
    from ..providers.standing import Standing
    from ..workspace import Person
    from ..workspace.audit import AuditLog
    from ..workspace.key_rules import KeyRules
    from ..workspace.people import People
    from ..workspace.sharing import SharedLinks


def engine() -> Engine:
    return app_state.get().engine


def person() -> Person:
    """Who looks at this page: everything of theirs, with the keys that they have pasted. Opens the database."""
    return app_state.get().workspace.of(owners.current(), keys())


def person_of(cookies: str) -> Person | None:
    """The person whom a Cookie header names, for an address that is no page. Opens the database."""
    owner = owners.of_cookies(cookies)
    return app_state.get().workspace.of(owner) if owner else None


def is_same(person: Person, other: Person) -> bool:
    return person.owner.id == other.owner.id


def has_waiting(cookies: str) -> bool:
    """Whether something of the person whom a Cookie header names waits in this process to be saved."""
    owner = owners.of_cookies(cookies)
    return owner is not None and app_state.get().people.has_waiting(owner)


def by_cookie() -> bool:
    """Whether the browser's cookie names this visitor to every address of this server."""
    return owners.by_cookie()


def private_name(*parts: str) -> str:
    """The same for the same parts of this visitor, and telling nothing of them: 24 hexadecimal digits."""
    return sha256("\n".join((owners.current(), *parts)).encode()).hexdigest()[:24]


def people() -> People:
    """All people, for administrators. Opens the database."""
    return app_state.get().people


def key_rules() -> KeyRules:
    """What people may use of the server's keys. Only for a logged-in administrator."""
    return app_state.get().workspace.key_rules


def batch_approvals() -> BatchApprovals:
    """Batches that wait for an administrator. Only for a logged-in one."""
    return app_state.get().workspace.batch_approvals


def is_open() -> bool:
    """Whether the database can be asked without waiting for it to open."""
    return app_state.get().is_open


def has_history() -> bool:
    """Whether the database may have conversations of this visitor; false for a new one while it is not open."""
    return is_open() or not visitor.is_new()


def health() -> Health:
    """What can be saved now. Opens the database."""
    return app_state.get().workspace.health()


def notices() -> tuple[Notice, ...]:
    """What opening the database found."""
    return app_state.get().workspace.notices()


def log_name() -> str:
    """The short name of this visitor in the log and on the audit page."""
    return events.person(owners.current())


def audit_log() -> AuditLog:
    """The log of everybody's calls. Only for a logged-in administrator."""
    return app_state.get().workspace.audit_log


def shared_links() -> SharedLinks:
    """What whoever has a link may read. Opens the database."""
    return app_state.get().workspace.shared_links


def may_act() -> bool:
    """Whether this session may use the server, and so has data of its own."""
    with suppress(StoreError):
        return bool(owners.current())
    return False


def trials() -> Jobs:
    """For calls that nobody keeps: the tests of the Providers page."""
    return app_state.get().trials


def start_trial(request: ChatRequest) -> None:
    """With a key of the server it counts as any question of this person. Opens the database."""
    owner = person().owner
    trials().start(request, owner.keys, owner.id)


def trial(request_id: str) -> Job | None:
    return trials().get(request_id, owners.current())


def look_around() -> None:
    """See which local servers run; asks their ports."""
    app_state.get().look_around()


def new_id() -> str:
    """128 random bits."""
    return uuid4().hex


def keys() -> PersonalKeys:
    """This visitor's pasted keys by provider id, and which keys they chose; the same in every tab."""
    return _keys(owners.current())


def keys_of(cookies: str) -> PersonalKeys | None:
    """The same of the person whom a Cookie header names, for an address that is no page."""
    owner_id = owners.of_cookies(cookies)
    return _keys(owner_id) if owner_id else None


def _keys(owner_id: str) -> PersonalKeys:
    pasted_keys = app_state.get().pasted_keys
    if not pasted_keys.knows_choices(owner_id) and is_open():
        with suppress(StoreError):
            pasted_keys.choose(owner_id, app_state.get().workspace.of(owner_id).settings.key_choices())
    held = pasted_keys.of(owner_id)
    if not is_open():
        return held
    models = app_state.get().workspace.key_rules.models(owner_id)
    return held if models is None else PersonalKeys(held.pasted, held.chosen, models)


def choose_key(provider_id: str, key: str | None) -> None:
    """From now on this key answers: the variable of one of the server's, `OWN_KEY` for the pasted one; None: by
    itself, the pasted one before the server's."""
    others = {name: choice for name, choice in keys().chosen.items() if name != provider_id}
    choices = {**others, provider_id: key} if key else others
    if choices != keys().chosen:
        app_state.get().pasted_keys.choose(owners.current(), choices)
        with suppress(StoreError):
            person().settings.choose_keys(choices)


def paste(provider_id: str, key: str) -> bool:
    """Store a pasted key; False if it cannot be one."""
    accepted = app_state.get().pasted_keys.keep(owners.current(), provider_id, key)
    if accepted:
        choose_key(provider_id, None)
        _note({*_noted(), provider_id})
        if is_open():
            person().scheduled.look_again()
    return accepted


def forget_keys(*provider_ids: str) -> None:
    """Drop the keys of these providers, which then do not count as lost."""
    for provider_id in provider_ids:
        app_state.get().pasted_keys.forget(owners.current(), provider_id)
        if keys().chosen.get(provider_id) == OWN_KEY:
            choose_key(provider_id, None)
    _note(_noted() - {*provider_ids})


def forget_key_choices() -> None:
    """Forget which keys this visitor chose."""
    for provider_id in keys().chosen:
        choose_key(provider_id, None)


def lost_keys() -> set[str]:
    """Providers whose pasted key was lost: by a restart, by expiry, or on another replica."""
    return _noted() - {*keys().pasted} if has_history() else set()


def _noted() -> set[str]:
    with suppress(StoreError):
        return set(person().settings.pasted())
    return set()


def _note(provider_ids: set[str]) -> None:
    with suppress(StoreError):
        person().settings.note_pasted(sorted(provider_ids))


def standing(provider: Provider) -> Standing:
    """The state of this visitor's key for a provider, from the last call or test."""
    return engine().directory.standing(provider, keys())


def life(provider: Provider) -> ProviderLife:
    """How the provider's models stand with the key that this visitor has for it."""
    return engine().directory.life(provider, keys())


def listed_models() -> dict[str, Sequence[str]]:
    """Model names besides the catalogue's, by provider id: from local servers and from providers' lists."""
    return models_listed_with(keys())


def models_listed_with(keys: PersonalKeys) -> dict[str, Sequence[str]]:
    """The same with these keys."""
    providers, directory = engine().catalog.providers.values(), engine().directory
    return {provider.id: names for provider in providers if (names := directory.names(provider, keys))}


def running_servers() -> Iterable[str]:
    """Ids of the running local servers, including those that need a key."""
    return engine().directory.local.running
