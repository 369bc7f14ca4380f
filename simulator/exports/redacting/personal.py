"""Phone and card numbers, emails and addresses in what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.exports.redacting.spans import Kind, Span

REGIONS = ("US", "GB", "AU", "IE", "DE", "FR")
"""Countries whose national way of writing a phone number is known; numbers with + are known from anywhere."""

# Every run is bounded, so that hostile text takes time in proportion to its length.
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.[A-Za-z]{2,24}")
_SPOKEN_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64} (?:at|\[at\]|\(at\)) [\w-]{1,63} (?:dot|\[dot\]|\(dot\)) [a-z]{2,6}\b", re.IGNORECASE
)
_DIGITS = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_PHONE = re.compile(
    r"(?<![\w/#-])(?:\+\d{1,3}[ .-]?(?:\(0\) ?)?(?:\(?\d{2,4}\)?[ .-]?){2,4}\d{2,4}"
    r"|\(\d{3,5}\) ?\d{3,4}[ .-]?\d{3,4}|\d{3}[-. ]\d{3}[-. ]\d{4}|\d{3}-\d{4}"
    r"|0\d{3,4} \d{5,7}|0\d{3} \d{3} \d{4})(?![\w-])"
)
_NUMBERED = re.compile(
    r"(?:order|invoice|ticket|reference|ref|account|case|claim|policy|tracking|confirmation|serial|booking|customer)"
    r"(?:\s+(?:number|no|id|code|ref))?\.?(?:\s+is|\s+was)?[:#]?\s*$",
    re.IGNORECASE,
)
_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Square|Sq|Terrace|Close|"
    r"Crescent|Row|Hill|Gardens|Grove|Mews|Parkway|Pkwy|Highway|Hwy|Circle|Walk|Quay|Park)"
)
_CAP = r"[^\W\d_a-z][\w'’-]{0,30}"
_UNIT = r"(?:,?\s+(?:Apt|Apartment|Unit|Flat|Suite|Ste|Room|#)\.?\s*#?\w{1,6})"
_POSTCODE = r"(?:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|(?:[A-Z]{2}\s+)?\d{5}(?:-\d{4})?)"
_ADDRESS = re.compile(
    rf"\b(?:(?:Flat|Apartment|Unit)\s+\w{{1,5}},?\s+)?\d{{1,5}}[A-Za-z]?\s+(?:[NSEW]\.?\s+)?(?:{_CAP}\s+){{1,4}}(?i:{_STREET})\b\.?"
    rf"{_UNIT}?(?:,?\s+{_CAP}(?:\s+{_CAP})?(?=,?\s+{_POSTCODE}))?(?:,?\s+{_POSTCODE}\b)?"
    rf"|(?<![\w'’-]){_CAP}(?:straße|strasse|str\.|weg|allee|platz|gasse)\s+\d{{1,4}}\s?[a-z]?\b(?:,?\s+\d{{4,5}}\s+{_CAP})?"
    rf"|\b\d{{1,4}}(?:\s?bis)?,?\s+(?:rue|avenue|boulevard|place|impasse|chemin)\s+(?:de\s+la\s+|du\s+|des\s+|de\s+|d['’])?"
    rf"{_CAP}(?:\s+{_CAP})?(?:,?\s+\d{{5}}\s+{_CAP})?"
    r"|\bP\.?\s?O\.?\s+Box\s+\d+(?:,\s+[^\W\d_a-z]\w+(?:,?\s+[A-Z]{2}\s+\d{5})?)?"
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}\b|\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b"
)


def personal_in(text: str) -> Iterator[Span]:
    """Yield emails, card numbers that check (Luhn), phone numbers and postal addresses in ``text``."""
    for pattern in (_EMAIL, _SPOKEN_EMAIL):
        for match in pattern.finditer(text):
            yield Span(Kind.EMAIL, *match.span())
    for match in _DIGITS.finditer(text):
        if luhn(match[0]):
            yield Span(Kind.CARD, *match.span())
    for match in _ADDRESS.finditer(text):
        yield Span(Kind.ADDRESS, *match.span())
    if sum(char.isdigit() for char in text) >= 7:
        yield from _phones(text)


def luhn(number: str) -> bool:
    """Return whether the digits of ``number`` check as those of a payment card do (ISO/IEC 7812)."""
    digits = [int(char) for char in number if char.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _phones(text: str) -> Iterator[Span]:
    import phonenumbers  # noqa: PLC0415 - a large library, needed only where there are digits

    for match in _PHONE.finditer(text):
        if not _NUMBERED.search(text[max(0, match.start() - 40) : match.start()]):
            yield Span(Kind.PHONE, *match.span())
    for region in REGIONS:
        for found in phonenumbers.PhoneNumberMatcher(text, region):
            if not _NUMBERED.search(text[max(0, found.start - 40) : found.start]):
                yield Span(Kind.PHONE, found.start, found.end)
