"""The practice session: turn loop, endings, rehearsals; typed events for whoever shows it."""
