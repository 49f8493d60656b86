"""`python -m bench.people N [bare]`: N chats streaming at once from one process on a core of its own, one JSON object.

`bare` measures `bench/bare.py`, a page of Streamlit alone, in the app's place.

The provider and the visitors share the other core, so that they do not take the app's time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from bench.process import ROOT, free_port, provider, until_healthy

MODEL = "c900-r75-stamp"
PAGES = {"app": "streamlit_app.py", "bare": "bench/bare.py"}
LONGEST_S = "90"


def main(people: str, page: str = "app") -> None:
    cores = sorted(os.sched_getaffinity(0))
    with provider() as port, tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
            "OPENAI_API_KEY": "none-needed-at-all",
            "BENCH_MODEL": MODEL,
            "ROUNDTABLE_DEFAULT_MODEL": f"openai/{MODEL}",
            "ROUNDTABLE_DATA_FOLDER": folder,
        }
        app_port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", PAGES[page], "--server.headless=true"]
        command += [f"--server.port={app_port}", "--server.address=127.0.0.1"]
        with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL) as app:
            try:
                until_healthy(app_port)
                os.sched_setaffinity(app.pid, cores[:1])
                visit = [sys.executable, "-m", "bench.visitors", str(app_port), people, LONGEST_S]
                with subprocess.Popen(visit, cwd=ROOT, stdout=subprocess.PIPE, text=True) as visitors:
                    os.sched_setaffinity(visitors.pid, cores[-1:])
                    print(json.dumps(json.loads(visitors.communicate()[0])))
            finally:
                app.terminate()
                app.wait(10)


if __name__ == "__main__":
    main(*sys.argv[1:])
