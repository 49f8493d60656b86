"""Analysis of the answers of a comparison: agreement, word diff, judge, merge."""
