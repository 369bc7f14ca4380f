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
_PREFIXES = (
    *("private key", "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    *("glpat-", "hf_", "npm_", "xox", "akia", "asia", "aiza", "ya29.", "eyj"),
)
_LOOKED_FOR = (
    (_PREFIXES, _SHAPES, 0),
    (("key", "token", "secret", "passw", "passphrase", "pwd"), _NAMED, 1),
    (("bearer", "basic"), _CARRIED, 1),
    (("://",), _ADDRESSED, 1),
)
"""What a text must hold before it is worth looking for a pattern, the pattern, and which group of it is the secret."""
SHORTEST = 6
"""Fewest characters of a value that is known to be secret; shorter ones would be found everywhere."""


def secrets_in(text: str, known: Iterable[str] = ()) -> Iterator[Span]:
    """Yield every part of ``text`` that has the shape of a secret, or is one of the ``known`` values."""
    low = text.lower()
    for signs, pattern, group in _LOOKED_FOR:
        if any(sign in low for sign in signs):  # nearly all that people say is done with here
            for match in pattern.finditer(text):
                yield Span(Kind.SECRET, *match.span(group))
    for value in known:
        start = text.find(value) if len(value) >= SHORTEST else -1
        while start >= 0:
            yield Span(Kind.SECRET, start, start + len(value))
            start = text.find(value, start + len(value))
