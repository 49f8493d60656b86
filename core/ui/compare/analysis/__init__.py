"""What can be found in the answers of a comparison: agreement, word diff, a judge, one answer merged of all."""
