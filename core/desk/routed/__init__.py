"""Answers of models that "auto" chose, and what people say of the choice."""
