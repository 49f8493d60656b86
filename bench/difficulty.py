"""How long a question is rated, at worst: `python -m bench.difficulty`. In ms, the best of many, by kind of text.

`scripts/train_routing` prints the mean over the questions of its table.
"""

from __future__ import annotations

import time

from core.routing import difficulty

PROOF = (
    "Prove that for all integers n>=2, if a_1+a_2 = f(x)*g(y) then x^2 + 3*y - 7/2 = 0; given the matrix "
    "[[1,2],[3,4]], compute its determinant, eigenvalues and the integral of sin(x). "
)
CHINESE = "已知矩阵的特征值为三，证明多项式在整数环上可约，并求出所有整数解，动态规划算法的复杂度是多少？"
CODE = "def solve(a, b):\n    if a == b: return a + 1;\n    for i in range(10): print(i, a[i] * b[i])\n"
TEXTS = {
    "one sentence": PROOF,
    "proofs": PROOF * 20,
    "Chinese": CHINESE * 60,
    "code": CODE * 40,
    "all of them": (PROOF + CHINESE + CODE) * 10,
    "set phrases": "step by step show your work explain your reasoning think carefully " * 40,
    "numbers": "1 " * 2000,
    "parentheses": "a(" * 2000,
    "quotes": '"' * 4000,
}


def best_ms(text: str, rounds: int = 30) -> float:
    times_s = []
    for _ in range(rounds):
        began = time.perf_counter()
        difficulty(text)
        times_s.append(time.perf_counter() - began)
    return min(times_s) * 1000


if __name__ == "__main__":
    difficulty("once, so that the tables are read")
    for name, text in TEXTS.items():
        print(f"{name:14} {len(text):6,} characters   {best_ms(text):.2f} ms")
