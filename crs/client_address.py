"""Whose address a request came from, and what of it counts for limits (docs/adr/0017-who-is-who.md)."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104

# A household, an office or a telephone has at least that much of IPv6 to itself, and changes the rest at will.
_PREFIX = 64
# Translators of a provider (RFC 6052, RFC 8215) write the IPv4 address into the last 32 bits.
_NAT64 = tuple(ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def network_of(request: HttpRequest) -> str:
    """The part by which limits count: the whole address of IPv4, the first address of the /64 of IPv6."""
    client = address(request)
    if isinstance(client, ipaddress.IPv4Address):
        return str(client)
    return str(ipaddress.IPv6Network((client, _PREFIX), strict=False).network_address)


def address(request: HttpRequest) -> Address:
    """The client's address: behind our own proxies the one that the outermost of them saw.

    With `TRUSTED_PROXIES` = n the n-th address from the right of X-Forwarded-For counts; what stands
    further left was written by the client and proves nothing.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if settings.TRUSTED_PROXIES and len(hops) >= settings.TRUSTED_PROXIES:
        return _parse(hops[-settings.TRUSTED_PROXIES])
    return _parse(str(request.META.get("REMOTE_ADDR", "")))


def _parse(written: str) -> Address:
    """The address in `192.0.2.1:443`, `[2001:DB8::1]:443`, `fe80::1%eth0`, `::ffff:192.0.2.1`; `UNKNOWN` for none.

    All whose address nobody can read share one limit, which is better than an error page for each.
    """
    bare = written.strip()
    bare = bare[1:].partition("]")[0] if bare.startswith("[") else bare
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return ipaddress.IPv4Address(UNKNOWN)
    return _within(found) if isinstance(found, ipaddress.IPv6Address) else found


def _within(found: ipaddress.IPv6Address) -> Address:
    """The IPv4 address of the client that `found` carries, else `found` itself.

    Otherwise all IPv4 clients behind NAT64 or in mapped form would share one /64, so would all clients of a Teredo
    server, and one IPv4 address would own 65,536 networks (6to4).
    """
    if found.ipv4_mapped or found.sixtofour:
        return found.ipv4_mapped or found.sixtofour or found
    if found.teredo:
        return found.teredo[1]
    if any(found in network for network in _NAT64):
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found
