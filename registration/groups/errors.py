"""Why it is not somebody's turn, in the words that the person reads."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration.errors import RegistrationError


class NotYetOpen(RegistrationError):
    """Some group fits the person, and none of them registers yet; `opens_at` is the first time, if one is known."""

    way_back = "registration:form"

    def __init__(self, opens_at: datetime | None) -> None:
        super().__init__(opens_at)
        self.opens_at = opens_at

    @property
    def message(self) -> str:  # type: ignore[override]
        """From when, where that is known."""
        if self.opens_at is None:
            return gettext("It is not the turn of this person's group yet. The time is not known yet.")
        moment = date_format(timezone.localtime(self.opens_at), "DATETIME_FORMAT")
        return gettext("It is not the turn of this person's group yet. It can register from %(moment)s.") % {
            "moment": moment
        }


class TooYoung(RegistrationError):
    """Younger than every group by age."""

    message = _(
        "No vaccine is given at this age yet. Please ask the child's doctor, or call the line 1221; "
        "they will tell you what to do."
    )
    way_back = "registration:form"
