"""Refusals at a station's vial; each says what to do."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written
from vaccination.errors import VaccinationError


class VialError(VaccinationError):
    """Something cannot be done with a vial; nothing of it was."""


class SiteHasNoStore(VialError):
    """The site keeps no stock, so there is nothing to open."""

    message = _("This site keeps no stock in CRS yet. Ask the stock keeper to establish its store and receive vials.")


class StationClosed(VialError):
    """The station is not used any more, or belongs to another site."""

    message = _("This station is not used any more. Choose another one.")


class StationHasOpenVial(VialError):
    """Another vial is open at the station."""

    message = _("A vial is open at this station already. Use up its doses, or end it first (throw away or put aside).")


class NotAtThisSite(VialError):
    """The vial, or the vials in the store, are those of another site."""

    message = _("This vial belongs to another site. Choose one of yours.")


class NothingToOpen(VialError):
    """No closed vial in the store fits what was scanned or typed."""

    def __init__(self, *, what: str) -> None:
        super().__init__(what)
        self.message = _(
            "The store of this site holds no closed vial of %(what)s that may be used. "
            "Look at the number on the vial, or have the delivery confirmed first."
        ) % {"what": what}


class VialEmpty(VialError):
    """No dose is left in the vial."""

    message = _(
        "No dose is left in this vial. Open another one; if there was one more dose in it, count the extra dose first."
    )


class VialEnded(VialError):
    """The vial was ended before."""

    def __init__(self, *, at: datetime) -> None:
        super().__init__(at)
        self.message = _("This vial was ended on %(time)s. Choose the vial from which the dose was really drawn.") % {
            "time": written(at)
        }


class VialOutOfTime(VialError):
    """The clock of the opened vial has run out."""

    def __init__(self, *, use_by: datetime) -> None:
        super().__init__(use_by)
        self.message = _(
            "This vial was to be used by %(time)s and must not be used any more. End it and open another one."
        ) % {"time": written(use_by)}


class NotOpenYet(VialError):
    """A dose is said to be given before its vial was opened."""

    def __init__(self, *, opened_at: datetime) -> None:
        super().__init__(opened_at)
        self.message = _(
            "This vial was opened only on %(time)s. Correct the time of the dose, or choose the vial open then."
        ) % {"time": written(opened_at)}


class StillOpen(VialError):
    """The vial is open, where an ended one is needed."""

    message = _("This vial is still open. There is nothing to take up again.")


class NothingLeft(VialError):
    """Nothing is left to throw away or to put aside."""

    message = _("Nothing is left in this vial: it is ended already.")


class NoDoseToPutBack(VialError):
    """No dose was given from the vial."""

    message = _("No dose was drawn from this vial. Choose the vial from which it was drawn.")


class NoWaste(VialError):
    """Nothing of the vial was thrown away, or its waste was reversed in the store's own screens."""

    message = _("Nothing of this vial is written off, so there is nothing to take back.")


class VialDayIsClosed(VialError):
    """The day on which the vial is opened is closed, and with it what was left in vials."""

    message = _("That day is closed. Ask the manager of the site to reopen it, then record the vial.")


class WasteNeedsReason(VialError):
    """The rest is to be thrown away, and nobody said why."""

    message = _("Choose why the rest is thrown away.")
