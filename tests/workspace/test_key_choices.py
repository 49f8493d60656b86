"""The key that a person chose answers also when nobody looks: in batches taken over, in scheduled questions."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from core.records import OWN_KEY, Owner, PersonalKeys
from core.store.batches import carrying
from core.workspace import Workspace
from tests.workspace.acme import ME, table, workspace_of

PASTED = {"acme": "acme-pasted-0123456789", "bolt": "bolt-pasted-0123456789"}


@pytest.fixture
def chosen(tmp_path: Path) -> Workspace:
    """A server with two keys for Acme, where somebody chose the second."""
    workspace = workspace_of(
        tmp_path,
        table("acme", "http://127.0.0.1:9/v1"),
        ACME_KEY="acme-first-0123456789",
        ACME_KEY_WORK="acme-work-0123456789",
    )
    workspace.of(ME).settings.choose_keys({"acme": "ACME_KEY_WORK", "bolt": OWN_KEY})
    return workspace


def answering(workspace: Workspace, owner: Owner) -> str | None:
    key = workspace.engine.keyring.find(workspace.engine.catalog.providers["acme"], owner.keys)
    return key.name if key else None


def test_a_scheduled_question_has_the_pasted_keys_and_the_choice(chosen: Workspace) -> None:
    chosen._pasted_of = lambda owner_id: PASTED
    keys = chosen.keys_of(ME)
    assert answering(chosen, Owner(ME, keys)) == "ACME_KEY_WORK"
    assert dict(keys) == {"bolt": PASTED["bolt"]}
    assert dict(chosen.keys_of("somebody else")) == PASTED
    chosen._pasted_of = lambda owner_id: PersonalKeys(PASTED, {"acme": "ACME_KEY_WORK"})
    assert (dict(chosen.keys_of(ME)), chosen.keys_of(ME).pasted) == ({"bolt": PASTED["bolt"]}, PASTED)


async def test_a_batch_that_is_taken_over_keeps_the_choice(chosen: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier, owners = chosen.batch_carrier, []

    async def enlist(owner: Owner, batch_id: str) -> None:
        owners.append(owner)

    monkeypatch.setattr(carrying, "claim", lambda *_: [(ME, "batch")])
    monkeypatch.setattr(carrier, "_enlist", enlist)
    rounds = asyncio.create_task(carrier._rounds())
    while not owners:
        await asyncio.sleep(0.01)
    rounds.cancel()
    with suppress(asyncio.CancelledError):
        await rounds
    assert answering(chosen, owners[0]) == "ACME_KEY_WORK"


def test_a_choice_is_erased_with_everything(chosen: Workspace) -> None:
    person = chosen.of(ME)
    assert person.settings.key_choices()
    person.history.erase_everything()
    assert person.settings.key_choices() == {}
    person.settings.choose_keys({"acme": "ACME_KEY"})
    person.settings.choose_keys({})
    assert person.settings.key_choices() == {}
