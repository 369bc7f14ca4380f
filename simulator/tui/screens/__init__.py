"""Screens: each decides what the messages of its widgets mean and asks the app for everything else."""
