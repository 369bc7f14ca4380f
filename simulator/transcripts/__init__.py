"""Transcripts: their records, the append-only store, and conversations from anywhere."""
