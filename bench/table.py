"""`scripts/bench [NAME ...]`: every promise about speed, measured side by side in this run, as a Markdown table.

`scripts/bench scale [--small]` is a table of its own: three years of use against a hundredth of it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import scale
from bench.process import measure, provider

ROUNDS = 3


@dataclass(frozen=True)
class Row:
    """One promise: what, how much is allowed, what was measured, all in the unit that `what` names."""

    name: str
    allowed: float
    measured: float
    detail: str = ""


def per_chunk() -> Iterator[Row]:
    """CPU of one streamed chunk, for a burst (many chunks a read) and at a provider's pace (one chunk a read)."""
    with provider() as port:
        for name, streams, model in (("burst", "1", "c20000-r0"), ("paced", "8", "c400-r100")):
            times: dict[str, list[float]] = {"bare": [], "roundtable": [], "sdk": []}
            for _ in range(ROUNDS):
                for client, values in times.items():
                    run = measure("bench.client", client, str(port), streams, model)
                    values.append(run["cpu_s"] / run["chunks"] * 1e6)
            bare, roundtable, sdk = (statistics.median(times[client]) for client in ("bare", "roundtable", "sdk"))
            detail = f"{roundtable:.1f} µs; bare {bare:.1f} µs, openai SDK {sdk:.1f} µs"
            yield Row(f"CPU per chunk, {name}: × bare aiohttp + json", 2.0, roundtable / bare, detail)
            yield Row(f"CPU per chunk, {name}: × openai SDK", 0.2, roundtable / sdk, detail)


def many() -> Iterator[Row]:
    """Eight answers at once against the slowest alone; 256 streams of 50 chunks a second against their ideal time."""
    with provider() as port:
        models = "+".join(f"c{200 + 10 * n}-r100" for n in range(8))
        alone = [measure("bench.client", "compared", str(port), "1", "c270-r100")["wall_s"] for _ in range(ROUNDS)]
        eight = [measure("bench.client", "compared", str(port), "1", models)["wall_s"] for _ in range(ROUNDS)]
        yield Row("8 answers at once: × the slowest", 1.03, statistics.median(eight) / statistics.median(alone))
        walls = {
            client: measure("bench.client", client, str(port), "256", "c500-r50")["wall_s"] / 10
            for client in ("roundtable", "bare", "sdk")
        }
        detail = f"bare {walls['bare']:.2f}, openai SDK {walls['sdk']:.2f}"
        yield Row("256 streams at 50 chunks/s: × ideal", 1.15, walls["roundtable"], detail)


def imports() -> Iterator[Row]:
    """A fresh Python that imports, against one that imports aiohttp and requests."""
    codes = {"core": "import core", "built": "import core; core.build()", "libraries": "import aiohttp, requests"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(ROUNDS + 2):
        for name, code in codes.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times[name].append(time.perf_counter() - began)
    core, built, libraries = (min(times[name]) for name in ("core", "built", "libraries"))
    detail = f"{core:.2f} s; with build() {built:.2f} s; aiohttp and requests {libraries:.2f} s"
    yield Row("import core: × importing aiohttp and requests", 1.5, core / libraries, detail)


def start() -> Iterator[Row]:
    run = measure("bench.browser", "start")
    detail = "health {health_s:.2f} s + visit {visit_s:.2f} s; hello {hello_health_s:.2f} + {hello_visit_s:.2f} s"
    yield Row("server start + first chat page: × hello world", 1.3, run["sum_ratio"], detail.format(**run))
    yield Row("first visit alone: × hello world", 1.2, run["visit_ratio"], detail.format(**run))


def click() -> Iterator[Row]:
    run = measure("bench.browser", "click")
    detail = f"{run['of_1000_s']:.2f} s; of 20 {run['of_20_s']:.2f} s"
    yield Row("a click in a chat of 1,000 messages: × one of 20", 1.5, run["ratio"], detail)


def columns() -> Iterator[Row]:
    run = measure("bench.browser", "columns")
    yield Row(
        "4 columns at 100 tokens/s: last token on screen, worst, s",
        0.25,
        run["worst_s"],
        f"median {run['median_s']:.2f} s",
    )


def people() -> Iterator[Row]:
    """Chats that stream at once from one process; in the same run what a bare page with `st.write_stream` gives."""
    for number in (80, 150):
        app, bare = (measure("bench.people", str(number), page) for page in ("app", "bare"))
        detail = f"p50 {app['lag_p50_s']:.2f} s; {app['finished']} of {number} finished, {app['chunks']} chunks"
        yield Row(f"{number} people streaming from one process: lag p95, s", 0.5, app["lag_p95_s"], detail)
        ratio = app["lag_p95_s"] / bare["lag_p95_s"]
        detail = f"that one {bare['lag_p95_s']:.2f} s, p50 {bare['lag_p50_s']:.2f} s; {bare['finished']} finished"
        yield Row(f"{number} people: lag p95 × a bare page with st.write_stream", 0.2, ratio, detail)


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    part.__name__: part for part in (per_chunk, many, imports, start, click, columns, people)
}


def main(names: list[str]) -> int:
    if names[:1] == ["scale"]:
        return scale.main(names[1:])
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"There is no part {unknown[0]!r}; the parts are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    print("| promise | allowed | measured | | detail |\n|---|---|---|---|---|", flush=True)
    for name in names or PARTS:
        for row in PARTS[name]():
            verdict = "kept" if row.measured <= row.allowed else "**missed**"
            print(f"| {row.name} | ≤ {row.allowed} | {row.measured:.2f} | {verdict} | {row.detail} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
