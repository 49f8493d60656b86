"""Whether several hosts serve the same model: a check with its price first, its progress, and its result in words."""
