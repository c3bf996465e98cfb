"""Why registrations are not replayed."""

from registration.errors import RegistrationError


class MessagesAreReal(RegistrationError):
    """A gateway to real people is set. Only the command shows it, so it is in English."""

    message = (
        "This system sends real SMS or e-mails: people who were made up would take the turns and places of people who "
        "live. Replay into a database of its own, without TWILIO_ACCOUNT_SID and EMAIL_URL."
    )
