"""Whom a server listens to."""

import ipaddress
import sys
from typing import Optional

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def names_of(host: str) -> Optional[set[str]]:
    """
    The names by which a server on the loopback address may be called: a page of a stranger whose
    name was made to point to this machine (DNS rebinding) uses its own. `None` for any.
    """
    return {*LOOPBACK_NAMES, host.lower()} if is_loopback(host) else None


def warn_if_open(host: str) -> None:
    if not is_loopback(host):
        print(f"warning: anyone who reaches {host} can use this server", file=sys.stderr)
