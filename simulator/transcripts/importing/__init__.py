"""Conversations that were had elsewhere: read from the common formats, given roles, and put into the store."""
