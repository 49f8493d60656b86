"""What the log tells, with pandas: `python docs/examples/log_pandas.py [DATABASE]`, in the project's folder.

Without a database named, the app's own. Simulated and kept answers say nothing about a provider and are left out.
"""

import sys

import pandas as pd
from roundtable.log_data.frames import Log

from roundtable import open_log

MEASURED = ["started_at", "owner_id", "model_id", "outcome", "ttft_ms", "total_ms", "output_tokens", "cost_usd"]


def main(place: str | None = None) -> None:
    with open_log(place) as log:
        calls = log.calls(columns=[*MEASURED, "cached", "simulated", "sent"])
        calls = calls[~calls.cached & ~calls.simulated.fillna(False) & calls.sent.fillna(True)]
        answers = calls[calls.outcome == "ok"]
        show("First token, ms, and money by model", by_model(answers))
        show("Failures by day and kind", failures(calls))
        show("Tokens written by person", answers.groupby("owner_id").output_tokens.sum().sort_values(ascending=False))
        show("How answers end", endings(log.messages(columns=["role", "model_id", "finish"])))
        show("The questions that come back most", repeated(log))


def by_model(answers: pd.DataFrame) -> pd.DataFrame:
    """Median and p95 with their n; money is NA where no price is known."""
    return answers.groupby("model_id").agg(
        n=("ttft_ms", "count"),
        median_ms=("ttft_ms", "median"),
        p95_ms=("ttft_ms", lambda values: values.quantile(0.95)),
        usd=("cost_usd", lambda values: values.sum(min_count=1)),
    )


def failures(calls: pd.DataFrame) -> pd.DataFrame:
    failed = calls[calls.outcome != "ok"]
    return failed.groupby([failed.started_at.dt.floor("D"), "outcome"]).size().unstack(fill_value=0)


def endings(messages: pd.DataFrame) -> pd.DataFrame:
    answers = messages[messages.role == "assistant"]
    return answers.groupby(["model_id", "finish"]).size().unstack(fill_value=0)


def repeated(log: Log, most: int = 5) -> pd.Series:
    """Portion by portion: a log of any size fits. The hash of a question stands for its text."""
    counts = pd.Series(dtype="int64")
    for portion in log.portions("calls", columns=["prompt_sha256", "n"]):
        first = portion[portion.n == 1]  # attempts of one question count once
        counts = counts.add(first.prompt_sha256.value_counts(), fill_value=0)
    return counts.nlargest(most).astype(int)


def show(title: str, table: pd.DataFrame | pd.Series) -> None:
    print(f"\n{title}\n{table.to_string() if len(table) else 'nothing yet'}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
