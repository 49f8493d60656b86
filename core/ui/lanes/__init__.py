"""The comparison's screen: the board in the address, its columns, turns, offers, files, and what stands below them."""
