"""From statements and their likeness to what a person reads: shared, alone, contradictory, and the share of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from . import dates, figures
from .answers import code_clashes, likeness_of_texts, shared_lines, verdict_clash
from .matching import Likeness, on_one_subject
from .reading import Statement, read
from .records import Agreement, Claim, Clash, Kind, SharedClaim

SURE_DICE = 0.62  # below it two statements may only look alike: neither the same nor a contradiction
NEGATED_DICE = 0.75
NEGATED_TERMS = 2


class Findings:
    """One comparison while it is worked out."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers
        self.reads = [read(answer, lane) for lane, answer in enumerate(answers)]
        self.statements = [statement for known in self.reads for statement in known.statements]
        self.near = on_one_subject(self.statements)
        self.same = [
            {lane: [like for like in alike if self._compatible(number, like.other)] for lane, alike in lanes.items()}
            for number, lanes in enumerate(self.near)
        ]
        self.met = [{lane for lane, alike in lanes.items() if alike} for lanes in self.same]
        self.speaking = sorted({statement.lane for statement in self.statements})

    def all(self) -> Agreement:
        clashes, clashing = self._clashes()
        shared, told = self._shared()
        met = self.met
        alone = tuple(
            _said(statement)
            for number, statement in enumerate(self.statements)
            if not met[number] and number not in clashing and len(self.speaking) > 1
        )
        partly = sum(1 for number, lanes in enumerate(met) if lanes and number not in told and number not in clashing)
        likeness = self._likeness()
        pairs = [likeness[a][b] for a, b in combinations(range(len(self.answers)), 2)]
        known = [value for value in pairs if value is not None]
        return Agreement(
            shared=tuple(shared),
            alone=alone,
            clashes=tuple(clashes),
            partly=partly,
            likeness=likeness,
            overall=sum(known) / len(known) if known else None,
            cut=any(known.cut for known in self.reads),
        )

    def _compatible(self, one: int, other: int) -> bool:
        a, b = self.statements[one], self.statements[other]
        return (
            not _denies(a, b)
            and not (a.dates and b.dates and dates.conflict(a.dates, b.dates))
            and not (a.figures and b.figures and figures.conflict(a.figures, b.figures))
        )

    def _shared(self) -> tuple[list[SharedClaim], set[int]]:
        """Statements that every answer makes, each once: the most alike of every answer go together."""
        found: list[tuple[tuple[int, ...], SharedClaim]] = []
        told: set[int] = set()
        if len(self.speaking) < 2:
            return [], told
        everywhere = [
            number
            for number, statement in enumerate(self.statements)
            if all(lane == statement.lane or self.same[number].get(lane) for lane in self.speaking)
        ]
        for number in sorted(everywhere, key=self._closeness):
            if number in told:
                continue
            group = self._group(number, told)
            told.update(self._echoes(group))
            if group:
                for member in group:
                    self.met[member].update(self.speaking)
                members = [self.statements[member] for member in sorted(group)]
                exact = len({member.terms for member in members}) == 1
                found.append(
                    (tuple(member.place for member in members), SharedClaim(tuple(map(_said, members)), exact))
                )
        told.update(everywhere)
        found.sort(key=lambda entry: (sum(entry[0]), entry[0]))
        return [shared for _, shared in found], told

    def _group(self, number: int, told: set[int]) -> list[int]:
        """The statement with the most alike one of every other answer; [] when those have been told already."""
        group = [number]
        for lane in self.speaking:
            if lane == self.statements[number].lane:
                continue
            fresh = [like.other for like in self.same[number][lane] if like.other not in told]
            if not fresh:
                return []
            group.append(fresh[0])
        return group

    def _echoes(self, group: Sequence[int]) -> Iterator[int]:
        """The group, and what repeats it in the same terms."""
        for number in group:
            yield number
            terms = self.statements[number].terms
            for alike in self.same[number].values():
                yield from (like.other for like in alike if self.statements[like.other].terms == terms)

    def _closeness(self, number: int) -> tuple[float, str]:
        """For sorting: what all say most alike first, whatever the order of the answers."""
        best = sum(alike[0].dice for alike in self.same[number].values() if alike)
        return -best, self.statements[number].text

    def _clashes(self) -> tuple[list[Clash], set[int]]:
        """All contradictions, in the order of the first answer that takes part, and the statements in them."""
        found: list[Clash] = []
        taken: set[int] = set()
        verdict = verdict_clash([known.statements for known in self.reads])
        if verdict:
            found.append(verdict)
        for number in sorted(range(len(self.statements)), key=self._nearness):
            if number in taken:
                continue
            for kind in ("number", "date", "negation"):
                group = self._against(number, kind, taken)
                if group:
                    found.append(self._clash(kind, [number, *group]))
                    taken.update((number, *group))
                    break
        found.sort(
            key=lambda clash: min((said.lane, self._place(said)) for said in clash.said) if clash.said else (0, 0)
        )
        return [*found, *code_clashes([known.codes for known in self.reads])], taken

    def _place(self, said: Claim) -> int:
        places = (known.place for known in self.reads[said.lane].statements if known.text == said.text)
        return next(places, 0)

    def _nearness(self, number: int) -> tuple[float, str]:
        return -max((alike[0].dice for alike in self.near[number].values() if alike), default=0.0), self.statements[
            number
        ].text

    def _against(self, number: int, kind: Kind, taken: set[int]) -> list[int]:
        """Of every other answer the most alike statement that contradicts this one or sides with it; [] if none
        contradicts."""
        against: list[int] = []
        beside: list[int] = []
        for lane in sorted(self.near[number]):
            if agreeing := self.same[number][lane]:
                beside.append(agreeing[0].other)
                continue
            opposed = [
                like.other
                for like in self.near[number][lane]
                if like.other not in taken and self._opposed(number, like, kind)
            ]
            against.extend(opposed[:1])
        if not against:
            return []
        group = [number, *against, *(other for other in beside if other not in taken)]
        heard = {self.statements[member].lane for member in group}
        for member in tuple(group):  # who says the same as any of them
            for lane, alike in sorted(self.same[member].items()):
                if lane not in heard and alike and alike[0].other not in taken:
                    heard.add(lane)
                    group.append(alike[0].other)
        return sorted(group[1:])

    def _opposed(self, number: int, like: Likeness, kind: Kind) -> bool:
        one, other = self.statements[number], self.statements[like.other]
        other_numbers = figures.conflict(one.figures, other.figures)
        other_dates = dates.conflict(one.dates, other.dates)
        if kind == "negation":
            plain = not (other_numbers or other_dates) and len(one.terms & other.terms) >= NEGATED_TERMS
            return plain and _denies(one, other) and like.dice >= NEGATED_DICE
        if like.dice < SURE_DICE or (
            other_numbers and other_dates
        ):  # another time and another number: another statement
            return False
        return bool(other_numbers if kind == "number" else other_dates)

    def _clash(self, kind: Kind, group: Sequence[int]) -> Clash:
        members = sorted((self.statements[number] for number in group), key=lambda statement: statement.lane)
        return Clash(kind, tuple(Claim(one.lane, _value(kind, one, members), one.text) for one in members))

    def _likeness(self) -> tuple[tuple[float | None, ...], ...]:
        lanes = range(len(self.answers))
        met: dict[tuple[int, int], float] = {}
        total = dict.fromkeys(lanes, 0.0)
        for number, statement in enumerate(self.statements):
            weight = float(len(statement.terms))
            total[statement.lane] += weight
            for lane in self.met[number]:
                met[statement.lane, lane] = met.get((statement.lane, lane), 0.0) + weight
        lines = [[line.strip() for code in known.codes for line in code.lines] for known in self.reads]
        rows = []
        for one in lanes:
            row: list[float | None] = []
            for other in lanes:
                both = shared_lines(lines[one], lines[other])
                said = total[one] + total[other] + len(lines[one]) + len(lines[other])
                same = met.get((one, other), 0.0) + met.get((other, one), 0.0) + 2 * both
                nothing = not (total[one] + len(lines[one])) or not (total[other] + len(lines[other]))
                if one == other or nothing:
                    row.append(likeness_of_texts(self.answers[one], self.answers[other]))
                else:
                    row.append(min(1.0, same / said))
            rows.append(tuple(row))
        return tuple(rows)


def _said(statement: Statement) -> Claim:
    return Claim(statement.lane, "", statement.text)


def _denies(statement: Statement, other: Statement) -> bool:
    """Whether one negates and the other does not, and the negation can only be of what the other says: in "Canberra is
    the capital, not Sydney" it is of something else."""
    if statement.negated == other.negated:
        return False
    denying, said = (statement, other) if statement.negated else (other, statement)
    return denying.terms <= said.terms


def _value(kind: Kind, statement: Statement, members: Sequence[Statement]) -> str:
    """The numbers or dates in which a statement differs from another member."""
    if kind == "negation":
        return ""
    told: list[str] = []
    for other in members:
        apart = (
            dates.conflict(statement.dates, other.dates)
            if kind == "date"
            else figures.conflict(statement.figures, other.figures)
        )
        told += [each.text for each in apart[0]] if apart else []
    return " · ".join(dict.fromkeys(told))
