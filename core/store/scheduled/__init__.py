"""Questions that wait for a limit to reset, and are then sent by whichever process is there."""
