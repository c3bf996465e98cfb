"""What a user is called."""

from django.contrib.auth.models import User


def name_of_user(user: User | None) -> str:
    """The user's own name, or the one with which they log in; empty for nobody."""
    return (user.get_full_name() or user.get_username()) if user else ""
