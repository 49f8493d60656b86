"""One model at several providers: as a comparison of its own, and as what a failed column offers."""
