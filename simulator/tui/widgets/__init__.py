"""Widgets: they show values and post messages; screens decide what those mean."""
