"""The customer: mood, stage directions, voices, and the guard."""
