"""Models as a person meets them: what they are called, their marks and facts, which can be chosen."""
