"""Why reserving, logging in to reserve, inviting or a capacity is refused; each text is what the person reads."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class BookingError(DomainError):
    """The chosen time cannot be held or confirmed; the way back is the choice of a site."""

    way_back = "reservation:site"


class NotInvited(BookingError):
    """PIN2 is not valid any more, or the registration is not."""

    message = _("Your PIN2 is no longer valid. We will send you a new one by SMS; you keep your place.")
    way_back = "reservation:log_in"


class NotYourTurn(BookingError):
    """By the rules in force, or by what is known of the person now, they may not reserve; `reason` says why."""

    way_back = "reservation:log_in"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def message(self) -> str:  # type: ignore[override]
        """The reason, as `Eligibility.refusal` words it."""
        return self.reason


class AlreadyReserved(BookingError):
    """The registration has a confirmed reservation."""

    message = _("You already have a reservation. Here it is.")
    way_back = "reservation:confirmed"


class NoSuchSlot(BookingError):
    """The slot does not exist, is not for first doses, or its site is closed."""

    message = _("This time is not offered any more. Please choose another one.")


class SlotPast(BookingError):
    """The slot has already begun."""

    message = _("This time has already passed. Please choose another one.")


class SlotFull(BookingError):
    """Somebody was faster: with the chosen seat, or with all seats for a later dose that were tried."""

    message = _("Somebody else has just taken this time. Please choose another one.")


class NoLaterSlot(BookingError):
    """The vaccination site has no free time for a later dose within the allowed interval."""

    message = _("There is no free time for your next dose after this one. Please choose another time.")


class SlotClosed(BookingError):
    """The site has closed a time that the person chose or held; others are offered near `slot_id`."""

    message = _(
        "The vaccination site had to close this time. Nothing is lost: it is still your turn. "
        "Please choose another time."
    )

    def __init__(self, slot_id: int) -> None:
        super().__init__()
        self.slot_id = slot_id


class NotForYou(BookingError):
    """The time is free, and this person cannot be given their dose then."""

    message = _("Your dose cannot be given at this time. Please choose another one.")


class WrongAge(NotForYou):
    """The time or the site serves people of other ages."""

    def __init__(self, youngest: int, oldest: int) -> None:
        super().__init__()
        self.youngest, self.oldest = youngest, oldest

    @property
    def message(self) -> str:  # type: ignore[override]
        """The ages that are served."""
        text = gettext("This time is for people aged %(youngest)d to %(oldest)d. Please choose another one.")
        return text % {"youngest": self.youngest, "oldest": self.oldest}


class DoseTooEarly(NotForYou):
    """By the dated rules of the vaccine the dose can be given later: after the dose before, or from an age."""

    def __init__(self, vaccine: str, first_day: date) -> None:
        super().__init__()
        self.vaccine, self.first_day = vaccine, first_day

    @property
    def message(self) -> str:  # type: ignore[override]
        """From which day on."""
        text = gettext(
            "You can get your dose of %(vaccine)s on %(day)s at the earliest. Please choose that day or a later one."
        )
        return text % {"vaccine": self.vaccine, "day": date_format(self.first_day, "DATE_FORMAT")}


class OtherVaccine(NotForYou):
    """The next dose must be of another vaccine; `vaccines` are the names of those that it can be of."""

    def __init__(self, vaccines: Sequence[str]) -> None:
        super().__init__()
        self.vaccines = vaccines

    @property
    def message(self) -> str:  # type: ignore[override]
        """Which vaccines it can be of."""
        text = gettext("Your next dose can be of these vaccines: %(vaccines)s. Please choose a time with one of them.")
        return text % {"vaccines": ", ".join(self.vaccines)}


class Postponed(NotForYou):
    """The person said that they were ill, and waits until a day."""

    def __init__(self, until: date) -> None:
        super().__init__()
        self.until = until

    @property
    def message(self) -> str:  # type: ignore[override]
        """Until when."""
        text = gettext("You postponed your vaccination. Please choose a time on %(day)s or later.")
        return text % {"day": date_format(self.until, "DATE_FORMAT")}


class NotForCompanion(NotForYou):
    """The time is not for the second of two people who reserve together, by their age or the doses they had."""

    message = _(
        "The person who comes with you cannot have this time, because of their age or because of a dose before. "
        "Please choose another time."
    )


class NoDoseDue(NotForYou):
    """No rule offers the person another dose."""

    message = _("No other dose is offered to you now. We will write to you when one is.")


class NoSeatsTogether(BookingError):
    """Of the chosen time, and those right before and after it, only one seat is free."""

    message = _("There is only one free place at this time. Please choose a time with places for both of you.")


class CompanionCannotReserve(BookingError):
    """The second of two people who reserve together may not hold seats."""

    message = _(
        "The person who comes with you cannot reserve now: they have a reservation already, or their PIN2 is no longer "
        "valid. Reserve for yourself alone, or call 1221."
    )


class OwnPin2(BookingError):
    """Somebody who wants to reserve together with another person named themselves."""

    message = _("This is your own PIN2. Please type the number and PIN2 of the person who comes with you.")


class DifferentDoses(BookingError):
    """Two people who want to reserve together need different doses."""

    message = _("You two need different doses, so you cannot reserve together. Please reserve one after the other.")


class HoldExpired(BookingError):
    """The ten minutes are over and the seats were given back, or the reservation is not this person's."""

    message = _("The time we kept for you has run out and somebody else may have it. Please choose again.")


class ArrangementError(DomainError):
    """Staff cannot arrange the time as asked."""


class NoSeatToday(ArrangementError):
    """No slot of today at the site has a free seat for this vaccine and dose."""

    message = _(
        "There is no free place for this vaccine and dose today. Offer another day, or take the person over the "
        "capacity and write why."
    )


class DoseAlreadyGiven(ArrangementError):
    """The appointment of this dose is fulfilled."""

    message = _("This dose is already recorded as given. Open the person's doses and check them.")


class NotReserved(ArrangementError):
    """The reservation of the appointment holds no seats any more."""

    message = _("This reservation is no longer valid. Find the person again and arrange a new time.")


class RegistrationEnded(ArrangementError):
    """The registration was cancelled."""

    message = _("This registration has ended. Register the person again.")


class LogInError(DomainError):
    """The person cannot be let in to reserve.

    `needs_captcha` says whether the next try for this number needs a captcha.
    """

    way_back = "reservation:log_in"
    needs_captcha = False


class FirstPinTyped(LogInError):
    """Six digits were typed: that is the PIN which proved the telephone."""

    message = _(
        "This is the first PIN, with six digits. PIN2 has eight digits; it comes in another SMS when your turn comes."
    )


class MalformedPin2(LogInError):
    """What was typed is not eight digits; it is not counted as a try."""

    message = _("PIN2 has eight digits. Please type it as it stands in the SMS.")


class CaptchaNeeded(LogInError):
    """The tries without a captcha are used up, for a known number or not; PIN2 was not looked at."""

    message = _("Several wrong tries were made for this number. Please also answer the check question.")
    needs_captcha = True


class WrongPin2(LogInError):
    """No registration of this telephone has this PIN2.

    `free_left` counts the tries before the captcha is asked for, `left` those before the number locks.
    """

    def __init__(self, *, free_left: int, left: int) -> None:
        super().__init__()
        self.free_left = free_left
        self.left = left
        self.needs_captcha = free_left == 0

    @property
    def message(self) -> str:  # type: ignore[override]
        """The same words for a known and an unknown number."""
        if self.needs_captcha:
            return ngettext(
                "This number and PIN2 do not belong together. "
                "You have %(count)d more try before the log-in closes for 15 minutes.",
                "This number and PIN2 do not belong together. "
                "You have %(count)d more tries before the log-in closes for 15 minutes.",
                self.left,
            ) % {"count": self.left}
        return ngettext(
            "This number and PIN2 do not belong together. "
            "You have %(count)d more try before we also ask you a check question.",
            "This number and PIN2 do not belong together. "
            "You have %(count)d more tries before we also ask you a check question.",
            self.free_left,
        ) % {"count": self.free_left}


class LogInLocked(LogInError):
    """Too many wrong tries with this telephone number, known or not."""

    message = _(
        "PIN2 was typed wrong too many times. Please try again in 15 minutes, or call 1221 and we will help you."
    )


class Pin2Expired(LogInError):
    """The right PIN2, but it ran out or was replaced by a newer one."""

    message = _(
        "This PIN2 is no longer valid. You keep your place: we send a new PIN2 by SMS as soon as there are free times."
    )


class InvitingError(DomainError):
    """People cannot be invited as asked."""


class GroupNotOpen(InvitingError):
    """The priority group's turn has not come."""

    message = _("The priority group is not invited now.")


class Pin2Error(DomainError):
    """PIN2 cannot be sent once more."""


class NoPin2ToSend(Pin2Error):
    """There is no valid PIN2 in whose place another one could be sent."""

    message = _("PIN2 is not valid now, so it cannot be sent once more. The place in the order is kept.")


class TooManyPin2s(Pin2Error):
    """It was sent several times today."""

    message = _("PIN2 was sent several times today. Please wait a day, or call 1221.")
    status = 429


class CapacityError(DomainError):
    """The capacity of a slot cannot be set as asked."""


class CapacityBelowBooked(CapacityError):
    """More people are booked than would fit."""

    message = _("More people are already booked than this capacity. Move them first.")


class TimeIsClosed(CapacityError):
    """A closure stands over the slot."""

    message = _("This time is closed. Lift the closure first, or choose another time.")


class TooFewFreeSeats(CapacityError):
    """More seats were to be moved than are free."""

    message = _("There are not so many free places at this time. Move fewer of them.")


class SlotIsOver(CapacityError):
    """The day of the slot is over."""

    message = _("This day is over. Its places can no longer be changed.")
