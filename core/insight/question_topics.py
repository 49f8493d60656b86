"""What somebody's questions are about: groups of words that occur together, found by TF-IDF and NMF.

    vocabulary = Vocabulary()
    rows = [vocabulary.ids(words(text)) for text in questions]
    topics = find(rows, vocabulary, factorize=nmf)        nmf: of scikit-learn; None: the same groups by greedy k-means
    place(rows, topics)                                   for each question the number of its topic, -1: none

Sentence frames are no words (`question_words`), so they cannot become topics. The vectors have length 1; a question
belongs to the topic whose words it shares most, if that is at least `CLOSE`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import sqrt
from typing import Any

from .question_words import LONGEST_PIECE, folded

FEWEST = 8  # different questions, before there are topics
MOST_TOPICS = 12
MOST_WORDS = 6000
FITTED = 20_000  # questions; the others are placed
CLOSE = 0.1
SHOWN_WORDS = 4
SEED = 7
ROUNDS = 5
FEWEST_FRAMED, SHARE_FRAMED, MOST_FRAMED = 8, 0.005, 500  # words and questions, before a word is called a frame
EXPECTED, MET, SPREAD = 3.0, 0.3, 0.65
Factorize = Callable[[Any, int], Any]  # (documents x words as CSR parts, number of topics) -> topics x words


class Vocabulary:
    """Words by number, and how each is written."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._known: dict[str, int] = {}
        self.surfaces: list[str] = []

    def ids(self, words: Sequence[str]) -> tuple[int, ...]:
        """The numbers of these words, each once."""
        numbers = self._known
        return tuple(dict.fromkeys(numbers[word] if word in numbers else self._learn(word) for word in words))

    def _learn(self, word: str) -> int:
        number = self._ids.setdefault(folded(word), len(self._ids))
        if number == len(self.surfaces):
            self.surfaces.append(word)
        self._known[word] = number
        return number

    def __len__(self) -> int:
        return len(self.surfaces)


@dataclass(frozen=True, slots=True)
class Topics:
    """`terms`: the words that name each topic. The vectors are internal: of words (`columns`) by topic."""

    terms: tuple[tuple[str, ...], ...]
    columns: Any
    vectors: Any
    idf: Any
    fitted: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """TF-IDF of questions in CSR form, each of length 1; `columns` says which column a word has, -1: none."""

    indptr: Any
    indices: Any
    data: Any
    width: int

    @property
    def rows(self) -> int:
        return len(self.indptr) - 1


def find(rows: Sequence[Sequence[int]], vocabulary: Vocabulary, *, factorize: Factorize | None = None) -> Topics | None:
    """The topics of these questions; None if there are too few. The same ones in the same order give the same."""
    import numpy as np

    different = sorted({tuple(sorted(row)) for row in rows if row})
    if len(different) < FEWEST:
        return None
    if len(different) > FITTED:
        chosen = np.random.default_rng(SEED).choice(len(different), FITTED, replace=False)
        different = [different[n] for n in sorted(chosen.tolist())]
    flat = np.fromiter((word for row in different for word in row), dtype=np.int64)
    frequency = np.bincount(flat, minlength=len(vocabulary))
    frames = everywhere(different, frequency, vocabulary.surfaces)
    frequency[frames] = 0
    fewest = 2 if len(different) < 2000 else 3
    score = np.where(frequency >= fewest, frequency * np.log(len(different) / np.maximum(frequency, 1) + 1), 0)
    chosen_words = np.argsort(-score, kind="stable")[:MOST_WORDS]
    chosen_words = chosen_words[score[chosen_words] > 0]
    if not len(chosen_words):
        return None
    columns = np.full(len(vocabulary), -1, dtype=np.int64)
    columns[chosen_words] = np.arange(len(chosen_words))
    idf = np.log((1 + len(different)) / (1 + frequency[chosen_words])) + 1
    matrix = weighted(different, columns, idf)
    number = min(MOST_TOPICS, max(2, int(sqrt(len(different) / 2))))
    vectors = np.asarray((factorize or grouped)(matrix, number), dtype=np.float64)
    lengths = np.linalg.norm(vectors, axis=1)
    vectors = vectors[lengths > 0] / lengths[lengths > 0][:, None]
    if not len(vectors):
        return None
    surfaces = [vocabulary.surfaces[word] for word in chosen_words.tolist()]
    terms, vectors = _merged(vectors, surfaces, frequency[chosen_words])
    return Topics(terms, columns, vectors, idf, len(different))


def everywhere(rows: Sequence[Sequence[int]], frequency: Any, surfaces: Sequence[str]) -> Any:
    """The frequent words that stand beside nearly all other frequent words of their script, as those of somebody's
    usual sentences do ("I have ten minutes", "keep it short"): they divide nothing. And pairs of words
    that hold one."""
    import numpy as np

    number = len(rows)
    frequent = np.flatnonzero(frequency >= max(FEWEST_FRAMED, SHARE_FRAMED * number))
    frequent = frequent[np.argsort(-frequency[frequent], kind="stable")][:MOST_FRAMED]
    if len(frequent) < FEWEST_FRAMED:
        return np.zeros(0, dtype=np.int64)
    columns = np.full(len(frequency), -1, dtype=np.int64)
    columns[frequent] = np.arange(len(frequent))
    present = np.zeros((number, len(frequent)), dtype=np.float32)
    matrix = weighted(rows, columns, np.ones(len(frequent)))
    present[np.repeat(np.arange(number), np.diff(matrix.indptr)), matrix.indices] = 1
    together = present.T @ present
    ascii_words = np.array([surfaces[word].isascii() for word in frequent.tolist()])
    counts = frequency[frequent].astype(np.float64)
    same_script = ascii_words[:, None] == ascii_words[None, :]
    in_script = np.array([(present[:, ascii_words == kind].any(axis=1)).sum() for kind in ascii_words.tolist()])
    expected = counts[:, None] * counts[None, :] / np.maximum(in_script, 1)[:, None]
    numbers = same_script & (expected >= EXPECTED) & ~np.eye(len(frequent), dtype=bool)
    met = numbers & (together >= MET * expected)
    spread = met.sum(axis=1) / np.maximum(numbers.sum(axis=1), 1)
    framed = frequent[(spread >= SPREAD) & (numbers.sum(axis=1) >= FEWEST_FRAMED)]
    words = {folded(surfaces[word]) for word in framed.tolist()}
    if not words:
        return framed
    pairs = [n for n, word in enumerate(surfaces) if " " in word and not words.isdisjoint(folded(word).split(" "))]
    return np.union1d(framed, np.array(pairs, dtype=np.int64))


def _merged(vectors: Any, surfaces: Sequence[str], frequency: Any) -> tuple[tuple[tuple[str, ...], ...], Any]:
    """Topics that would have half of their names in common are one."""
    import numpy as np

    merged: list[Any] = []
    names: list[tuple[str, ...]] = []
    for vector in vectors:
        terms = named(vector, surfaces, frequency)
        for n, other in enumerate(names):
            if 2 * len({*terms} & {*other}) >= min(len(terms), len(other)):
                both = merged[n] + vector
                merged[n] = both / np.linalg.norm(both)
                names[n] = named(merged[n], surfaces, frequency)
                break
        else:
            merged.append(vector)
            names.append(terms)
    return tuple(names), np.stack(merged)


def weighted(rows: Sequence[Sequence[int]], columns: Any, idf: Any) -> Matrix:
    import numpy as np

    sizes = np.fromiter((len(row) for row in rows), dtype=np.int64, count=len(rows))
    flat = np.fromiter((word for row in rows for word in row), dtype=np.int64, count=int(sizes.sum()))
    owner = np.repeat(np.arange(len(rows)), sizes)
    column = np.where(flat < len(columns), columns[np.minimum(flat, len(columns) - 1)], -1)
    owner, column = owner[column >= 0], column[column >= 0]
    data = idf[column]
    norms = np.sqrt(np.bincount(owner, weights=data * data, minlength=len(rows)))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(rows)))])
    return Matrix(indptr, column, data / np.maximum(norms[owner], 1e-12), len(idf))


def place(rows: Sequence[Sequence[int]], topics: Topics) -> tuple[Any, Any]:
    """(the number of each question's topic or -1, how close it is from 0 to 1)."""
    import numpy as np

    matrix = weighted(rows, topics.columns, topics.idf)
    closeness = products(matrix, topics.vectors)
    best = closeness.argmax(axis=1) if len(topics.vectors) else np.zeros(len(rows), dtype=np.int64)
    close = closeness[np.arange(len(rows)), best]
    return np.where(close >= CLOSE, best, -1), close


def products(matrix: Matrix, vectors: Any) -> Any:
    """Documents x topics."""
    import numpy as np

    owner = np.repeat(np.arange(matrix.rows), np.diff(matrix.indptr))
    columns = [
        np.bincount(owner, weights=matrix.data * vector[matrix.indices], minlength=matrix.rows) for vector in vectors
    ]
    return np.stack(columns, axis=1)


def nmf(matrix: Matrix, number: int) -> Any:
    """Non-negative matrix factorization by scikit-learn, begun with the groups of `grouped`. ImportError without
    the extra `insights`."""
    import warnings

    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    documents = csr_matrix((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.rows, matrix.width))
    begun = grouped(matrix, number)  # NMF's own beginnings forget topics whose questions have many words
    model = NMF(len(begun), init="custom", random_state=SEED, max_iter=60, tol=1e-3)
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):  # the root of -1e-16, where it fits exactly
        warnings.simplefilter("ignore", ConvergenceWarning)  # names of topics are stable long before
        model.fit_transform(documents, W=products(matrix, begun) + 1e-4, H=begun + 1e-6)
    return model.components_


def library() -> Factorize | None:
    """`nmf`; None without the extra `insights`. Loads it, which takes seconds."""
    try:
        import sklearn.decomposition  # noqa: F401
    except ImportError:
        return None
    return nmf


def grouped(matrix: Matrix, number: int) -> Any:
    """Without scikit-learn: each topic begins with the word that says most of the questions that have none yet; then
    spherical k-means."""
    import numpy as np

    owner = np.repeat(np.arange(matrix.rows), np.diff(matrix.indptr))
    free = np.ones(matrix.rows, dtype=bool)
    seeds: list[Any] = []
    for _ in range(number):
        weights = np.where(free[owner], matrix.data, 0.0)
        gain = np.bincount(matrix.indices, weights=weights, minlength=matrix.width)
        word = int(gain.argmax())
        if gain[word] <= 0:
            break
        has = np.zeros(matrix.rows, dtype=bool)
        has[owner[matrix.indices == word]] = True
        seeds.append(_centre(matrix, owner, has))
        free &= products(matrix, [seeds[-1]])[:, 0] < 0.2
        free &= ~has
    vectors = np.stack(seeds)
    for _ in range(ROUNDS):
        closeness = products(matrix, vectors)
        best = np.where(closeness.max(axis=1) >= CLOSE, closeness.argmax(axis=1), -1)
        vectors = np.stack(
            [_centre(matrix, owner, best == n) if (best == n).any() else vectors[n] for n in range(len(vectors))]
        )
    return vectors


def _centre(matrix: Matrix, owner: Any, chosen: Any) -> Any:
    import numpy as np

    centre = np.bincount(matrix.indices, weights=np.where(chosen[owner], matrix.data, 0.0), minlength=matrix.width)
    length = np.linalg.norm(centre)
    return centre / length if length else centre


def named(vector: Any, surfaces: Sequence[str], frequency: Any) -> tuple[str, ...]:
    """The words that name a topic, the heaviest first: pairs of Chinese characters that overlap are joined, and a word
    that a longer one has is left out."""
    import numpy as np

    order = [n for n in np.argsort(-vector, kind="stable")[:12].tolist() if vector[n] > 0.15 * vector.max()]
    chosen: list[str] = []
    for word in _joined([(surfaces[n], int(frequency[n])) for n in order]):
        if not any(_within(word, other) for other in chosen):
            place = next((n for n, other in enumerate(chosen) if _within(other, word)), len(chosen))
            chosen = [other for other in chosen if not _within(other, word)]
            chosen.insert(place, word)
    return tuple(chosen)[:SHOWN_WORDS]


def _within(word: str, other: str) -> bool:
    if " " in other or word.isascii():
        return set(folded(word).split(" ")) <= set(folded(other).split(" "))
    return word in other


def _joined(words: Sequence[tuple[str, int]]) -> list[str]:
    """ "正则", "则表", "表达", "达式" -> "正则表达式", where they occur about equally often."""
    shown = list(words)
    while pair := next((pair for pair in permutations(shown, 2) if _continues(*pair)), None):
        left, right = pair
        shown[shown.index(left)] = (left[0] + right[0][1:], min(left[1], right[1]))
        shown.remove(right)
    return [word for word, _ in shown]


def _continues(left: tuple[str, int], right: tuple[str, int]) -> bool:
    """Whether the pair of characters `right` begins with the last one of `left`."""
    (word, often), (pair, other) = left, right
    overlaps = len(pair) == 2 and word[-1] == pair[0] and "\u3400" <= pair[0] <= "\ufaff"
    return overlaps and min(often, other) >= 0.6 * max(often, other) and len(word) < 4 * LONGEST_PIECE
