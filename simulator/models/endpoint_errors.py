"""What went wrong at an endpoint, as one sentence and one hint; never with the key in it.

Nothing here knows the SDK: statuses, codes and texts come in, ``VoiceError`` goes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from simulator.errors import VoiceError

_KEY_LIKE = re.compile(r"\b(?:sk|pk|key|Bearer)[-_ ][\w*.\-]{4,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")


class UnreachableError(VoiceError):
    """Nothing answers at the address, or the connection broke before the first fragment. Always retryable."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, retryable=True)


def shown(text: str, key: str = "", longest: int = 200) -> str:
    """Return what a server said, fit for a message: one line, without ``key`` or anything that looks like one."""
    if key:
        text = text.replace(key, "[key]")
    text = _KEY_LIKE.sub("[key]", _CONTROL.sub(" ", text)).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def is_quota(status: int, code: str, said: str) -> bool:
    """True for a 429 that waiting does not cure: the account has no credit left."""
    return status == 429 and (code in _QUOTA or "insufficient_quota" in said)


def worth_retrying(status: int, code: str, said: str) -> bool:
    """True where the same request may succeed in a moment: 408, 409, 429 without quota trouble, 500 and above."""
    return status in (408, 409) or status >= 500 or (status == 429 and not is_quota(status, code, said))


def seconds_asked(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds a server asked to wait (``Retry-After-Ms``, ``Retry-After`` as number or date), or None."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after", "")
        if not value:
            return None
        if re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
            return float(value)
        until = parsedate_to_datetime(value)
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, TypeError):
        return None


def status_error(status: int, code: str, said: str, *, where: str, model: str, key: str, asked: str) -> VoiceError:
    """Return the error for an answer with an HTTP status of 400 or more.

    ``where`` is the endpoint's host as shown, ``asked`` the call (``completions``, ``chat``, ``models``).
    """
    name = f"“{model}”" if model else "the model"
    detail = shown(said, key)
    if status == 401:
        return VoiceError(f"{where} does not accept the key.", "Check the API key and the base URL it belongs to.")
    if status == 403:
        return VoiceError(f"{where} does not let this key use {name}.", "Use another key or another model.")
    if status == 404:
        if asked == "completions":
            return VoiceError(
                f"{where} knows no {name}, or cannot continue plain text with it.",
                "Check the model name, or set prompting to chat.",
            )
        return VoiceError(f"{where} does not know {name}.", "Check the model name and that the base URL ends in /v1.")
    if is_quota(status, code, said):
        return VoiceError(f"The account at {where} has no credit left.", "Add credit there, or use another voice.")
    if status == 429:
        return VoiceError(f"{where} is asked too often just now.", "Wait a minute and try again.", retryable=True)
    if status == 408:
        return VoiceError(f"{where} gave up waiting.", "Try again.", retryable=True)
    if status >= 500 or status == 409:
        return VoiceError(
            f"{where} has trouble of its own (status {status}).", "Try again in a moment.", retryable=True
        )
    return VoiceError(
        f"{where} refused the request (status {status})" + (f": {detail.rstrip('.')}." if detail else "."),
        "Check the model name and the settings of the endpoint.",
    )


def unreachable(where: str) -> UnreachableError:
    """Return the error for an address at which nothing answers."""
    return UnreachableError(f"{where} cannot be reached.", "Check the connection and the base URL.")


def timed_out(where: str, seconds: float) -> VoiceError:
    """Return the error for a request that took longer than ``seconds``."""
    return VoiceError(
        f"{where} took longer than {seconds:g} seconds.",
        "Try again, or raise the setting request_timeout.",
        retryable=True,
    )


def broke_off(where: str) -> VoiceError:
    """Return the error for a stream that ended before the answer did."""
    return VoiceError(f"The answer of {where} broke off.", "Try again.", retryable=True)


def unusable(where: str, why: str) -> VoiceError:
    """Return the error for an answer that came whole and cannot be used; ``why`` completes “The answer of … …”."""
    return VoiceError(f"The answer of {where} {why}.", "Try again, or use another model.")
