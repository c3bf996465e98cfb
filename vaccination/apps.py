"""The vaccination app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaccinationConfig(AppConfig):
    """Vaccination."""

    name = "vaccination"
    verbose_name = _("Vaccination")

    def ready(self) -> None:
        """Tell the staff's rooms what staff do here, and listen to the rooms below."""
        from logistics.staff import permissions, start_page
        from reservation.arranging import presence
        from reservation.papers import confirmed_links
        from reservation.permissions import ReservationAct
        from vaccination import additions
        from vaccination.doses import receivers
        from vaccination.permissions import TABLE, VaccinationAct
        from vaccination.timeline import entries, sources
        from vaccination.visits import here

        permissions.register(TABLE)
        receivers.connect()
        presence.set_source(here.is_anybody)
        for source in sources.ALL:
            entries.add_source(source)
        additions.add_person_link(20, _("Postpone doses"), "reservation:postponement_at_site", ReservationAct.POSTPONE)
        additions.add_person_link(
            25, _("Change or cancel the times"), "reservation:times_at_site", ReservationAct.CHANGE_TIMES
        )
        confirmed_links.add(10, "vaccination/questions/parts/home_link.html")
        start_page.add_link(5, _("Vaccinating: the people of today"), "vaccination:home", act=VaccinationAct.SEE_DAY)
