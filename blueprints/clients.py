"""Whose machine a request comes from, as far as that can be known."""

from ipaddress import IPv6Address, ip_address

from flask import current_app, request


def client() -> str | None:
    """The address to count tries by; None where it says nothing.

    Behind a reverse proxy that was not declared (`DRAWPACK_PROXIES`) everybody seems to come from
    this machine, and one guesser must not lock out all.
    """
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return None
    if address.is_loopback and not current_app.config["PROXIES"]:
        return None
    if isinstance(address, IPv6Address):
        # One household or server has 2^64 of them.
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
