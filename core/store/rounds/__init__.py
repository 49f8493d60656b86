"""The rounds of a comparison: each a prompt that was put to its lanes, and the question it became in each of them.

asked.begin(...)     a round is there before its questions are asked; once for a request id
whole.read(...)      a comparison with all its lanes and rounds, in one transaction
branch.copy(...)     one lane's talk as a branch of another, for a round that all continue from one answer
"""
