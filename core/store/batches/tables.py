"""The tables of the batch room.

    batches --< batch_rows (a prompt, what is expected of its answer)
       +------< batch_items (one row for each prompt and each of the models, by its place in the batch)

A batch that runs belongs to one process, which has a lease by the database's clock. `done`, `failed` and `skipped` of a
batch are counted in the transaction that ends the items. Items name no owner: every query reaches them through their
batch, which does.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from ..columns import ID, NAME, Instant, Json, Usd, metadata

WORD = String(24)
HIDDEN = "importing"  # the state of a batch that an import has not shown yet
FORMED = ("batch_id", "place", "form", "repaired", "marks", "n")
HAS_FORM = text("form IS NOT NULL")
SUMMED = ("total_ms", "passed", "again", "input_tokens", "output_tokens", "estimated", "cost_usd", "ended_at")

batches = Table(
    "batches",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", WORD, nullable=False),  # approval, declined, running, paused, cancelled, done, HIDDEN
    Column("why", WORD, nullable=False),  # of a pause: "" by its owner, "keys": pasted keys went with their process
    Column("model_ids", Json, nullable=False),
    Column("system", Text, nullable=False),
    Column("settings", Json, nullable=False),
    Column("rule", Json),
    Column("when_spent", WORD, nullable=False),  # wait, skip
    Column("pasted", Json, nullable=False),  # providers called with pasted keys, which are not stored
    Column("rows", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("rests", Json, nullable=False),  # place -> [until in microseconds, the kind of the error]
    Column("owner_process", NAME, nullable=False),  # "": no process runs it
    Column("lease_until", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),  # or resumed: speed is measured from here
    Column("ended_at", Instant),
    Column("rehearsal", Json),  # the model whose answers are compared with, and whether names are hidden; NULL: none
    Column("approval", Json),  # what an administrator is asked, and what they decided; NULL: nobody has to be asked
    Column("file_hashes", Json),  # of all files of its rows, which blob_cleanup spares; NULL: there are none
    Column("fields", Json),  # of its answers, whose values are compared; NULL: none
    Column("mends", Boolean),  # whether answers that are no JSON are repaired before they are checked
    Index("batches_owner", "owner_id", "created_at"),
    Index("batches_state", "state", "lease_until"),
)

rows = Table(
    "batch_rows",
    metadata,
    Column("batch_id", ID, ForeignKey("batches.id", ondelete="CASCADE"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("expected", Text),
    Column("reference", Text),  # what the rehearsed model answered before
    Column("reference_check", Json),  # what was found out about that answer, as `Item` has it; NULL: not checked
    Column("setup", Json),  # how it was asked then: conversation above, system prompt, sampling, rule
    Column("files", Json),  # sent with the prompt, as `attachments.values`; NULL: none
    Column("expected_fields", Json),  # by field, what is expected of its value; NULL: nothing
    PrimaryKeyConstraint("batch_id", "n"),
)

items = Table(
    "batch_items",
    metadata,
    Column("batch_id", ID, ForeignKey("batches.id", ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("state", WORD, nullable=False),  # waiting, asking, done, failed, skipped
    Column("again", Integer, nullable=False),  # how often the process that asked was gone before the answer
    Column("tries", Integer, nullable=False),  # how often it was sent and put back because of a limit
    Column("passed", Boolean),
    Column("ttft_ms", Float),
    Column("total_ms", Float),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("estimated", Boolean, nullable=False),
    Column("cost_usd", Usd),
    Column("finish", WORD, nullable=False),
    Column("error_kind", WORD, nullable=False),
    Column("error", Text, nullable=False),
    Column("origin", String(10)),  # origin of the error
    Column("ended_at", Instant),
    Column("text", Text, nullable=False),
    Column("likeness", Float),  # to the row's `reference`, 0 to 1
    Column("clashes", Integer),  # contradictions with it
    *(Column(name, Text) for name in ("served_model_id", "response_model", "served_by", "system_fingerprint")),
    Column("form", WORD),  # valid, invalid, not_json, unchecked; NULL: no form was asked for, or not checked yet
    Column("form_problem", Text),  # the first, as JSON
    Column("marks", String(200)),  # of the batch's `fields`: 1 right, 0 wrong, - not compared
    Column("repaired", String(60)),  # what was taken away before it was checked
    Column("cached_tokens", Integer),  # of those that were read; NULL: not told
    Column("reasoning_tokens", Integer),  # of those that were written; NULL: not told
    PrimaryKeyConstraint("batch_id", "place", "n"),
    Index("batch_items_state", "batch_id", "place", "state", "n"),
    # All that sums, medians and the numbers of wrong rows read: the answers' texts are left alone.
    Index("batch_items_sums", "batch_id", "place", "state", *SUMMED, "n"),
    # What is told of forms; batches without one have no entry.
    Index("batch_items_form", *FORMED, sqlite_where=HAS_FORM, postgresql_where=HAS_FORM),
)
