"""The Batch page without a browser: made from the example, a file or pasted text; watched, paused, read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core.batch.slots import SIMULATED
from core.records import RateLimitReading
from core.ui import text
from core.ui.app_state import AppState
from core.ui.batch import words
from core.views.batches import BatchPlan, Sum
from tests.batch.conftest import Model
from tests.pages.conftest import ME, in_address, texts
from tests.pages.test_quota import MODEL, call, with_key
from tests.workspace.acme import until

CSV = "question,answer\nWhat is the capital of France?,Paris\nWhat is 1 + 1?,2\n"


@pytest.fixture(autouse=True)
def _english() -> None:
    text.use("en")


def finished(shared: AppState, batch_id: str) -> None:
    until(lambda: not shared.workspace.of(ME).batches.get(batch_id).carried)


def a_batch(shared: AppState, rows: int = 3, request: str = "r1", **plan: object) -> str:
    prompts = [(f"Explain number {n}", f"{n}") for n in range(rows)]
    options = {"rule": {"kind": "contains"}, **plan}
    batch_plan = BatchPlan("mine", ["sim/quick", "sim/steady"], prompts, **options)  # type: ignore[arg-type]
    return shared.workspace.of(ME).batches.start(request, batch_plan)


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def test_the_example_runs_without_a_key(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("batch")
    at.button(key="example").click().run()
    assert not at.exception
    assert "**12** prompts · 12 with an expected answer · UTF-8 · comma" in texts(at)
    assert "simulated, uses no quota" in texts(at)
    at.button(key="batch-start").click().run()
    assert not at.exception
    batch_id = in_address(at, "batch")
    finished(shared, batch_id)
    at.run()
    assert not at.exception
    assert ":green-badge[:material/check: Done]" in texts(at)
    assert "12 of 12 answered" in texts(at)
    assert "% as expected" in texts(at).replace("**", "")
    assert len(at.dataframe[0].value) == 12
    assert len(shared.workspace.of(ME).batches.recent()) == 1
    at.button(key="batch-leave").click().run()
    assert "batch" not in at.query_params
    assert "36 of 36" in texts(at)


def test_a_file_with_another_way_to_be_right(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("batch")
    at.file_uploader[0].upload("questions.csv", CSV.encode("gbk")).run()
    assert not at.exception
    assert "**2** prompts" in texts(at)
    at.segmented_control(key="batch-rule").set_value("number").run()
    assert at.error[0].value == "Line 2: The expected answer is not a number."
    assert "batch-start" not in [button.key for button in at.button]
    at.segmented_control(key="batch-rule").set_value("equals").run()
    assert not at.error
    at.multiselect(key="batch-models").set_value(["sim/quick"]).run()
    at.button(key="batch-start").click().run()
    assert not at.exception
    batch_id = in_address(at, "batch")
    finished(shared, batch_id)
    batch = shared.workspace.of(ME).batches.get(batch_id)
    assert (batch.name, batch.rows, batch.rule) == (
        "questions.csv", 2, {"kind": "equals", "ignore_case": True, "tolerance": "0.0"}
    )  # fmt: skip


def test_the_first_choice_of_a_column_stays(open_page: Callable[..., AppTest], shared: AppState) -> None:
    """The switch for the first row appears with the file; it is no new file that forgets what was chosen."""
    at = open_page("batch")
    at.file_uploader[0].upload("questions.csv", b"prompt,mine\n1+1?,2\n").run()
    column = next(box for box in at.selectbox if box.label == "Expected answer")
    assert column.value is None
    column.set_value("mine").run()
    for _ in range(2):
        assert next(box for box in at.selectbox if box.label == "Expected answer").value == "mine"
        assert "1 with an expected answer" in texts(at)
        at.run()


def test_an_encoding_that_was_guessed_can_be_chosen(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("batch")
    at.file_uploader[0].upload("questions.csv", "prompt,expected\nIst das schön?,ja\n".encode("cp1252")).run()
    assert "Ist das schön?" in texts(at)
    box = next(box for box in at.selectbox if box.label == "Encoding")
    assert box.value == "Windows-1252"
    box.set_value("Windows-1251").run()
    assert "Ist das schцn?" in texts(at)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.csv", b"a,b\n1,2\n1,2,3\n", "The row at line 3 has more cells than there are columns (3 > 2)."),
        ("a.jsonl", b'{"a": 1}\nnope\n', "Line 2 is not JSON (Expecting value)."),
        ("a.txt", b"\n", "The file has no rows."),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_sentence(
    open_page: Callable[..., AppTest], name: str, data: bytes, sentence: str
) -> None:
    at = open_page("batch")
    at.file_uploader[0].upload(name, data).run()
    assert not at.exception
    assert at.error[0].value.replace("\\", "") == sentence
    assert "batch-start" not in [button.key for button in at.button]


def test_pasted_lines(open_page: Callable[..., AppTest]) -> None:
    at = open_page("batch", lang="zh")
    text.use("zh")  # AppTest looks for the label that is drawn
    at.segmented_control(key="batch-source").set_value("paste").run()
    at.text_area(key="batch-pasted").set_value("一个问题\n\n另一个问题").run()
    assert not at.exception
    assert "**2** 条提示词" in texts(at)
    assert at.button(key="batch-start").label == "开始：2 次调用"


def test_the_price_says_what_fits_today(open_page: Callable[..., AppTest], shared: AppState) -> None:
    call(shared, MODEL, RateLimitReading("requests", "day", 1000, 7))  # type: ignore[arg-type]
    at = with_key(open_page("batch"))
    at.segmented_control(key="batch-source").set_value("paste").run()
    at.text_area(key="batch-pasted").set_value("\n".join(f"question {n}" for n in range(40))).run()
    at.multiselect(key="batch-models").set_value([MODEL]).run()
    assert not at.exception
    shown = texts(at)
    assert "40 calls" in shown
    assert "only 7 fit today; the rest waits until" in shown
    assert "at least" in shown
    at.segmented_control(key="batch-when-spent").set_value("skip").run()
    assert "only 7 fit today; the rest is skipped" in texts(at)


def test_paused_in_the_middle_and_gone_on_with(open_page: Callable[..., AppTest], shared: AppState) -> None:
    model = shared.workspace.batch_carrier._ask = Model()
    model.held.set()
    batch_id = a_batch(shared, rows=40)
    at = open_page("batch", batch=batch_id)
    assert not at.exception
    until(lambda: model.calls == SIMULATED)
    at.button(key="batch-pause").click().run()
    assert ":orange-badge[:material/hourglass_top: Pausing]" in texts(at)
    model.held.clear()
    finished(shared, batch_id)
    at.run()
    assert {"Resume", "Cancel batch"} <= set(labels(at))
    assert shared.workspace.of(ME).batches.get(batch_id).over == SIMULATED
    at.button(key="batch-resume").click().run()
    assert not at.exception
    finished(shared, batch_id)
    assert shared.workspace.of(ME).batches.get(batch_id).done == 80
    assert set(model.prompts.values()) == {1}
    at.run()
    assert len(at.dataframe[0].value) == 25
    at.session_state["batch-page-all"] = 2
    at.run()
    assert list(at.dataframe[0].value["n"]) == list(range(26, 41))
    at.segmented_control(key="batch-which").set_value("failed").run()
    assert "No such row." in texts(at)


def test_a_batch_of_another_is_not_here(open_page: Callable[..., AppTest], shared: AppState) -> None:
    batch_id = shared.workspace.of("eve").batches.start("r", BatchPlan("hers", ["sim/quick"], [("secret", None)]))
    until(lambda: not shared.workspace.of("eve").batches.get(batch_id).carried)
    at = open_page("batch", batch=batch_id)
    assert not at.exception
    assert "was deleted" in at.info[0].value
    assert "batch" not in at.query_params
    assert "hers" not in texts(at)


def test_a_batch_whose_pasted_key_is_gone_says_so(open_page: Callable[..., AppTest], shared: AppState) -> None:
    from core.store.batches import making

    plan = BatchPlan("keys", ["groq/x"], [("a", None)], pasted=("groq",))
    batch_id, _ = making.create(shared.workspace.database, ME, "k", plan, "another-host/1/x")
    with shared.workspace.database.write() as connection:
        from core.store.batches.tables import batches

        connection.execute(batches.update().values(lease_until=1))
    from core.store.batches import carrying

    assert carrying.claim(shared.workspace.database, "here/1/x") == []
    at = open_page("batch", batch=batch_id)
    assert not at.exception
    assert "Paste it again" in at.warning[0].value


def test_rest_in_words() -> None:
    text.use("en")
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    sentence = words.rest("quota_spent", now.replace(hour=23), now, UTC)
    assert sentence == "quota used up; resumes at 23:00"
    assert words.rest("overloaded", now.replace(second=9), now, UTC) == "failing right now; retried in 9 s"


def test_a_pasted_table_with_numbers_is_a_table_and_compared_as_numbers(open_page: Callable[..., AppTest]) -> None:
    at = open_page("batch")
    at.segmented_control(key="batch-source").set_value("paste").run()
    at.text_area(key="batch-pasted").set_value("2 plus 2?\t4\n3 plus 3?\t6").run()
    assert at.segmented_control(key="batch-form").value == "csv"
    assert at.segmented_control(key="batch-rule").value == "number"
    assert not at.exception


def test_the_files_that_rows_name_go_with_them(open_page: Callable[..., AppTest], shared: AppState) -> None:
    from PIL import Image

    picture, packed = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(picture, "PNG")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("cats/red.png", picture.getvalue())
        archive.writestr("notes.txt", "The house is red.")
        archive.writestr("other.txt", "nobody asks for it")
    at = open_page("batch")
    rows = "prompt,files\nWhat colour?,red.png;notes.txt\nAnd this?,blue.png\nSay hi,\n"
    at.file_uploader[0].upload("questions.csv", rows.encode()).run()
    assert "Without files here, the rows are sent without files." in texts(at)
    at.multiselect(key="batch-models").set_value(["sim/quick"]).run()
    at.file_uploader[1].upload("all.zip", packed.getvalue(), "application/zip").run()
    assert not at.exception
    assert "2 files go with the rows." in texts(at)
    assert "No row names **other.txt**." in texts(at)
    assert at.warning[0].value == "Row 2 names **blue.png**, which was not uploaded."
    assert "batch-start" not in [button.key for button in at.button]
    next(box for box in at.checkbox if box.label == "Send these rows without these files").check().run()
    at.button(key="batch-start").click().run()
    assert not at.exception
    batch_id = in_address(at, "batch")
    finished(shared, batch_id)
    lines = shared.workspace.of(ME).batches.page(batch_id)
    assert [[file.name for file in line.files] for line in lines] == [["red.png", "notes.txt"], [], []]
    assert (lines[0].files[0].width, lines[0].files[1].text) == (30, "The house is red.")
    at.run()
    assert list(at.dataframe[0].value["files"]) == ["red.png; notes.txt", "", ""]


def with_schema(at: AppTest, schema: str) -> AppTest:
    at.segmented_control(key="set-batch-response_format").set_value("schema").run()
    at.text_area(key="set-batch-schema_json").set_value(schema).run()
    return at


def test_a_schema_has_a_column_a_field_and_a_share_a_model(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("batch")
    rows = "prompt,expected.vendor,expected.totl\nInvoice of Acme,Acme,1\nInvoice of Bolt,nobody,2\n"
    at.file_uploader[0].upload("invoices.csv", rows.encode()).run()
    at.multiselect(key="batch-models").set_value(["sim/quick"]).run()
    assert "are compared once the answer has a form" in at.info[0].value
    with_schema(at, "vendor: str\ntotal: float")
    assert at.error[0].value == (
        "The column **expected.totl** names no field of the schema. Its fields: **vendor**, **total**"
    )
    assert "batch-start" not in [button.key for button in at.button]
    with_schema(at, "vendor: str\ntotal: float\ntotl: int")
    assert not at.error
    at.multiselect(key="batch-models").set_value(["sim/oneword"]).run()
    assert "oneword takes no JSON schema: it is asked for JSON, with the schema in words." in texts(at)
    at.multiselect(key="batch-models").set_value(["sim/quick"]).run()
    assert "takes no JSON schema" not in texts(at)
    assert "Compared by fields in 2 rows: **vendor**, **totl**" in texts(at)
    at.button(key="batch-start").click().run()
    assert not at.exception
    batch_id = in_address(at, "batch")
    finished(shared, batch_id)
    at.run()
    assert not at.exception
    assert "**100%** valid (95% CI 34–100%, n = 2)" in texts(at)
    shares, table = at.dataframe[0].value, at.dataframe[1].value
    assert list(shares["field"]) == ["vendor", "totl"]
    assert shares["m0"][0].endswith("n = 2)")
    assert list(table["m0"]) == ["✓", "✓"]
    assert set(table) == {"n", "prompt", "m0", "m0-0", "m0-1", "m0-2"}
    assert all(cell.startswith(("✓", "✗")) for cell in table["m0-0"])
    at.segmented_control(key="batch-columns").set_value("answers").run()
    assert set(at.dataframe[1].value) == {"n", "prompt", "m0"}
    at.segmented_control(key="batch-which").set_value("misfit").run()
    assert "No such row." in texts(at)


def test_answers_that_are_no_json_are_repaired_on_request(open_page: Callable[..., AppTest], shared: AppState) -> None:
    shared.workspace.batch_carrier._ask = Model()  # its answers are no JSON
    batch_id = a_batch(shared, settings={"response_format": "json"}, rule=None)
    finished(shared, batch_id)
    at = open_page("batch", batch=batch_id)
    assert "**0%** valid (95% CI 0–56%, n = 3)" in texts(at)
    assert list(at.dataframe[0].value["m0"]) == ["[not JSON: line 1, Expecting value] you said Explain number 0"] + [
        f"[not JSON: line 1, Expecting value] you said Explain number {n}" for n in (1, 2)
    ]
    at.button(key="batch-repair").click().run()
    at.run()
    assert not at.exception
    assert "0 answers were repaired before being checked" in texts(at)
    at.button(key="batch-unrepair").click().run()
    assert shared.workspace.of(ME).batches.get(batch_id).mends is False


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({}, "free"),
        ({"free_answers": 3, "would_cost_usd": Decimal("0.5")}, "free; would have cost about 0.5 USD"),
        ({"free_answers": 3, "would_cost_unknown": 3}, "free; would have cost —"),
        (
            {"free_answers": 3, "would_cost_unknown": 1, "would_cost_usd": Decimal("0.5")},
            "free; would have cost more than 0.5 USD",
        ),
        ({"cost_usd": Decimal(2)}, "2 USD"),
        (
            {"cost_usd": Decimal(2), "free_answers": 1, "would_cost_usd": Decimal("0.5")},
            "2 USD · free answers would have cost about 0.5 USD",
        ),
        ({"unpriced": 3}, "price unknown"),
    ],
)
def test_what_a_batch_cost_and_would_have_cost(figures: dict[str, object], sentence: str) -> None:
    assert words.cost(Sum(0, MODEL, done=3, **figures)) == sentence  # type: ignore[arg-type]
