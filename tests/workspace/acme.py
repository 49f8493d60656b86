"""A workspace whose providers are servers on this computer, with limits as a test wants them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from core.assemble import build
from core.net.retry import Policy
from core.options import load
from core.records import Completion
from core.store.opening import open_database
from core.store.quota.tables import holds, meters
from core.workspace import Workspace

ME = "owner-me"
OPENED: list[Workspace] = []
KEYS = {name: f"{name}-0123456789abcdef" for name in ("acme", "bolt", "cask")}


def model(name: str, size: str = "small") -> str:
    return f'{{ name = "{name}", size = "{size}", window_tokens = 32000 }}'


SMALL = model("small")


def table(name: str, url: str, *limits: str, models: str = SMALL, more: str = "own = false") -> str:
    return (
        f'[{name}]\nlabel = "{name.title()}"\nwire = "openai"\nbase_url = "{url}"\nkey_names = ["{name.upper()}_KEY"]\n'
        f"models = [{models}]\nlimits = [{', '.join(limits)}]\n{more}\n"
    )


def per(unit: str, period: str, amount: int) -> str:
    return f'{{ pool = "account", unit = "{unit}", per = "{period}", amount = {amount} }}'


def each_morning(amount: int) -> str:
    """Requests of a day in whose zone it is between six and seven now, so that a test sees the same part of it."""
    ahead = (6 - datetime.now(UTC).hour + 12) % 24 - 12
    zone = f"Etc/GMT{-ahead:+d}"
    return f'{{ pool = "account", unit = "requests", per = "day", amount = {amount}, zone = "{zone}" }}'


def workspace_of(
    folder: Path,
    *tables: str,
    pauses: list[float] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    **options: str,
) -> Workspace:
    """Nothing waits between attempts: `pauses` holds how long it would have been. `now` decides which models ended."""
    (folder / ".streamlit").mkdir(exist_ok=True)
    (folder / ".streamlit" / "providers.toml").write_text("\n".join(tables), encoding="utf-8")
    waits = pauses if pauses is not None else []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    policy = Policy(chance=Random(1), sleep=waits.append, sleep_async=note)
    settings = load(environ={"ROUNDTABLE_HEADERS_TIMEOUT_S": "2", **options}, folder=folder)
    engine = build(settings, folder=folder, policy=policy, now=now)
    assert engine.catalog.problems == ()
    return opened(Workspace(engine, open_database(None, folder / "data")))


def opened(workspace: Workspace) -> Workspace:
    """The same workspace, which is closed when the test ends."""
    OPENED.append(workspace)
    return workspace


def answer(
    workspace: Workspace, request_id: str, model_id: str, prompt: str = "Hi", keys: Mapping[str, str] = KEYS
) -> Completion:
    workspace.of(ME, keys).chats.ask(request_id, prompt, model_id)
    return ended(workspace, request_id)


def ended(workspace: Workspace, request_id: str) -> Completion:
    def completion() -> Completion | None:
        return workspace.of(ME).chats.progress(request_id).completion

    until(lambda: completion() is not None)
    result = completion()
    assert result
    return result


def counted(workspace: Workspace, unit: str = "requests", per: str = "day") -> tuple[int, int]:
    """What the meters of a kind have counted in all, and what is still held."""
    wanted = (meters.c.unit == unit, meters.c.per == per)
    with workspace.database.read() as connection:
        row = connection.execute(select(func.sum(meters.c.total), func.sum(meters.c.reserved)).where(*wanted)).one()
        return int(row[0] or 0), int(row[1] or 0)


def settled(workspace: Workspace) -> bool:
    with workspace.database.read() as connection:
        return connection.execute(select(func.count()).select_from(holds)).scalar_one() == 0


def until(true: Callable[[], bool], looks: int = 3000) -> None:
    for _ in range(looks):
        if true():
            return
        time.sleep(0.005)
    raise AssertionError("it never came")
