"""The screens. ``app.PractiseApp`` is the way in; nothing here knows how a customer thinks or a grade is made."""
