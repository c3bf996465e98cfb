"""The desks' own addresses."""

from django.conf import settings

from support.models import Desk


def desk_of(address: str) -> Desk | None:
    """The desk to which an address belongs, with or without a token after its plus sign, in any case of letters."""
    local, at, domain = address.strip().strip("<>").casefold().rpartition("@")
    return _desks().get(f"{local.partition('+')[0]}@{domain}") if at else None


def own_addresses() -> frozenset[str]:
    """The addresses of all desks, in small letters."""
    return frozenset(_desks())


def _desks() -> dict[str, Desk]:
    return {address.casefold(): Desk(desk) for desk, address in settings.SUPPORT_ADDRESSES.items()}
