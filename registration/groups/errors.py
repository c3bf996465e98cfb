"""Why it is not somebody's turn, in the words that the person reads."""

from django.utils.translation import gettext_lazy as _

from registration.errors import RegistrationError


class TooYoung(RegistrationError):
    """Under 16 on the day of registration (DOMAIN 4.4: from 16 a person may consent alone)."""

    message = _(
        "People under 16 cannot register here yet. Please ask the child's doctor, or call the line 1221; "
        "they will tell you what to do."
    )
    way_back = "registration:form"
