"""Reading the address of an endpoint: what of it may be shown, and whether it is on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from simulator.errors import SettingsError


def shown_host(base_url: str) -> str:
    """Return host and port of ``base_url``, without user or path; raises ``SettingsError`` for no http address."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError("The base URL is not an address.", "It looks like http://localhost:11434/v1.")
    return f"{host}:{port}" if port else host


def is_loopback(base_url: str) -> bool:
    """True where ``base_url`` is on this machine."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
