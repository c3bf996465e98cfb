"""Why a certificate is not sent, in the words that the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class CertificateNotValid(DomainError):
    """It was revoked."""

    message = _("This certificate was revoked, so it is not sent. Please send the one that is valid now.")


class CertificateExpired(DomainError):
    """Its time is over."""

    message = _("This certificate has expired, so it is not sent. Please issue it anew.")


class NoEmail(DomainError):
    """There is no address."""

    message = _("There is no e-mail address to send it to. Please enter one, or print the certificate.")


class NoTelephone(DomainError):
    """There is no telephone that gets an SMS."""

    message = _(
        "There is no mobile telephone for the SMS with the password. Please enter one, or print the password on paper."
    )


class NothingToSendTo(DomainError):
    """Neither an address nor a telephone."""

    message = _(
        "The person has neither an e-mail address nor a mobile telephone. Please enter one, or print the certificate."
    )


class NoRegistration(DomainError):
    """The dose belongs to no registration, so no contact is kept."""

    message = _("The person is not registered, so there is no contact to send it to. Please print the certificate.")


class TooManySendings(DomainError):
    """The certificate, the telephone or the address has had its share of a day."""

    message = _(
        "It was sent too often in the last 24 hours. Please look for it among all mail and SMS, in the folder for "
        "unwanted mail too. You can try again tomorrow, or print the certificate."
    )


class PasswordForgotten(DomainError):
    """The password was printed or its time is over."""

    message = _("This password is not kept any more. Please send the certificate again; it gets a new password.")
