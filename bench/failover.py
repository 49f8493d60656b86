"""People whose replica is killed in mid-answer: `python -m bench.failover [PEOPLE]` prints one JSON object.

PEOPLE (20) tabs behind deploy/nginx.conf ask for a long story, as simulated models write it. One of two replicas gets
kill -9. It tells how long it took until all of its people saw their question and the text so far again, until each of
its answers could be continued, and how many questions, or pieces of answers that had been saved, were lost.
"""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from bench.deployment import Deployment, Replica, database_url, missing, postgresql, trusting
from bench.process import ROOT, until_healthy
from bench.tabs import Tab, Tabs, opened

LONGEST_S = 120.0
PROMPT = "A long story, 2000 words"
QUERY = """
    SELECT questions.text, jobs.owner_process, messages.state,
           CASE WHEN jobs.state = 'running' THEN jobs.text ELSE messages.text END
    FROM jobs JOIN messages ON messages.id = jobs.message_id
    JOIN messages AS questions ON questions.id = messages.parent_id"""

Answers = dict[str, tuple[str, str, str]]  # by question: process, state, the text that is saved


def start(command: Sequence[str], environ: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    own = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    with log.open("ab") as output:
        return subprocess.Popen(command, cwd=ROOT, env={**own, **environ}, stdout=output, stderr=output)


def saved(url: str) -> Answers:
    with psycopg.connect(url) as connection:
        return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(QUERY).fetchall()}


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def until_saved(url: str, true: Any) -> Answers:
    give_up = time.monotonic() + LONGEST_S
    while not true(answers := saved(url)):
        if time.monotonic() > give_up:
            raise TimeoutError("the answers did not come so far")
        time.sleep(0.1)
    return answers


def measure(url: str, deployment: Deployment, people: Tabs) -> dict[str, Any]:
    number = len(people.tabs)
    people.until(lambda tab: tab.idle and "" in tab.widgets, LONGEST_S, "open")
    prompts = {tab: f"{PROMPT}, number {n}" for n, tab in enumerate(people.tabs)}
    for tab, prompt in prompts.items():
        people.do(tab.ask(prompt))
    before = until_saved(url, lambda a: len(a) == number and all(len(text) > 500 for _, _, text in a.values()))
    people.until(lambda tab: words(prompts[tab]) in words(tab.shown), LONGEST_S, "acknowledged")
    dying = busiest(deployment.replicas, before)
    moved = [tab for tab in people.tabs if is_of(dying, before[prompts[tab]][0])]
    for tab in moved:
        tab.awaited = prompts[tab]
    killed_at = time.monotonic()
    dying.signal(signal.SIGKILL)
    people.until(lambda tab: tab not in moved or _back(tab, killed_at), LONGEST_S, "back")
    back_s = [next(at for at in tab.drawn if at > killed_at) - killed_at for tab in moved]
    people.until(lambda tab: tab not in moved or "[Continue]" in tab.shown, LONGEST_S, "to be continued")
    settled_s = time.monotonic() - killed_at
    after = until_saved(url, lambda a: all(state in ("done", "interrupted") for _, state, _ in a.values()))
    people.until(lambda tab: tab.idle, LONGEST_S, "drawn")
    lost = [
        prompt
        for tab, prompt in prompts.items()
        if prompt not in after
        or not after[prompt][2].startswith(before[prompt][2])
        or words(prompt) not in words(tab.shown)
        or words(after[prompt][2]) not in words(tab.shown)
    ]
    return {
        "people": number,
        "on_the_killed_replica": len(moved),
        "back_s": {"median": round(statistics.median(back_s), 2), "last": round(max(back_s), 2)},
        "all_can_continue_s": round(settled_s, 1),
        "interrupted": sum(state == "interrupted" for _, state, _ in after.values()),
        "done": sum(state == "done" for _, state, _ in after.values()),
        "lost": len(lost),
    }


def _back(tab: Tab, killed_at: float) -> bool:
    return any(at > killed_at for at in tab.drawn)


def is_of(replica: Replica, process: str) -> bool:
    return f"/{replica.process.pid}/" in process


def busiest(replicas: Sequence[Replica], answers: Answers) -> Replica:
    return max(replicas, key=lambda replica: sum(is_of(replica, process) for process, _, _ in answers.values()))


def main(number: int) -> None:
    if names := missing():
        raise SystemExit(f"not installed: {names}")
    with tempfile.TemporaryDirectory() as folder, postgresql() as port:
        url = database_url(port)
        options = {"ROUNDTABLE_DEFAULT_MODEL": "sim/steady", "ROUNDTABLE_LOCAL_SERVERS": "false", "HOME": folder}
        deployment = Deployment(Path(folder), start, [url, url], options)
        try:
            for replica in deployment.replicas:
                until_healthy(replica.port, "/readyz")
            tabs = [Tab(deployment.url, trusting(deployment.certificate)) for _ in range(number)]
            with opened(tabs) as people:
                print(json.dumps(measure(url, deployment, people)))
        finally:
            deployment.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
