"""Whether hosts that name the same model give the same answers: a two-sample test on short questions at temperature 0.

    QUESTIONS                     questions without a right answer, where the best two words lie close together
    first_words(text, reasoning)  what of an answer is compared
    to_repeat(samples)            which questions must be asked again, and of whom
    verdicts(samples)             a verdict for each host

The statistic is the Hamming distance of two hosts: the number of questions that they answer differently, however often
each of them was asked. Hosts of one model differ too, because kernels, batch sizes and hardware round differently; the
null hypothesis therefore allows a share of `TOLERATED` of the questions to differ, and the p-value is the exact
binomial tail. A permutation test would need no such share, but it would call every difference of rounding that persists
another model, and with one answer to a question it has nothing to permute: swapping two answers leaves their distance
unchanged. `docs/same_model.md` has the error rates.
"""

from __future__ import annotations

from .questions import QUESTIONS, SIZES
from .repeats import MOST_CALLS_MORE, to_repeat
from .samples import Sample, Samples, first_words
from .two_sample import ALPHA, FEWEST, TOLERATED, Verdict, VerdictKind, verdicts

__all__ = [
    "ALPHA",
    "FEWEST",
    "MOST_CALLS_MORE",
    "QUESTIONS",
    "SIZES",
    "TOLERATED",
    "Sample",
    "Samples",
    "Verdict",
    "VerdictKind",
    "first_words",
    "to_repeat",
    "verdicts",
]
