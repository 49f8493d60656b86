"""Models and providers as a person meets them: marks, choices, the picker, the provider cards."""
