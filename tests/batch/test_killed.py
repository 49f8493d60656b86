"""A process is killed in the middle of its batch; another one goes on: nothing lost, nothing answered asked again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.store.batches import reading
from tests.batch.child import OWNER
from tests.batch.conftest import Clock, Table
from tests.workspace.acme import until

ROOT = Path(__file__).resolve().parents[2]
ROWS = 300


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_batch_survives_its_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.batch.child", str(tmp_path), str(ROWS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        batch_id = ""
        for line in child.stdout:
            batch_id, done = line.split()
            if int(done) >= 20:
                break
        os.kill(child.pid, signal.SIGKILL)
    table = Table(tmp_path, Clock())
    before = list(reading.everything(table.workspace.database, OWNER, batch_id))
    answered = {line.prompt: line.items[0].text for line in before if line.items[0].state == "done"}
    asking = {line.prompt for line in before if line.items[0].state == "asking"}
    assert 20 <= len(answered) < ROWS
    assert asking
    table.carrier.begin_work()
    until(lambda: table.batches.get(batch_id).state == "done")
    after = {line.prompt: line.items[0] for line in reading.everything(table.workspace.database, OWNER, batch_id)}
    prompts = {prompt for _, prompt in table.model.prompts}
    assert prompts == set(after) - set(answered)
    assert set(table.model.prompts.values()) == {1}
    assert {prompt: after[prompt].text for prompt in answered} == answered
    assert {prompt for prompt, item in after.items() if item.again} == asking
    view = table.batches.look(batch_id)
    assert (view.batch.done, view.sums[0].again) == (ROWS, len(asking))
    until(lambda: not table.carrier._tasks)
    table.workspace.database.close()
