"""Times in foreign files: an ISO time, or nothing where a time has no date or could mean two days."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: object) -> str:
    """Return ``text`` as ISO 8601 in UTC, or empty where it is no full time.

    Seconds since 1970 are read too. A time without a zone is taken as UTC; a clock time alone, or a date written
    as 3/4/2026, is not told.
    """
    if isinstance(text, int | float) and not isinstance(text, bool) and 1e8 < text < 1e11:
        return _written(datetime.fromtimestamp(text, UTC))
    if not isinstance(text, str) or len(text) < 10:
        return ""
    try:
        return _written(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return ""


def _written(at: datetime) -> str:
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
