"""The Compare page: the board in the address, its columns and turns, their votes, and what can be found in answers."""
