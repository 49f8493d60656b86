"""Usage over time: the calendar, and savings from cached answers."""
