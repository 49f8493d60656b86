"""The router on the screen: which model would answer, why this one did, and which were tried."""
