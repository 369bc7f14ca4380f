"""Practise with difficult customers, and be graded by a separate evaluator."""

__version__ = "0.1.0"
