"""A batch of 5,000 answers in a fixed form beside the same answers without one: saving, sums, the page, the files.

python -m bench.batch_forms [rows]    a Markdown table; both are measured in turn, so the last column is their ratio
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.batch import LOOKS, OWNER, a_page
from core.assemble import build
from core.batch.batches import Batches
from core.batch.carrier import BatchCarrier
from core.batch.form_check import check_form
from core.options import load
from core.records import Attempt, ChatRequest, Completion, Finish, Owner, ResponseFormat, Timing, Usage
from core.schemas.reading import read
from core.ui import app_state, owner, visitor
from core.ui.app_state import AppState
from core.views.batches import BatchPlan

SCHEMA = read(
    "vendor: str\ntotal: float\ncurrency: 'CHF' | 'EUR'\ndue_days: int\nnote?: str | None\n"
    "address:\n    street: str\n    city: str\nlines: list[{text: str, price: float}]\n"
)
FIELDS = ("vendor", "total", "address.city")


def answer(n: int) -> str:
    """An invoice of about 500 characters; one of twenty breaks the schema, one of twenty is no JSON."""
    value = {
        "vendor": f"Vendor {n}",
        "total": n + 0.5,
        "currency": "USD" if n % 20 == 7 else "CHF",
        "due_days": n % 30,
        "note": None,
        "address": {"street": f"Main street {n}", "city": "Bern"},
        "lines": [{"text": f"part {line} of the order", "price": line / 2} for line in range(8)],
    }
    text = json.dumps(value)
    return f"```json\n{text}\n```" if n % 20 == 3 else text


def both(label: str, without: Callable[[], object], with_form: Callable[[], object], times: int = LOOKS) -> None:
    """The medians of runs in turn, and their ratio."""
    times_ms: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for act, kept_ms in zip((without, with_form), times_ms, strict=True):
            began = time.perf_counter()
            act()
            kept_ms.append((time.perf_counter() - began) * 1000)
    first, second = map(statistics.median, times_ms)
    print(f"| {label} | {first:,.0f} ms | {second:,.0f} ms | {second / first:.2f} |", flush=True)


def measure(folder: Path, rows: int) -> None:
    environ = {"ROUNDTABLE_LOCAL_SERVERS": "false"}
    shared = AppState(build(load(environ=environ, secrets={}, folder=folder), folder=folder))
    app_state._app_state = shared
    owner.current = lambda: OWNER
    visitor.settle = lambda: None

    async def at_once(request: ChatRequest, keys: Mapping[str, str], owner_id: str) -> Completion:
        text = answer(int(request.messages[-1].text))
        timing = Timing(datetime.now(UTC), 1.0, 1.0, 2.0, 2.0, 0.0, 2)
        attempts = (Attempt("sim", request.model_id or "", 1, "ok", 2.0),)
        return Completion(request.model_id or "", text, "", Usage(10, 100), Finish("stop"), timing, attempts=attempts)

    space = shared.workspace
    carrier = BatchCarrier(space.engine, space.database, space.process, space.jobs, ask=at_once)
    batches = Batches(carrier, space.input_limits, space.budget, Owner(OWNER))
    prompts = [(f"{n}", None) for n in range(rows)]
    expected = [{"vendor": f"vendor {n}", "total": f"{n + 0.5}", "address.city": "Bern"} for n in range(rows)]

    def saved(name: str, **plan: object) -> str:
        made = BatchPlan(name, ["sim/quick"], prompts, **plan)  # type: ignore[arg-type]
        batch_id = batches.start(name, made)
        while batches.get(batch_id).state == "running":
            time.sleep(0.02)
        return batch_id

    settings = {"response_format": "schema", "schema_json": SCHEMA}
    made: dict[bool, str] = {}

    def save(has_form: bool) -> None:
        more = {"settings": settings, "fields": FIELDS, "expected_fields": expected} if has_form else {}
        made[has_form] = saved(f"{has_form} {time.perf_counter()}", **more)

    form = ResponseFormat("schema", SCHEMA)
    answers = [answer(n) for n in range(rows)]
    check_form(answers[0], form)  # jsonschema is imported
    began = time.perf_counter()
    for text, wanted in zip(answers, expected, strict=True):
        check_form(text, form, FIELDS, wanted)
    checked_s = time.perf_counter() - began
    print(f"{rows:,} answers checked alone: {checked_s:.2f} s, {checked_s / rows * 1000:.2f} ms an answer\n")
    print("| SQLite | without | with a schema | ratio |\n|---|---|---|---|")
    both(f"start, ask and save {rows:,} answers", lambda: save(False), lambda: save(True), 3)
    plain, formed = made[False], made[True]
    both("page run", a_page({"batch": plain}), a_page({"batch": formed}))
    both("counts and sums", lambda: batches.look(plain), lambda: batches.look(formed))
    middle = rows // 2
    both(
        "25 rows from the middle",
        lambda: batches.page(plain, first=middle),
        lambda: batches.page(formed, first=middle, answer_chars=20_000),
    )
    both("CSV", lambda: batches.download(plain, "csv"), lambda: batches.download(formed, "csv"), 3)
    began = time.perf_counter()
    misfits = batches.number(formed, "misfit")
    batches.page(formed, "misfit", first=misfits // 2)
    print(f"\n{misfits:,} that do not fit, counted and 25 of them read: {(time.perf_counter() - began) * 1000:.0f} ms")
    space.database.close()


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="rt-batch-forms-") as name:
        measure(Path(name), int(arguments[0]) if arguments else 5_000)


if __name__ == "__main__":
    main(sys.argv[1:])
