"""The base of every reason for which registration says no."""

from crs.errors import DomainError


class RegistrationError(DomainError):
    """The base of this app's refusals; uncaught, it leads to the first step."""

    way_back = "registration:phone"
