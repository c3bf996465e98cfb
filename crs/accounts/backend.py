"""Finds an account by its user name, or by an e-mail that no other account has."""

import unicodedata
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest


class Accounts(ModelBackend):
    """Django's back end of accounts, where `username` may also be the e-mail."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The active account with this name and password, else None. Both answers take equally long."""
        if username is None or password is None:
            return None
        user = find_account(username)
        if user is None:
            User().set_password(password)  # the work of a check, so that the time tells nobody who has an account
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None

    def get_user(self, user_id: int) -> User | None:
        """The account of a session, if it is active; by a query as text, because each page of staff asks."""
        user = next(iter(User.objects.raw("SELECT * FROM auth_user WHERE id = %s", [user_id])), None)
        return user if user is not None and self.user_can_authenticate(user) else None


def find_account(name: str) -> User | None:
    """The account with the user name `name`, or the only one with the e-mail `name`, upper case or lower.

    It takes one query, whether there is such an account or not.
    """
    typed = canonical_name(name)
    question = Q(username__iexact=typed)
    if "@" in typed:
        question |= Q(email__iexact=typed)
    found = list(User.objects.filter(question))
    # Two accounts may differ in capitals only; then the name as it stands means one of them.
    exact = [user for user in found if user.username == typed]
    by_name = exact or [user for user in found if user.username.casefold() == typed.casefold()]
    meant = by_name or found
    return meant[0] if len(meant) == 1 else None


def canonical_name(name: str) -> str:
    """A user name or e-mail without what keyboards and copying add: spaces around it, wide or composed letters."""
    return unicodedata.normalize("NFKC", name).strip()
