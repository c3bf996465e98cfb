"""Checks passwords of staff and stops those who guess (docs/adr/0017-who-is-who.md).

Wrong passwords are counted for the account at a network, for the network, and for the account everywhere. All spellings
of a name are one account. A network is the /64 of an IPv6 address, because one client owns all of it, and the whole
address of IPv4 (`client_address.network_of`). In a browser where the account passed both factors its tries are counted
for that browser: others on the network cannot use them up.
"""

import logging
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from crs import client_address, tries
from crs.accounts import known_browsers
from crs.accounts.backend import canonical_name, find_account
from crs.accounts.errors import NetworkLocked, PasswordLocked, WrongPassword
from crs.accounts.models import KnownNetwork
from crs.keyed_hash import keyed_hash
from crs.tries import Limit, Try

logger = logging.getLogger(__name__)

AT_NETWORK = Limit("password of an account at a network", 5, timedelta(minutes=15))
# The two wide limits do not stop an account on a network where it logged in lately. Otherwise a visitor to a hospital
# could keep its staff out.
OF_NETWORK = Limit("passwords of a network", 30, timedelta(minutes=15))
EVERYWHERE = Limit("password of an account", 50, timedelta(hours=1))
NETWORK_KNOWN = timedelta(days=90)


def check(request: HttpRequest, *, name: str, password: str, now: datetime) -> User:
    """The staff account with this user name or e-mail and password.

    Raises WrongPassword, PasswordLocked, NetworkLocked. Unknown names are counted, locked and answered like known ones.
    """
    whose, network = _whose(find_account(name), name), client_address.network_of(request)
    browser = known_browsers.name_of(request, whose)
    at_network = tries.count(AT_NETWORK, whose, browser or network, now=now)
    if at_network.is_over:
        raise PasswordLocked(until=at_network.until)
    of_network = tries.count(OF_NETWORK, network, now=now)
    everywhere = tries.count(EVERYWHERE, whose, now=now)
    seen_here = KnownNetwork.objects.filter(pk=_network_key(whose, network), seen_at__gt=now - NETWORK_KNOWN)
    is_known = seen_here.exists() or browser is not None
    if of_network.is_over and not is_known:
        raise NetworkLocked(until=of_network.until)
    if everywhere.is_over and not is_known:
        raise PasswordLocked(until=everywhere.until)
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User) or not user.is_staff:
        _log_full_counts(at_network, of_network, everywhere)
        raise PasswordLocked(until=at_network.until) if at_network.is_last else WrongPassword
    tries.forgive(AT_NETWORK, whose, browser or network)
    tries.take_back(of_network)
    tries.take_back(everywhere)
    return user


def forget_wrong(request: HttpRequest, *, user: User) -> None:
    """End the pauses of an account whose owner proved who they are in another way."""
    whose = _whose(user, "")
    tries.forgive(AT_NETWORK, whose, known_browsers.name_of(request, whose) or client_address.network_of(request))
    tries.forgive(EVERYWHERE, whose)


def remember_network(request: HttpRequest, *, user: User, now: datetime) -> None:
    """Note that the account logged in from here with both factors."""
    key = _network_key(_whose(user, ""), client_address.network_of(request))
    KnownNetwork.objects.update_or_create(pk=key, defaults={"seen_at": now})


def remember_browser(request: HttpRequest, response: HttpResponse, *, user: User) -> HttpResponse:
    """`response` with the note that the account logged in with both factors in this browser."""
    return known_browsers.remember(request, response, whose=_whose(user, ""))


def forget_old_networks(*, now: datetime) -> int:
    """Delete networks where an account did not log in for 90 days; returns how many."""
    return KnownNetwork.objects.filter(seen_at__lte=now - NETWORK_KNOWN).delete()[0]


def _log_full_counts(*counted: Try) -> None:
    """Tell ops that somebody guesses, once for each pause; the line names the limit, not the account."""
    for one in counted:
        if one.number == one.limit.most:
            logger.warning("Wrong passwords: the last of %d tries was used up (%s)", one.limit.most, one.limit.what)


def _whose(user: User | None, name: str) -> str:
    """The key by which an account is counted; a name that nobody has is its own key."""
    return f"account {user.pk}" if user else f"name {canonical_name(name).casefold()}"


def _network_key(whose: str, network: str) -> str:
    return keyed_hash("known-network", whose, network)
