"""The real app with two long chats in it: `python -m bench.seeded PORT FOLDER` serves `/?c=bench20` and `bench1000`.

They belong to the visitor whose cookie is `COOKIE`. `python -m bench.seeded many FOLDER NUMBER` fills a history.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from streamlit.web import bootstrap

from bench.process import ROOT
from core.records import Completion, Finish, Timing, Usage
from core.store import completion as codec
from core.store.imports import load
from core.store.opening import open_database
from core.store.portable import ours

NAME, COOKIE = "roundtable", "be" * 16
OWNER = sha256(COOKIE.encode()).hexdigest()[:32]
ANSWER = """This is answer number {n}. It has a paragraph of ordinary length, so that a page full of them costs what a
real one costs to send, to parse and to lay out.

- a list with a few **points**,
- some `code`, and
- a number or two: {n}, {n}.
"""
CODE = "\n```python\ndef answer(n: int) -> int:\n    return n + 1\n```\n"


def conversation(name: str, messages: int, at: datetime) -> dict[str, Any]:
    """As in our own JSON."""
    timing = Timing(at, 300.0, 300.0, 1500.0, 1510.0, 0.0, 120)
    made: list[dict[str, Any]] = []
    for n in range(messages // 2):
        text = ANSWER.format(n=n) + (CODE if n % 4 == 0 else "")
        end = codec.encode(Completion("sim/quick", text, "", Usage(50, 120), Finish("stop", "stop"), timing))
        parent = made[-1]["id"] if made else None
        question = {"id": f"{name}-q{n}", "parent_id": parent, "role": "user", "text": f"Question number {n}"}
        answered = {"id": f"{name}-a{n}", "parent_id": question["id"], "role": "assistant", "text": text}
        made += [question, {**answered, "model_id": "sim/quick", "completion": end}]
    for message in made:
        message["created_at"] = at.isoformat()
    times = {"created_at": at.isoformat(), "updated_at": at.isoformat()}
    return {"id": name, "title": f"Chat {name}", "model_id": "sim/quick", "messages": made, **times}


def keep(folder: Path, talks: list[dict[str, Any]]) -> None:
    opened = open_database(None, folder)
    content = {"format": ours.FORMAT, "version": ours.VERSION, "conversations": talks}
    load.load(opened, OWNER, json.dumps(content).encode())
    opened.close()


def fill(folder: Path, number: int) -> None:
    """A history of that many conversations of four messages, two hours apart."""
    now = datetime.now(UTC)
    keep(folder, [conversation(f"many{n}", 4, now - timedelta(hours=2 * n)) for n in range(number)])


def serve(port: int, folder: Path) -> None:
    keep(folder, [conversation(f"bench{size}", size, datetime.now(UTC)) for size in (20, 1000)])
    os.environ["ROUNDTABLE_DATA_FOLDER"] = str(folder)
    options = {"server.headless": True, "server.port": port, "server.address": "127.0.0.1"}
    bootstrap.load_config_options(options)
    bootstrap.run(str(ROOT / "streamlit_app.py"), False, [], options)


if __name__ == "__main__":
    if sys.argv[1] == "many":
        fill(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        serve(int(sys.argv[1]), Path(sys.argv[2]))
