"""What each frame of the log holds: names, dtypes, units and meanings, once for pandas, Parquet, CSV and docs/log.md.

Unknown is NA (in a column of times NaT), never 0 or "".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "texts", "int", "float", "bool", "time"]
Frame = Literal["calls", "messages", "votes", "quota"]
# By kind: the dtype of pandas, the type in Parquet and in DuckDB.
DTYPES: Mapping[Kind, str] = {
    "text": "string", "texts": "object", "int": "Int64", "float": "Float64", "bool": "boolean",
    "time": "datetime64[us, UTC]",
}  # fmt: skip
DUCKDB_TYPES: Mapping[Kind, str] = {
    "text": "VARCHAR", "texts": "VARCHAR[]", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN",
    "time": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogColumn:
    """One column. `unit` "": it has none."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""

    @property
    def dtype(self) -> str:
        return DTYPES[self.kind]


CALLS = (
    LogColumn("id", "text", "The attempt: one time that a question was sent to a model."),
    LogColumn("started_at", "time", "When the attempt began."),
    LogColumn("owner_id", "text", "Whose it is; of someone who erased everything, a name that belongs to nobody."),
    LogColumn("provider_id", "text", "Who was called, as in the catalogue."),
    LogColumn("model_id", "text", "The model that was asked, as provider/model."),
    LogColumn("served_model_id", "text", "The model that the answer counts for; NA: not told, so `model_id`."),
    LogColumn("response_model", "text", "The model's name as the reply writes it."),
    LogColumn("served_by", "text", "The host behind a gateway, as the reply writes it."),
    LogColumn("system_fingerprint", "text", "The build of the backend, as the reply writes it."),
    LogColumn("n", "int", "The number of the attempt for its question, from 1."),
    LogColumn("outcome", "text", "`ok`, or the kind of the error, such as `rate_limited` or `timeout`."),
    LogColumn("sent", "bool", "False: we refused it, and no provider saw it. NA: not noted, so it was sent."),
    LogColumn("ttft_ms", "float", "From the request sent to the first token of any kind.", "ms"),
    LogColumn("first_answer_ms", "float", "To the first token of the answer, after any reasoning.", "ms"),
    LogColumn("last_ms", "float", "To the last token.", "ms"),
    LogColumn("total_ms", "float", "The whole attempt.", "ms"),
    LogColumn("waited_ms", "float", "Pauses between the attempts before this one.", "ms"),
    LogColumn("chunks", "int", "Moments at which text arrived; 1: not streamed.", "arrivals"),
    LogColumn("streamed", "bool", "Whether a stream was asked for."),
    LogColumn("input_tokens", "int", "All that was read, cached tokens included.", "tokens"),
    LogColumn("output_tokens", "int", "All that was written, reasoning included.", "tokens"),
    LogColumn("reasoning_tokens", "int", "Of these, the reasoning.", "tokens"),
    LogColumn("estimated", "bool", "The tokens are our own count, since the reply told none."),
    LogColumn("cost_usd", "float", "The price of the attempt; NA: not known.", "USD"),
    LogColumn("cached", "bool", "A kept answer, given again: nothing was called and nothing used."),
    LogColumn("failed_over", "bool", "Another model answered than the one that was chosen."),
    LogColumn("cold", "bool", "A connection had to be made first."),
    LogColumn("simulated", "bool", "By the simulator: no measure of any provider."),
    LogColumn("probe", "bool", "A check of ours, not a person's question."),
    LogColumn("temperature", "float", "As it was sent; NA: left to the provider, or not noted."),
    LogColumn("top_p", "float", "As it was sent; NA as above."),
    LogColumn("seed", "int", "As it was sent; NA as above."),
    LogColumn("max_output_tokens", "int", "As it was sent; NA as above.", "tokens"),
    LogColumn("effort", "text", "How hard it was to think: a word such as `high`, or tokens; NA as above."),
    LogColumn("response_format", "text", "The form asked for, `json` or `schema`; NA: text."),
    LogColumn("tools", "text", "The names of the tools it could call, with spaces between; NA: none."),
    LogColumn("prompt_sha256", "text", "SHA-256 of the question's text, in hexadecimal: equal for equal questions."),
    LogColumn("request_id", "text", "The question, common to all its attempts."),
    LogColumn("conversation_id", "text", "Where it was asked; NA: in no conversation, or that one was erased."),
    LogColumn("error_id", "text", "Of the line about its failure in the operator's log."),
)

MESSAGES = (
    LogColumn("id", "text", "The message."),
    LogColumn("created_at", "time", "When it was written; of an answer, when it was asked for."),
    LogColumn("owner_id", "text", "Whose conversation it is in."),
    LogColumn("conversation_id", "text", "The chat, or the column of a comparison."),
    LogColumn("conversation_kind", "text", "`chat`; `lane`, a column of a comparison; or `comparison`."),
    LogColumn("parent_id", "text", "The message that it follows; NA: the first one."),
    LogColumn("depth", "int", "Its place from the beginning of the conversation, from 1.", "messages"),
    LogColumn("role", "text", "`user` or `assistant`."),
    LogColumn("text", "text", "What was written, as it was stored."),
    LogColumn("model_id", "text", "The model that was asked; NA: a question that names none."),
    LogColumn("state", "text", "`done`, `running`, `stopped`, `failed` or `interrupted`."),
    LogColumn(
        "finish",
        "text",
        "Why an answer ended, such as `stop`, `length`, `filter` or `refusal`.",
    ),
    LogColumn("error", "text", "The kind of the error that ended an answer."),
    LogColumn("reasoning", "text", "What the model wrote before its answer, where it shows that."),
    LogColumn("input_tokens", "int", "All that was read for the answer.", "tokens"),
    LogColumn("output_tokens", "int", "All that was written for it.", "tokens"),
    LogColumn("ttft_ms", "float", "To the first token of any kind.", "ms"),
    LogColumn("total_ms", "float", "The whole answer, attempts and pauses before it included.", "ms"),
    LogColumn("cost_usd", "float", "The price of the answer; NA: not known.", "USD"),
    LogColumn("cached", "bool", "A kept answer, given again."),
)

VOTES = (
    LogColumn("run_id", "text", "The comparison."),
    LogColumn("turn", "int", "Its turn, from 1."),
    LogColumn("voted_at", "time", "When the vote was cast, or changed."),
    LogColumn("owner_id", "text", "Who voted."),
    LogColumn("outcome", "text", "`winner`, `tie` or `bad` (all answers are)."),
    LogColumn("winner_model_id", "text", "The model that won; NA without a winner."),
    LogColumn("models", "texts", "The models that were shown, a list in their order; in CSV with a space between."),
    LogColumn("blind", "bool", "The names were hidden until the vote."),
    LogColumn("topic", "text", "What the question is about, such as `code`."),
)

QUOTA = (
    LogColumn("provider_id", "text", "Whose limit it is."),
    LogColumn("pool", "text", "What is counted together: a model, a key, an address, an account."),
    LogColumn("scope", "text", "The model, or the patterns of models, that count together."),
    LogColumn("key_id", "text", "Eight digits of a hash that tell keys apart and reveal none; NA: no key."),
    LogColumn("unit", "text", "What is counted, such as `requests`, `tokens` or `usd`."),
    LogColumn("per", "text", "The length of the window, such as `minute` or `day`."),
    LogColumn("owner_id", "text", "NA: the whole counter. Else a person's part of it, where people share a key."),
    LogColumn("size", "float", "The size of the window; NA: not published.", "`unit`"),
    LogColumn("used", "float", "Used in the window.", "`unit`"),
    LogColumn("reserved", "float", "Held by calls on their way; of one person NA.", "`unit`"),
    LogColumn("remaining", "float", "Left in the window; NA: not known, and of one person.", "`unit`"),
    LogColumn("window_starts_at", "time", "When the window began."),
    LogColumn("window_ends_at", "time", "When it ends; NaT: never. In the past: nothing was counted since."),
    LogColumn("source", "text", "Of the numbers: the provider's `header` or `error`, or our own count (`counted`)."),
    LogColumn("seen_at", "time", "When the provider told them."),
)

FRAMES: Mapping[Frame, tuple[LogColumn, ...]] = {"calls": CALLS, "messages": MESSAGES, "votes": VOTES, "quota": QUOTA}
TIMES: Mapping[Frame, str] = {"calls": "started_at", "messages": "created_at", "votes": "voted_at"}


def chosen(frame: Frame, names: Iterable[str] | None) -> tuple[LogColumn, ...]:
    """The columns of that frame, or those of these names, in the order of the names.

    Raises ValueError for a frame or a column that there is not, and for one that is named twice.
    """
    if frame not in FRAMES:
        raise ValueError(f"There is no frame {frame!r}; there are {', '.join(FRAMES)}.")
    if names is None:
        return FRAMES[frame]
    by_name = {column.name: column for column in FRAMES[frame]}
    wanted = [names] if isinstance(names, str) else list(names)
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise ValueError(f"{frame} has no column {unknown[0]!r}; it has {', '.join(by_name)}.")
    if len(set(wanted)) < len(wanted) or not wanted:
        raise ValueError("Name each column once, and at least one.")
    return tuple(by_name[name] for name in wanted)


def arrow_schema(columns: Iterable[LogColumn]) -> Any:
    """The columns as a `pyarrow.Schema`."""
    import pyarrow as pa

    types = {
        "text": pa.string(), "texts": pa.list_(pa.string()), "int": pa.int64(), "float": pa.float64(),
        "bool": pa.bool_(), "time": pa.timestamp("us", "UTC"),
    }  # fmt: skip
    return pa.schema([pa.field(column.name, types[column.kind]) for column in columns])


def markdown(frame: Frame) -> str:
    """The table of a frame in docs/log.md."""
    rows = ["| column | dtype | unit | meaning |", "|---|---|---|---|"]
    rows += [f"| `{each.name}` | {each.dtype} | {each.unit} | {each.meaning} |" for each in FRAMES[frame]]
    return "\n".join(rows)
