"""What drawing an answer costs on the server: finding its blocks and handing each to Streamlit, plain and with data.

    python -m bench.drawing

Each answer is painted whole and as it arrives, 40 characters at a time, into Streamlit's own tree without a browser.
Times are medians of the rounds, in milliseconds of this computer: compare ratios.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

ROUNDS = 15
PARAGRAPH = "A paragraph of an answer with **bold** words, a [link](https://example.com) and `code` in it. " * 4
PLAIN = "\n\n".join([PARAGRAPH] * 20)
ROWS = json.dumps([{"name": f"n{number}", "value": number} for number in range(20)])
CODE = "x = 1\n" * 80
ANSWERS = {
    "plain": PLAIN,
    "table": f"{PLAIN}\n\n```json\n{ROWS}\n```\n",
    "long code": f"{PLAIN}\n\n```python\n{CODE}```\n",
    "diagram": f"{PLAIN}\n\n```mermaid\nflowchart TD\n  A --> B\n```\n",
}


def page(text: str, arriving: bool, rounds: int) -> None:
    """Runs as a page: everything it needs is imported here."""
    import time as clock

    import streamlit as st

    from core.ui import transfers
    from core.ui.answer.painter import Painter

    transfers.server_name = "bench"
    times = []
    for number in range(rounds):
        answer = Painter(st.container(), f"answer-{number}")
        began = clock.perf_counter()
        if arriving:
            for length in range(0, len(text), 40):
                answer.paint(text[:length])
        answer.paint(text)
        times.append((clock.perf_counter() - began) * 1000)
    st.session_state["times"] = times


def median_ms(text: str, *, arriving: bool) -> float:
    at = AppTest.from_function(
        page, default_timeout=600, kwargs={"text": text, "arriving": arriving, "rounds": ROUNDS}
    ).run()
    assert not at.exception, at.exception
    times: list[float] = at.session_state["times"]
    return statistics.median(times)


def main(clock: Callable[[], float] = time.perf_counter) -> None:
    began = clock()
    for name, text in ANSWERS.items():
        whole, arriving = median_ms(text, arriving=False), median_ms(text, arriving=True)
        print(f"{name:10} whole {whole:7.2f} ms   arriving {arriving:7.1f} ms")
    print(f"{clock() - began:.0f} s")


if __name__ == "__main__":
    main()
