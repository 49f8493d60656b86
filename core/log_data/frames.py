"""The methods that every log has, wherever its rows are: frames, portions of frames, Parquet and CSV."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from . import LogUnavailable, files
from .columns import FRAMES, Frame, arrow_schema
from .selection import Owners, Selection, When, select

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PORTION = 20_000  # rows that are read from a database at once


class Log(ABC):
    """Calls, messages, votes and quota as pandas DataFrames, with the columns of `columns.FRAMES`.

    Each method takes a range, `since` (in it) and `until` (not in it): a datetime, a date or an ISO string, UTC where
    it names no zone; `owner`, one id or several; and `columns`, names of those that are wanted, in their order. All of
    these choose before anything is read. ValueError says what cannot be meant, LogUnavailable why nothing can be read.
    """

    def calls(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        owner: Owners | None = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """One row an attempt to call a provider, failures too, by time."""
        return self._frame(select("calls", since, until, owner, columns))

    def messages(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        owner: Owners | None = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """One row a question or answer in a conversation that is not deleted, in the order in which they were saved."""
        return self._frame(select("messages", since, until, owner, columns))

    def votes(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        owner: Owners | None = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """One row a vote on a turn of a comparison that is not deleted, by time."""
        return self._frame(select("votes", since, until, owner, columns))

    def quota(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        owner: Owners | None = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """One row a counter of a limit, as it was last counted, and one a person's part of it. The range chooses
        windows that overlap it. There is no history: a window's numbers go with it."""
        return self._frame(select("quota", since, until, owner, columns))

    def portions(
        self,
        frame: Frame,
        *,
        rows: int = 50_000,
        since: When | None = None,
        until: When | None = None,
        owner: Owners | None = None,
        columns: Iterable[str] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """The same as DataFrames of at most `rows` rows, so that memory stays bounded; none where there are no rows."""
        selection = select(frame, since, until, owner, columns)
        if rows < 1:
            raise ValueError(f"rows must be at least 1, not {rows}.")
        return self._portions(selection, rows)

    def to_parquet(
        self,
        folder: str | Path,
        *,
        since: When | None = None,
        until: When | None = None,
        owner: Owners | None = None,
        frames: Iterable[Frame] = tuple(FRAMES),
    ) -> dict[Frame, int]:
        """Write `folder/calls/2026-10.parquet` and so on, a file a month, and tell how many rows of each frame.

        Months in the range are written whole and anew, so the range is widened to whole months (UTC); others stay as
        they are. Without a range, months that have no rows any more go. Quota has no history: `quota/now.parquet`.
        """
        selections = [select(frame, since, until, owner) for frame in frames]
        months = map(files.whole_months, selections)
        return {each.frame: files.write_parquet(self.tables, each, Path(folder)) for each in months}

    def to_csv(
        self,
        folder: str | Path,
        *,
        since: When | None = None,
        until: When | None = None,
        owner: Owners | None = None,
        frames: Iterable[Frame] = tuple(FRAMES),
    ) -> dict[Frame, int]:
        """Write `folder/calls.csv` and so on, for spreadsheets, which find no formula in it; tells how many rows."""
        selections = [select(frame, since, until, owner) for frame in frames]
        return {each.frame: files.write_csv(self.tables, each, Path(folder)) for each in selections}

    def of(self, owner_id: str) -> Log:
        """The log of one person, which reads nothing of others: for pages."""
        if not owner_id or not isinstance(owner_id, str):
            raise ValueError("Whose log? Name the owner.")
        return _OwnLog(self, owner_id)

    @abstractmethod
    def close(self) -> None:
        """Let go of the database or the files. A log may be used as a context manager instead."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def tables(self, selection: Selection, rows: int) -> Iterator[pa.Table]:
        """Arrow tables of at most so many rows, none of them empty."""

    def _portions(self, selection: Selection, rows: int) -> Iterator[pd.DataFrame]:
        for table in self.tables(selection, rows):
            yield to_pandas(table)

    def _frame(self, selection: Selection) -> pd.DataFrame:
        pa = arrow()
        schema = arrow_schema(selection.columns)
        return to_pandas(pa.concat_tables([schema.empty_table(), *self.tables(selection, PORTION)]))


class _OwnLog(Log):
    def __init__(self, log: Log, owner_id: str) -> None:
        self._log, self._owner_id = log, owner_id

    def tables(self, selection: Selection, rows: int) -> Iterator[pa.Table]:
        return self._log.tables(selection.within(self._owner_id), rows)

    def close(self) -> None:
        self._log.close()


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """A DataFrame with nullable dtypes. The table is used up."""
    pa = arrow()
    import pandas as pd

    dtypes: dict[Any, Any] = {
        pa.string(): pd.StringDtype(na_value=pd.NA),
        pa.large_string(): pd.StringDtype(na_value=pd.NA),
        pa.bool_(): pd.BooleanDtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.float32(): pd.Float32Dtype(),
        **{getattr(pa, f"int{bits}")(): pd.array([], f"Int{bits}").dtype for bits in (8, 16, 32, 64)},
        **{getattr(pa, f"uint{bits}")(): pd.array([], f"UInt{bits}").dtype for bits in (8, 16, 32, 64)},
    }
    frame: pd.DataFrame = table.to_pandas(
        types_mapper=dtypes.get, date_as_object=False, split_blocks=True, self_destruct=True
    )
    return frame


def arrow() -> Any:
    """pyarrow, which pandas and Parquet need here. Raises LogUnavailable where it or pandas is not installed."""
    needs("pandas", "log")
    needs("pyarrow", "log")
    import pyarrow as pa

    return pa


def needs(package: str, extra: str) -> None:
    if find_spec(package) is None:
        says = f'The log needs {package}, which is not installed: pip install ".[{extra}]" in the project\'s folder.'
        raise LogUnavailable("package", says)
