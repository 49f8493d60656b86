"""What is said about the answers of a comparison, below its lanes: agreement, word diff, a judge, one answer merged."""
