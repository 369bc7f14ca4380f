"""Grading: labels of trainee turns, levels by the rubric, coaching, and how well the grader agrees with people.

``labeler.EmbeddedLabeler`` labels turns, ``grader.Grader`` makes scorecards, ``rubric.load_rubric`` reads rubrics,
``calibration`` measures agreement. Importing this package loads nothing.
"""
