"""Who an account belongs to: found by user name, or by e-mail where that is one person's alone."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse


class Accounts(ModelBackend):
    """Django's accounts; `username` may also be the e-mail."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The active account with this name and password, else None; both take the same time."""
        if username is None or password is None:
            return None
        user = account(username)
        if user is None:
            User().set_password(password)  # the work of a check, so that the time tells nobody who has an account
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None


def account(name: str) -> User | None:
    """The account with the user name `name`, or the only one with the e-mail `name`, upper case or lower."""
    by_name = User.objects.filter(username=name).first()
    if by_name is not None or "@" not in name:
        return by_name
    found = list(User.objects.filter(email__iexact=name)[:2])
    return found[0] if len(found) == 1 else None


def locked_out(request: HttpRequest, answer: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """The page that the view made: it knows the pause and says so (django-axes would put its own there)."""
    return answer
