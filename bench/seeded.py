"""The real app with two long chats in it: `python -m bench.seeded PORT` serves `/?c=bench20` and `bench1000`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from streamlit.web import bootstrap

from bench.process import ROOT
from core.records import Completion, Finish, Timing, Usage
from core.ui import runtime
from core.ui.asking.state import Conversation, Turn

ANSWER = """This is answer number {n}. It has a paragraph of ordinary length, so that a page full of them costs what a
real one costs to send, to parse and to lay out.

- a list with a few **points**,
- some `code`, and
- a number or two: {n}, {n}.
"""
CODE = "\n```python\ndef answer(n: int) -> int:\n    return n + 1\n```\n"


def conversation(messages: int) -> Conversation:
    made = Conversation(f"bench{messages}", "sim/quick")
    timing = Timing(datetime.now(UTC), 300.0, 300.0, 1500.0, 1510.0, 0.0, 120)
    for n in range(messages // 2):
        text = ANSWER.format(n=n) + (CODE if n % 4 == 0 else "")
        completion = Completion("sim/quick", text, "", Usage(50, 120), Finish("stop", "stop"), timing)
        made.turns.append(Turn(f"Question number {n}", "sim/quick", f"bench-{messages}-{n}", completion))
    return made


if __name__ == "__main__":
    for size in (20, 1000):
        runtime.get().conversations.put(conversation(size))
    options = {"server.headless": True, "server.port": int(sys.argv[1]), "server.address": "127.0.0.1"}
    bootstrap.load_config_options(options)
    bootstrap.run(str(ROOT / "streamlit_app.py"), False, [], options)
