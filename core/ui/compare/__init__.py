"""The Compare page: the board from the address, its columns and turns, votes, and the analysis of answers."""
