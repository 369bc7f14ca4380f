"""The screens in a browser, one process a visitor, and what an LMS needs to open them and be told the outcome."""
