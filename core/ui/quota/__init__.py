"""Remaining quota on the screen: the price line beside Send, and the Quota page."""
