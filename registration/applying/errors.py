"""Why a registration is refused, in the words that the person reads."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registration.errors import RegistrationError

if TYPE_CHECKING:
    from registration.models import LineRequest, Registration, RegistrationClaim


class AlreadyRegistered(RegistrationError):
    """The same telephone has already registered this person; `registration` is what exists."""

    message = _("You have already registered this person. The registration holds; nothing has changed.")
    way_back = "registration:mine"

    def __init__(self, registration: "Registration | RegistrationClaim") -> None:
        super().__init__(registration)
        self.registration = registration


class CourseComplete(AlreadyRegistered):
    """The person has had all doses; told to the telephone of the registration alone."""

    message = _(
        "This person has had all doses of the vaccination, so nobody can register them again. "
        "If that is a mistake, call the line 1221, every day from 8 am to 7 pm."
    )


class AlreadyHandedOver(RegistrationError):
    """A request of the same telephone about this person waits at line 1221: `request`."""

    message = _("The line 1221 has this person's request already. Nothing has changed; please wait for their call.")
    way_back = "registration:mine"

    def __init__(self, request: "LineRequest") -> None:
        super().__init__(request)
        self.request = request


class TooManyRegistrations(RegistrationError):
    """The telephone has registered `most` persons in the last 24 hours, whether or not somebody else had before."""

    way_back = "registration:form"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    @property
    def message(self) -> str:  # type: ignore[override]
        """Advice for today and for tomorrow."""
        return ngettext(
            "This person is not registered yet. One telephone can register at most %(count)d person in 24 hours. "
            "Please try again tomorrow, or call the line 1221 today; they will register the person with you.",
            "This person is not registered yet. One telephone can register at most %(count)d persons in 24 hours. "
            "Please try again tomorrow, or call the line 1221 today; they will register the person with you.",
            self.most,
        ) % {"count": self.most}


class TwoPeopleFound(RegistrationError):
    """A number is the registration number of one person and the insured person's number of another."""

    message = _(
        "This number is one person's registration number and another person's insured number. "
        "Please look the person up by name, or by the code on the confirmation."
    )


class ContactChanged(RegistrationError):
    """Somebody has corrected the contact since the page was opened."""

    message = _("Somebody has changed the contact meanwhile. Nothing was kept; open the page again and compare it.")
    way_back = "registration:desk"


class AlreadyEnded(RegistrationError):
    """The registration has ended before."""

    message = _("This registration had ended already. Nothing has changed.")
    way_back = "registration:mine"


class NothingToLeave(RegistrationError):
    """All doses were given."""

    message = _("All doses of this vaccination have been given. There is nothing to leave.")
    way_back = "registration:mine"


class NotEnded(RegistrationError):
    """The registration stands."""

    message = _("This registration holds already. Nothing has changed.")
    way_back = "registration:mine"


class CannotComeBack(RegistrationError):
    """A registration that its person did not end; or a reason that only staff may read."""

    message = _(
        "This registration cannot be opened again from here. Please call the line 1221, every day from 8 am to 7 pm; "
        "have the registration number at hand."
    )
    way_back = "registration:mine"


class AnotherRegistrationHolds(RegistrationError):
    """The person has been registered anew meanwhile: `registration`."""

    message = _("The person has another registration, and that one holds.")
    way_back = "registration:mine"

    def __init__(self, registration: "Registration") -> None:
        super().__init__(registration)
        self.registration = registration


class CannotBeJoined(RegistrationError):
    """The base of why two records are not joined."""

    way_back = "registration:desk"


class SameRecord(CannotBeJoined):
    """One record twice."""

    message = _("Both numbers lead to one record already. There is nothing to join.")


class RecordIsJoined(CannotBeJoined):
    """One of the two records has been joined with another one."""

    message = _(
        "One of these records is joined with another one already. Please open the person again and look at the "
        "joined records there."
    )


class OtherRecordHasJoined(CannotBeJoined):
    """Another record was joined into the one that is to be joined."""

    message = _(
        "Another record was joined into the second one before. Please open the second one and join this record into "
        "it; or take that one apart first."
    )


class BothHaveJoined(CannotBeJoined):
    """Other records were joined into each of the two."""

    message = _(
        "Other records were joined into both of these. Please take the records of one of them apart first, and then "
        "join each of them into the record that stays."
    )


class BetterPlaceStays(CannotBeJoined):
    """Both have a registration that holds, and that of the record that is to be joined comes sooner in the order."""

    message = _(
        "The registration of the second record has the better place in the order, and it would end. Please open that "
        "one, and join this record into it."
    )


class KeepTheRegistered(CannotBeJoined):
    """Only the record that is to be joined has a registration that holds."""

    message = _(
        "Only the second record has a registration that holds. Please open that one, and join this record into it."
    )


class NotOnePerson(CannotBeJoined):
    """Two records that cannot be of one person."""

    message = _(
        "These are two people: the dates of birth differ, and both are kept under the same kind of number. "
        "Please compare the numbers once more."
    )


class TakenApartBefore(CannotBeJoined):
    """The records have been taken apart."""

    message = _("These records have been taken apart already. Nothing has changed.")


class ClaimIsSettled(RegistrationError):
    """Somebody else has decided meanwhile, or the other telephone has withdrawn it."""

    message = _("This was decided already, and the first decision holds.")
    way_back = "registration:mine"


class NothingToMove(RegistrationError):
    """The person has no registration that stands: it ended meanwhile."""

    message = _("The registration has ended meanwhile. Open it again first, or register the person anew.")
    way_back = "registration:mine"


class NotYours(RegistrationError):
    """The telephone has lost the registration since the page was shown."""

    message = _(
        "This registration belongs to another telephone now. To see it, prove that telephone. "
        "If it was not you who changed it, call the line 1221, every day from 8 am to 7 pm."
    )
    way_back = "registration:mine"


class HomeIsAbroad(RegistrationError):
    """Somebody who cannot come has an address in another state."""

    message = _(
        "Doctors and mobile teams come to homes in Czechia only. Please write the address in Czechia where the person "
        "stays, or leave out that the person cannot come."
    )
    way_back = "registration:mine"
