"""The base of every reason for which registration says no."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class RegistrationError(DomainError):
    """The base of this app's refusals; uncaught, it leads to the first step."""

    way_back = "registration:phone"


class PostcodeRefused(RegistrationError):
    """Not a post code of the state of the address."""

    message = _(
        "This is not a postcode of the chosen country. It has letters, digits, spaces and hyphens, 12 signs at most."
    )


class PostcodeOfAnotherState(PostcodeRefused):
    """Not a Czech post code, of an address in Czechia."""

    message = _(
        "A Czech postcode has five digits, for example 602 00. If the address is in another country, please choose "
        "the country."
    )
