"""The wire formats of the simulator: pure, a vendor's request in, the bytes of a planned reply out."""
