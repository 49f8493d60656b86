"""What is left, on the screen: the price beside Send, and the rows of the Quota page."""
