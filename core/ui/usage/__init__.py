"""What was used, and what need not be: the calendar, and what the cache saved."""
