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


def of(request: HttpRequest) -> str:
    """The client's address in canonical form: behind our own proxies the one that the outermost of them saw.

    With `TRUSTED_PROXIES` = n the n-th address from the right of X-Forwarded-For counts; what stands
    further left was written by the client and proves nothing.
    """
    return str(_of(request))


def network_of(request: HttpRequest) -> str:
    """What limits count by: the whole address of IPv4, the first address of the /64 of IPv6."""
    address = _of(request)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.IPv6Network((address, _PREFIX), strict=False).network_address)


def _of(request: HttpRequest) -> Address:
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
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return ipaddress.IPv4Address(UNKNOWN)
    return _within(address) if isinstance(address, ipaddress.IPv6Address) else address


def _within(address: ipaddress.IPv6Address) -> Address:
    """The IPv4 address of the client that `address` carries, else `address` itself.

    Without this all of IPv4 is one /64 (mapped, NAT64), all clients of a Teredo server are, and who has a single
    IPv4 address has 65,536 of them (6to4).
    """
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour or address
    if address.teredo:
        return address.teredo[1]
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
