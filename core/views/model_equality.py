"""What a check of one model at several hosts came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

HostVerdict = Literal["reference", "no_difference", "different", "too_few", "no_answers", "unsteady"]

FEWEST_HOSTS, MOST_HOSTS = 2, 8  # of one check


@dataclass(frozen=True, slots=True)
class CheckedHost:
    """One host of a check; the numbers as in `insight.model_equality.Verdict`.

    `calls` were sent to it. `why` it ended early: the kind of an error, "no_text" or "no_temperature"; "" if it did
    not. `answered_by` is the model that its replies named, "" if it was the one that was asked. `answers` holds the
    words it answered to each question.
    """

    model_id: str
    verdict: HostVerdict
    calls: int
    answered: int
    compared: int = 0
    different: int = 0
    p_value: float | None = None
    repeated: int = 0
    varied: int = 0
    why: str = ""
    answered_by: str = ""
    answers: Sequence[Sequence[str]] = ()

    @property
    def is_tested(self) -> bool:
        """Whether it was the reference or was compared with it."""
        return self.verdict in ("reference", "no_difference", "different")


@dataclass(frozen=True, slots=True)
class EqualityCheck:
    """A check of one family of models. `shared`: every visitor may see it."""

    id: str
    family: str
    at: datetime
    questions: int
    hosts: Sequence[CheckedHost]
    shared: bool = False

    def host(self, model_id: str) -> CheckedHost | None:
        return next((host for host in self.hosts if host.model_id == model_id), None)

    @property
    def has_result(self) -> bool:
        """Whether any two hosts were compared."""
        return any(host.p_value is not None for host in self.hosts)


def hosts_as_json(hosts: Sequence[CheckedHost]) -> list[dict[str, Any]]:
    return [asdict(host) for host in hosts]


def hosts_of_json(rows: Sequence[Mapping[str, Any]]) -> list[CheckedHost]:
    """The hosts of a stored check. Fields that another version wrote besides ours are left out."""
    names = CheckedHost.__dataclass_fields__.keys()
    return [CheckedHost(**{name: value for name, value in row.items() if name in names}) for row in rows]
