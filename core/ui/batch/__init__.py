"""The Batch page: a batch is made, watched, read and taken along."""
