"""The Batch page: create a batch, watch it, read and export its answers."""
