"""The reservation app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReservationConfig(AppConfig):
    """Reservation."""

    name = "reservation"
    verbose_name = _("Reservation")

    def ready(self) -> None:
        """Tell the outbox who makes the files of the confirmation, the staff's rooms what staff do here, and listen."""
        from crs.accounts import log_in_advice
        from logistics.staff import permissions, start_page
        from registration import progress
        from registration.applying import going_on
        from registration.desk import additions, look_words
        from registration.groups import order, preview
        from registration.mine import more_pages, next_steps
        from reservation import desk_section, my_next_steps, progress_words, receivers
        from reservation.inviting import desk_section as pin2_section
        from reservation.inviting import place_in_order, waiting_summary
        from reservation.moving import desk_section as changes
        from reservation.papers import attachments
        from reservation.permissions import TABLE, ReservationAct
        from reservation.postponing import desk_section as postponements
        from reservation.substitutes import desk_section as substitutes
        from reservation.waiting import desk_section as waiting_list
        from reservation.walk.going_on import SOURCE

        attachments.register()
        permissions.register(TABLE)
        additions.add_source(desk_section.of_registration)
        additions.add_source(changes.of_registration)
        additions.add_source(pin2_section.of_registration)
        additions.add_source(postponements.of_registration)
        additions.add_source(waiting_list.of_registration)
        additions.add_source(substitutes.of_registration)
        more_pages.add("reservation:my_substitute", _("Come sooner, when vaccine is left over"))
        receivers.connect()
        preview.set_source(waiting_summary.figures)
        order.set_source(place_in_order.estimate, place_in_order.estimate_of)
        next_steps.add_source(my_next_steps.of_registration)
        progress.add_source(progress_words.of_registrations)
        going_on.set_source(SOURCE)
        log_in_advice.add(30, "reservation/parts/staff_log_in_advice.html")
        look_words.add(page="reservation:calendar_people", words=_("People of a day"), what="people of a day")
        look_words.add(page="reservation:close_time", words=_("Whom the closure affects"))
        look_words.add(page="reservation:opening_rules", words=_("Whom a change of the opening hours affects"))
        look_words.add(page="reservation:substitute_call", words=_("Call to substitutes"))
        look_words.add(page="reservation:substitute_of_caller", words=_("Call as a substitute"))
        look_words.add(page="reservation:call", words=_("Call about an appointment"))
        look_words.add(page="reservation:times_of_caller", words=_("Change or cancel the times"))
        look_words.add(page="reservation:times_at_site", words=_("Change or cancel the times"))
        look_words.add(page="reservation:call_list", words=_("People to call"), what="call list, site")
        look_words.add(
            page="reservation:audit_reservation", words=_("Grounds of a reservation"), what="reservation of a sample"
        )
        look_words.add(page="reservation:audit", words=_("Random check of the order"), what="sample of reservations")
        look_words.add(page="reservation:replan", words=_("Whom a re-planning moves"))
        look_words.add(page="reservation:replan_calls", words=_("People to call after a re-planning"))
        slots, reservations = ReservationAct.SEE_SLOTS, ReservationAct.SEE_RESERVATIONS
        coverage = ReservationAct.SEE_COVERAGE
        start_page.add_link(40, _("Calendar"), "reservation:calendar_sites", act=slots)
        start_page.add_link(42, _("Appointments that cannot stay"), "reservation:call_lists", act=slots)
        start_page.add_link(44, _("Re-planning"), "reservation:replans", act=ReservationAct.REPLAN)
        start_page.add_link(48, _("Where vaccine is missing"), "reservation:coverage_of_sites", act=coverage)
        start_page.add_link(50, _("Reservations"), "admin:reservation_reservation_changelist", act=reservations)
        start_page.add_link(55, _("Random check of the order"), "reservation:audit", act=ReservationAct.AUDIT_ORDER)
