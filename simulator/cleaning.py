"""Text from models, files and strangers, made safe to show: no control sequences, no hidden characters.

What is saved stays as it was written; whatever is shown on a screen or exported goes through ``clean`` first.
"""

from __future__ import annotations

import re

_SEQUENCES = re.compile(
    # OSC, DCS, SOS, PM, APC up to their terminator. One that is never ended loses only its introducer,
    # so that nobody can hide the rest of a conversation behind it.
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x9c|\x1b\\)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor moves, erasing
    r"|\x1b[ -/]*[0-~]"  # every other escape: charsets, resets, introducers left alone
)
_BREAKS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff"  # soft hyphen, marks, zero width
    "\u202a-\u202e\u2066-\u206f"  # bidi embeddings, overrides, isolates; deprecated format characters
    "\ufff9-\ufffb\ufffe\uffff"  # interlinear annotation, noncharacters
    "\U000e0000-\U000e0fff]"  # tags and variation selectors beyond 16: invisible text
)
_SURROGATES = re.compile("[\ud800-\udfff]")

_JOINED = (
    "\u0600-\u0dff"  # Arabic, Syriac, Thaana, N'Ko and the Indic scripts
    "\u0f00-\u109f\u1780-\u18af"  # Tibetan, Burmese, Khmer, Mongolian
    "\ua8e0-\ua8ff\ufb50-\ufdff\ufe70-\ufefc"  # more Devanagari, Arabic forms
    "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"  # emoji
)
_STRAY_JOINERS = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return ``text`` with nothing left that acts on a terminal or hides from the eye; idempotent.

    Removed: ANSI sequences (CSI, OSC, DCS and their like), C0 controls but newline and tab, C1, DEL, bidi
    overrides and isolates and marks, zero-width and tag characters. ZWJ and ZWNJ stay only between two
    characters of a script that needs them (Arabic, Indic and their neighbours) or of emoji. Every kind of
    line break becomes ``\\n``; half a surrogate pair becomes U+FFFD.
    """
    text = _BREAKS.sub("\n", _SEQUENCES.sub("", text))
    return _STRAY_JOINERS.sub("", _SURROGATES.sub("\ufffd", _UNSEEN.sub("", text)))


def one_line(text: str) -> str:
    """Return ``clean(text)`` on a single line, every run of white space one blank: for names and titles."""
    return _SPACES.sub(" ", clean(text)).strip()
