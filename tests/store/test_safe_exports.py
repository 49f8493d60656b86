"""The exports of the history: harmless in a spreadsheet and in a Markdown viewer, exact in JSON."""

from __future__ import annotations

import csv
import io
import json

from core.store import turns
from core.store.opening import memory_database
from core.store.portable.export import export
from core.views.conversation import File
from tests.store.conftest import OWNER, answer

PICTURE = "![p](http://evil.test/x.png)"
HTML = "<img src=http://evil.test>"
FORMULA = '\n=HYPERLINK("http://evil.test")'


def test_every_field_of_an_export_is_harmless() -> None:
    database = memory_database()
    text = f"{FORMULA}\n{PICTURE} {HTML} https://bank.test@evil.test"
    files = [File(f"{PICTURE}{HTML}.md", f"{PICTURE}\n````\n{HTML}", "text/markdown")]
    turns.begin(
        database, OWNER, turns.NewTurn("r", text, model_id=f"a/{PICTURE}{HTML}", files=files), owner_process="p"
    )
    turns.finish(database, OWNER, "r", answer(text))
    exports = {form: "".join(export(database, OWNER, form)) for form in ("markdown", "csv", "json")}
    rows = list(csv.DictReader(io.StringIO(exports["csv"].removeprefix("\ufeff"), newline="")))
    assert {row["text"][:3] for row in rows} == {"'\n="}
    assert all(row["title"].startswith("'=") for row in rows)
    outside, _, rest = exports["markdown"].partition("`````\n")
    inside, _, after = rest.partition("\n`````\n")
    assert inside == files[0].text
    for part in (outside, after):
        assert "![" not in part
        assert "<img" not in part
        assert "https://bank.test@" not in part
    texts = [message["text"] for message in json.loads(exports["json"])["conversations"][0]["messages"]]
    assert texts == [text, text]
