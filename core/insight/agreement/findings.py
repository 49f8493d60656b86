"""From matched statements to findings: shared, single and contradictory ones, and the similarity of answers."""

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
        self.statements = [statement for reading in self.reads for statement in reading.statements]
        self.near = on_one_subject(self.statements)
        self.same = [
            {lane: [like for like in alike if self._compatible(number, like.other)] for lane, alike in lanes.items()}
            for number, lanes in enumerate(self.near)
        ]
        self.met = [{lane for lane, alike in lanes.items() if alike} for lanes in self.same]
        self.speaking = sorted({statement.lane for statement in self.statements})

    def all(self) -> Agreement:
        clashes, clashing = self._clashes()
        shared, reported = self._shared()
        met = self.met
        alone = tuple(
            _claim(statement)
            for number, statement in enumerate(self.statements)
            if not met[number] and number not in clashing and len(self.speaking) > 1
        )
        partly = sum(
            1 for number, lanes in enumerate(met) if lanes and number not in reported and number not in clashing
        )
        likeness = self._likeness()
        pairs = [likeness[a][b] for a, b in combinations(range(len(self.answers)), 2)]
        values = [value for value in pairs if value is not None]
        return Agreement(
            shared=tuple(shared),
            alone=alone,
            clashes=tuple(clashes),
            partly=partly,
            likeness=likeness,
            overall=sum(values) / len(values) if values else None,
            cut=any(reading.cut for reading in self.reads),
        )

    def _compatible(self, number: int, other: int) -> bool:
        a, b = self.statements[number], self.statements[other]
        return (
            not _denies(a, b)
            and not (a.dates and b.dates and dates.conflict(a.dates, b.dates))
            and not (a.figures and b.figures and figures.conflict(a.figures, b.figures))
        )

    def _shared(self) -> tuple[list[SharedClaim], set[int]]:
        """Statements that every answer makes, each once: the most alike of every answer go together."""
        groups: list[tuple[tuple[int, ...], SharedClaim]] = []
        reported: set[int] = set()
        if len(self.speaking) < 2:
            return [], reported
        everywhere = [
            number
            for number, statement in enumerate(self.statements)
            if all(lane == statement.lane or self.same[number].get(lane) for lane in self.speaking)
        ]
        for number in sorted(everywhere, key=self._closeness):
            if number in reported:
                continue
            group = self._group(number, reported)
            reported.update(self._echoes(group))
            if group:
                for member in group:
                    self.met[member].update(self.speaking)
                members = [self.statements[member] for member in sorted(group)]
                exact = len({member.terms for member in members}) == 1
                groups.append(
                    (tuple(member.place for member in members), SharedClaim(tuple(map(_claim, members)), exact))
                )
        reported.update(everywhere)
        groups.sort(key=lambda entry: (sum(entry[0]), entry[0]))
        return [shared for _, shared in groups], reported

    def _group(self, number: int, reported: set[int]) -> list[int]:
        """The statement with its best match in every other answer; [] when those have been reported already."""
        group = [number]
        for lane in self.speaking:
            if lane == self.statements[number].lane:
                continue
            fresh = [like.other for like in self.same[number][lane] if like.other not in reported]
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
        """Sort key: the closest matches first, whatever the order of the answers."""
        best = sum(alike[0].dice for alike in self.same[number].values() if alike)
        return -best, self.statements[number].text

    def _clashes(self) -> tuple[list[Clash], set[int]]:
        """All contradictions, in the order of the first answer that takes part, and the statements in them."""
        clashes: list[Clash] = []
        used: set[int] = set()
        verdict = verdict_clash([reading.statements for reading in self.reads])
        if verdict:
            clashes.append(verdict)
        for number in sorted(range(len(self.statements)), key=self._nearness):
            if number in used:
                continue
            for kind in ("number", "date", "negation"):
                group = self._against(number, kind, used)
                if group:
                    clashes.append(self._clash(kind, [number, *group]))
                    used.update((number, *group))
                    break
        clashes.sort(
            key=lambda clash: (
                min((claim.lane, self._place(claim)) for claim in clash.claims) if clash.claims else (0, 0)
            )
        )
        return [*clashes, *code_clashes([reading.codes for reading in self.reads])], used

    def _place(self, claim: Claim) -> int:
        places = (statement.place for statement in self.reads[claim.lane].statements if statement.text == claim.text)
        return next(places, 0)

    def _nearness(self, number: int) -> tuple[float, str]:
        return -max((alike[0].dice for alike in self.near[number].values() if alike), default=0.0), self.statements[
            number
        ].text

    def _against(self, number: int, kind: Kind, used: set[int]) -> list[int]:
        """From every other answer the closest statement that contradicts this one or agrees with it; [] if none
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
                if like.other not in used and self._opposed(number, like, kind)
            ]
            against.extend(opposed[:1])
        if not against:
            return []
        group = [number, *against, *(other for other in beside if other not in used)]
        heard = {self.statements[member].lane for member in group}
        for member in tuple(group):  # statements of further answers that agree with any of them
            for lane, alike in sorted(self.same[member].items()):
                if lane not in heard and alike and alike[0].other not in used:
                    heard.add(lane)
                    group.append(alike[0].other)
        return sorted(group[1:])

    def _opposed(self, number: int, like: Likeness, kind: Kind) -> bool:
        statement, other = self.statements[number], self.statements[like.other]
        other_numbers = figures.conflict(statement.figures, other.figures)
        other_dates = dates.conflict(statement.dates, other.dates)
        if kind == "negation":
            plain = not (other_numbers or other_dates) and len(statement.terms & other.terms) >= NEGATED_TERMS
            return plain and _denies(statement, other) and like.dice >= NEGATED_DICE
        if like.dice < SURE_DICE or (
            other_numbers and other_dates
        ):  # another time and another number: another statement
            return False
        return bool(other_numbers if kind == "number" else other_dates)

    def _clash(self, kind: Kind, group: Sequence[int]) -> Clash:
        members = sorted((self.statements[number] for number in group), key=lambda statement: statement.lane)
        return Clash(kind, tuple(Claim(member.lane, _value(kind, member, members), member.text) for member in members))

    def _likeness(self) -> tuple[tuple[float | None, ...], ...]:
        lanes = range(len(self.answers))
        met: dict[tuple[int, int], float] = {}
        total = dict.fromkeys(lanes, 0.0)
        for number, statement in enumerate(self.statements):
            weight = float(len(statement.terms))
            total[statement.lane] += weight
            for lane in self.met[number]:
                met[statement.lane, lane] = met.get((statement.lane, lane), 0.0) + weight
        lines = [[line.strip() for code in reading.codes for line in code.lines] for reading in self.reads]
        rows = []
        for left in lanes:
            row: list[float | None] = []
            for right in lanes:
                both = shared_lines(lines[left], lines[right])
                weight_of_both = total[left] + total[right] + len(lines[left]) + len(lines[right])
                same = met.get((left, right), 0.0) + met.get((right, left), 0.0) + 2 * both
                nothing = not (total[left] + len(lines[left])) or not (total[right] + len(lines[right]))
                if left == right or nothing:
                    row.append(likeness_of_texts(self.answers[left], self.answers[right]))
                else:
                    row.append(min(1.0, same / weight_of_both))
            rows.append(tuple(row))
        return tuple(rows)


def _claim(statement: Statement) -> Claim:
    return Claim(statement.lane, "", statement.text)


def _denies(statement: Statement, other: Statement) -> bool:
    """Whether one negates and the other does not, and the negation can only concern the other: in "Canberra is the
    capital, not Sydney" it concerns something else."""
    if statement.negated == other.negated:
        return False
    denying, affirming = (statement, other) if statement.negated else (other, statement)
    return denying.terms <= affirming.terms


def _value(kind: Kind, statement: Statement, members: Sequence[Statement]) -> str:
    """The numbers or dates in which a statement differs from another member."""
    if kind == "negation":
        return ""
    texts: list[str] = []
    for other in members:
        apart = (
            dates.conflict(statement.dates, other.dates)
            if kind == "date"
            else figures.conflict(statement.figures, other.figures)
        )
        texts += [each.text for each in apart[0]] if apart else []
    return " · ".join(dict.fromkeys(texts))
