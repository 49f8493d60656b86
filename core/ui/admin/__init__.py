"""What only the administrator sees: the door, and the questions that are answered alike for everybody."""
