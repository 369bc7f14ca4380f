"""Text on its way to the screen. Nothing that a person, a persona or a model wrote is ever read as markup."""

from __future__ import annotations

import re

from textual.content import Content

from simulator.cleaning import clean, one_line
from simulator.errors import SimulatorError

_SIGN = re.compile(r"\([^()]*\)?")


def plain(text: str, style: str = "") -> Content:
    """Return ``text`` cleaned, as it is, in one style."""
    return Content.styled(clean(text), style) if style else Content(clean(text))


def line(text: str, style: str = "") -> Content:
    """Return ``text`` cleaned and on one line, in one style."""
    return Content.styled(one_line(text), style) if style else Content(one_line(text))


def spoken(text: str) -> Content:
    """Return what somebody said, with the signs in parentheses (a sigh, a gesture) quieter than the words."""
    said = clean(text)
    content = Content(said)
    for sign in _SIGN.finditer(said):
        content = content.stylize("italic $text-muted", sign.start(), sign.end())
    return content


def lines(*parts: Content | str) -> Content:
    """Return the parts one under the other, empty ones left out."""
    return Content("\n").join([part if isinstance(part, Content) else Content(part) for part in parts if part])


def trouble(error: SimulatorError) -> Content:
    """Return an error as its sentence and its hint."""
    return lines(plain(error.message, "bold"), plain(error.hint) if error.hint else "")


def quoted(text: str) -> Content:
    """Return a quote on one line, in quotation marks."""
    return Content(f"“{one_line(text)}”")
