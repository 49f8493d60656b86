"""How fast the models answer: filters, a table, one chart at a time, and a probe that measures now."""
