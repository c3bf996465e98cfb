"""The operations of registration, as the history names them."""

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    REGISTER = "registration.register"
    REGISTER_AT_SITE = "registration.register_at_site"
    CORRECT_CONTACT = "registration.correct_contact"
    SPELL_IN_LATIN = "registration.spell_in_latin"
    OPEN_GROUP = "registration.open_group"
    CLOSE_GROUP = "registration.close_group"
