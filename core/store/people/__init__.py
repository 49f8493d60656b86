"""People who sign in: who they are and what they may do, sign-outs, and wrong passwords by address."""
