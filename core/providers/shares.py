"""Fair shares: what each person may take of a window that people share. Amounts are grains of a meter. Pure.

    share        limit // weight of all * own weight; where a limit has less than one grain each: one, first come
    kept for     a person who has not used their share: what is unused of it, and at most share * time left, where the
                 last tenth of the window counts as no time left
    lent         all that is free and kept for nobody

What was lent stays lent. So whoever comes when a part of the time is left finds that part of the share, and whoever
uses the share evenly finds all of it.

In a window of a minute or less (`short`) the next one is near, and a question may be larger than a share: there each
person's first question passes if it fits at all, behind those who were refused before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

LENT_TENTHS = 1  # of the window, at its end, in which everything is lent
MOST_WEIGHT = 100
STEPS = 12  # how finely `lent_at` looks


def read_weights(text: str) -> dict[str, int] | None:
    """The weights by name in small letters; None where the text is not name=weight with weights from 1 to 100."""
    weights = {}
    for word in text.replace(",", " ").split():
        name, _, weight = word.rpartition("=")
        if not name or not weight.isascii() or not weight.isdigit() or not 1 <= int(weight) <= MOST_WEIGHT:
            return None
        weights[name.casefold()] = int(weight)
    return weights


@dataclass(frozen=True, slots=True)
class Sharer:
    """Who asks for a part of what people share. `team`: shares are kept for at least so many people.

    `background`: a batch or a scheduled question, which leaves room for those who wait.
    """

    owner_id: str
    team: int
    weight: int = 1
    background: bool = False


class ShareClaim(NamedTuple):
    """A person in a window. `taken` is used or held; `kept` is what is left of what is kept, None: nothing was asked.

    `wanted` was refused at `wanted_us`, 0: nothing was. `new`: not known before they came in this window.
    """

    weight: int
    taken: int = 0
    kept: int | None = None
    wanted: int = 0
    wanted_us: int = 0
    new: bool = False


class Offer(NamedTuple):
    """What a person may take now, at `most`; `own` of it was kept for them."""

    most: int
    own: int

    def after_taking(self, claim: ShareClaim, n: int) -> ShareClaim:
        """The claim once so much was taken."""
        return ShareClaim(claim.weight, claim.taken + n, max(self.own - n, 0))

    def refused(self, claim: ShareClaim, n: int, now_us: int) -> ShareClaim:
        """The claim once so much was refused, for which the person waits."""
        return ShareClaim(claim.weight, claim.taken, self.own, n, claim.wanted_us or now_us)


@dataclass(frozen=True, slots=True)
class SharedWindow:
    """One window at one instant. `free` is what nobody used or holds; `ends_us` None: it never ends, and lends nothing.

    `claims` are of all people who are known in it. `team`: the weight that is counted at least, so that a share is
    kept for people who are not known yet.
    """

    limit: int
    free: int
    now_us: int
    starts_us: int
    ends_us: int | None
    short: bool
    team: int
    claims: Mapping[str, ShareClaim]

    def share_of(self, owner_id: str) -> int:
        return self._share(self.claims[owner_id].weight, self._each())

    def kept_for(self, owner_id: str) -> int:
        """What this person finds at least, whatever the others ask for, where they have been known before."""
        each = self._each()
        return self._kept_of(self.claims[owner_id], each, self._line(each))

    def available(self, owner_id: str, *, background: bool = False) -> int:
        """The most that this person may take now. `background`: see `Sharer`."""
        return self.offer(owner_id, background=background).most

    def offer(self, owner_id: str, *, background: bool = False) -> Offer:
        own, others, waited_for = self._parts(owner_id, background)
        lendable = self.free - others
        most = max(own, own + (lendable - own) // 2 if background else lendable)
        if self.short and background:
            most = min(most, self.free - waited_for)
        elif self.short and not self.claims[owner_id].taken:
            most = max(most, self.free - waited_for)
        return Offer(max(min(most, self.free), 0), own)

    def after(self, owner_id: str, n: int) -> SharedWindow:
        """The window once this person has taken so much."""
        moved = self.offer(owner_id).after_taking(self.claims[owner_id], n)
        return replace(self, free=self.free - n, claims={**self.claims, owner_id: moved})

    def refused(self, owner_id: str, n: int) -> SharedWindow:
        """The window once this person has been refused so much, and waits for it."""
        moved = self.offer(owner_id).refused(self.claims[owner_id], n, self.now_us)
        return replace(self, claims={**self.claims, owner_id: moved})

    def lent_at(self, owner_id: str, n: int, *, background: bool = False) -> int | None:
        """When so much would be available if nobody asked for anything meanwhile; None: not before the reset."""
        if self.ends_us is None or self.available_at(self.ends_us, owner_id, background) < n:
            return None
        early, late = self.now_us, self.ends_us
        for _ in range(STEPS):
            middle = (early + late) // 2
            if self.available_at(middle, owner_id, background) < n:
                early = middle
            else:
                late = middle
        return late

    def available_at(self, at_us: int, owner_id: str, background: bool) -> int:
        return replace(self, now_us=at_us).available(owner_id, background=background)

    def _parts(self, owner_id: str, background: bool) -> tuple[int, int, int]:
        """What is kept for this person, and for the others; what others wait for."""
        known_weight = self._known_weight()
        each = self.limit // self._whole_weight(known_weight)
        line = self._line(each)
        asking = self.claims[owner_id]
        others = waited_for = 0
        for name, claim in self.claims.items():
            if name == owner_id:
                continue
            others += self._kept_of(claim, each, line)
            if claim.wanted and (background or not asking.wanted_us or claim.wanted_us < asking.wanted_us):
                waited_for += claim.wanted
        own = self._kept_of(asking, each, line)
        if asking.new and each:
            own = min(own, max(self.free - others, 0))
        if background or not self.short:
            others += (self._whole_weight(known_weight) - known_weight) * line
        return own, others, waited_for

    def _known_weight(self) -> int:
        return sum([claim.weight for claim in self.claims.values()])

    def _whole_weight(self, known_weight: int) -> int:
        """In a short window only those who ask count, and one more, for whom a batch leaves room."""
        return max(known_weight, min(self.team, known_weight + 1) if self.short else self.team, 1)

    def _each(self) -> int:
        """The share of weight 1."""
        return self.limit // self._whole_weight(self._known_weight())

    def _line(self, each: int) -> int:
        """What is kept now of an unused share of weight 1, rounded up."""
        each = max(each, 1)
        if self.ends_us is None:
            return each
        length = max(self.ends_us - self.starts_us, 1)
        left = min(max(self.ends_us - self.now_us, 0), length)
        above, below = 10 * left - LENT_TENTHS * length, (10 - LENT_TENTHS) * length
        return -(-each * max(above, 0) // below)

    @staticmethod
    def _share(weight: int, each: int) -> int:
        return weight * each or 1

    @staticmethod
    def _kept_of(claim: ShareClaim, each: int, line: int) -> int:
        amount = claim.weight * line if each else line
        unused = (claim.weight * each or 1) - claim.taken
        if unused < amount:
            amount = unused
        if claim.kept is not None and claim.kept < amount:
            amount = claim.kept
        return amount if amount > 0 else 0
