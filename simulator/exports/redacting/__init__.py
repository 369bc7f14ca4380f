"""Leaving persons and secrets out of what is exported."""
