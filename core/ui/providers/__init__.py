"""The Providers page: one card a provider, its key tested by itself, and what a person allowed."""
