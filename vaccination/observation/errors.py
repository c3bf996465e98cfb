"""Why something about observation or an adverse event is refused."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from vaccination.errors import VaccinationError


class ObservationError(VaccinationError):
    """Something about people under observation is refused."""


class StillObserved(ObservationError):
    """The person's time is not over, and nobody said why they go earlier."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        clock = date_format(timezone.localtime(until), "G:i")
        self.message = _("The time of observation ends at %(time)s. If the person goes earlier, write why.") % {
            "time": clock
        }


class NotObserved(ObservationError):
    """The visit is not one of somebody under observation."""

    message = _("This person is not under observation now. Look at the list again: somebody may have changed it.")


class NotTakenBack(ObservationError):
    """The visit is not one of today that ended by leaving, or its day is closed."""

    message = _("Only somebody who left today, on a day that is not closed, can sit again. Look at the list again.")


class NotThisLong(ObservationError):
    """The time that was asked for is too short or too long."""

    message = _("Write between 5 and 240 minutes.")


class ReasonMissing(ObservationError):
    """Something needs its reason in words."""

    message = _("Write the reason.")


class WrongObservationTime(ObservationError):
    """The time of observation is outside what may be set."""

    message = _("Write between 15 and 120 minutes. Less than 15 minutes is not allowed.")


class ShorterThanElsewhere(ObservationError):
    """A site may let people sit longer than all sites do, not shorter."""

    def __init__(self, minutes: int) -> None:
        self.message = _(
            "On that day people sit for at least %(minutes)d minutes at all sites. Write as many or more."
        ) % {"minutes": minutes}


class PastDay(ObservationError):
    """A rule may not change what was valid on days that are over."""

    message = _("The day must be today or later: what was valid before stays as it was.")


class AdverseEventError(VaccinationError):
    """Something about an adverse event is refused."""


class DoseInError(AdverseEventError):
    """The dose was entered in error, so nothing can have come of it."""

    message = _("This dose was entered in error. Report the event at the dose that the person really received.")


class ReporterFromElsewhere(AdverseEventError):
    """The reporter does not work at the site of the dose."""

    message = _("Choose a health worker of this site as the one who reports.")


class NoReaction(AdverseEventError):
    """An adverse event without a reaction says nothing."""

    message = _("Write at least one reaction, with the day and time when it began.")


class WrongTimes(AdverseEventError):
    """The times of a reaction do not fit; `field` is the one to look at."""

    field = "ended_at"


class BeganBeforeTheDose(WrongTimes):
    """A reaction cannot begin before the dose."""

    field = "started_at"

    def __init__(self, given_at: datetime) -> None:
        local = timezone.localtime(given_at)
        self.message = _(
            "A reaction cannot begin before the dose, which was given on %(day)s at %(time)s. Check the day and time, "
            "or correct the time of the dose first."
        ) % {"day": _day(local.date()), "time": date_format(local, "G:i")}


class InTheFuture(WrongTimes):
    """A time that has not come yet."""

    def __init__(self, field: str) -> None:
        self.field = field

    message = _("This time has not come yet. Check the day and time.")


class EndedBeforeItBegan(WrongTimes):
    """A reaction ends after it began."""

    message = _("The reaction cannot end before it began. Check both times.")


class StillGoesOn(WrongTimes):
    """A reaction that has an end is over."""

    message = _("The reaction has an end, so it is over. Leave the end empty, or choose another outcome.")


class FatalWithoutDeath(AdverseEventError):
    """A fatal outcome makes the event serious because of death."""

    message = _("An outcome is fatal: mark ‘death’ among the reasons why it is serious.")


class NumberInText(AdverseEventError):
    """The agency's report must not hold the insured person's number, so no text of it may."""

    message = _("The text holds the person's insured number. The report must not contain it: leave it out.")


class EventNullified(AdverseEventError):
    """Nothing is changed at a nullified report."""

    message = _("This report was nullified. Nothing more can be written to it; if something happened, report it anew.")


def _day(day: date) -> str:
    return f"{day.day}. {day.month}. {day.year}"
