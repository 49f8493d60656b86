"""The rounds of a comparison: each a prompt for its lanes, and the question that it became in each of them.

asked.begin(...)     a round exists before its questions are asked; once per request id
whole.read(...)      a comparison with all its lanes and rounds, in one transaction
branch.copy(...)     one lane's talk as a branch of another, for a round that all continue from one answer
"""
