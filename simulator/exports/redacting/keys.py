"""Keys, tokens and passwords in text: by their well-known shapes, and by the values that are set on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from simulator.exports.redacting.spans import Kind, Span

_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{12,}"  # model and payment providers
    r"|\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{20,})"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?",  # JSON web tokens
    re.DOTALL,
)
_NAMED = re.compile(
    r"\b(?:api[ _-]?key|access[ _-]?key|secret(?:[ _-]?key)?|(?:auth|access|refresh)?[ _-]?token|"
    r"passw(?:or)?d|passphrase|pwd)\b[\"']?\s*[:=]\s*[\"']?([^\s\"',;<>]{4,})",
    re.IGNORECASE,
)
_CARRIED = re.compile(r"\b(?:Bearer|Basic)\s+([A-Za-z0-9+/_.~-]{12,}=*)", re.IGNORECASE)
_ADDRESSED = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@]*:([^\s/@]+)@", re.IGNORECASE)
SHORTEST = 6
"""Fewest characters of a value that is known to be secret; shorter ones would be found everywhere."""


def secrets_in(text: str, known: Iterable[str] = ()) -> Iterator[Span]:
    """Yield every part of ``text`` that has the shape of a secret, or is one of the ``known`` values."""
    for match in _SHAPES.finditer(text):
        yield Span(Kind.SECRET, *match.span())
    for pattern in (_NAMED, _CARRIED, _ADDRESSED):
        for match in pattern.finditer(text):
            yield Span(Kind.SECRET, *match.span(1))
    for value in known:
        if len(value) >= SHORTEST:
            for match in re.finditer(re.escape(value), text):
                yield Span(Kind.SECRET, *match.span())
