"""Which questions are asked again. A single different answer may be chance: only one that stays different counts.

Asked again are the hosts whose answer is not that of most hosts; where no answer has most, all of them. Between two
hosts that means both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .samples import Sample, Samples, share_one

REPEATS = 2  # how often a question is asked again at most
MOST_REPEATED = 7  # questions a host; those beyond are not needed for a verdict
MOST_CALLS_MORE = REPEATS * MOST_REPEATED


def to_repeat(samples: Samples) -> dict[str, list[int]]:
    """The numbers of the questions that each host should be asked once more now; {} when there is nothing left."""
    wanted: dict[str, list[int]] = {}
    repeated = {host: sum(len(each) > 1 for each in questions) for host, questions in samples.items()}
    for number in range(max(map(len, samples.values()), default=0)):
        answers = {host: questions[number] for host, questions in samples.items() if questions[number]}
        for host in _doubtful(answers):
            times = len(answers[host])
            if times > REPEATS or (times == 1 and repeated[host] >= MOST_REPEATED):
                continue
            repeated[host] += times == 1
            wanted.setdefault(host, []).append(number)
    return wanted


def _doubtful(answers: Mapping[str, Sequence[Sample]]) -> Iterator[str]:
    """The hosts whose answers to one question differ from those of most."""
    for is_reasoning in (False, True):
        group = {host: samples for host, samples in answers.items() if samples[0].is_reasoning == is_reasoning}
        support = {
            sample: sum(share_one([sample], others) for others in group.values())
            for samples in group.values()
            for sample in samples
        }
        most = max(support.values(), default=0)
        common = [sample for sample, number in support.items() if number == most]
        if most == len(group):
            continue
        is_clear = most > 1 and all(sample.is_like(common[0]) for sample in common)
        yield from (host for host, samples in group.items() if not (is_clear and share_one(common, samples)))
