"""Personas: what a customer is, how their files are read, rendered and checked."""
