"""A checked reservation in words, for the page, the file and the command; no name stands in them."""

from collections.abc import Iterable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crs.csv_download import Cell
from crs.typed_moment import written
from reservation.audit.checking import Checked
from reservation.operations import Operation

_ARRANGED: dict[str, str | Promise] = {
    Operation.CONFIRM: gettext_lazy("the person, with PIN2"),
    Operation.SEAT_TODAY: gettext_lazy("staff: a place of the day"),
    Operation.BOOK_NEXT: gettext_lazy("staff: the next dose"),
    Operation.SUBSTITUTE_COMES: gettext_lazy("a substitute, for a dose that was left"),
    "vaccination.check_in": gettext_lazy("staff, at the check-in"),
}


def way_of(one: Checked) -> str:
    """How the reservation came about."""
    operation = one.context.get("operation", "")
    if operation in _ARRANGED:
        return str(_ARRANGED[operation])
    is_by_staff = one.was_by_staff or "user" in one.context
    return _("staff, as part of another act") if is_by_staff else _("in another way")


def site_of(one: Checked) -> str:
    """Where the first of its doses is given."""
    times = sorted(one.grounds.reservation.appointments.all(), key=lambda time: time.dose_number)
    return times[0].slot.site.name if times else ""


def of_file(checked: Iterable[Checked]) -> Iterator[tuple[Cell, ...]]:
    """The table as a file, with its head."""
    yield (
        *(_("Key of the reservation"), _("Confirmed"), _("Vaccination site"), _("How it came about")),
        *(_("Group"), pgettext("rule", "Valid from"), _("Score"), _("Age then"), _("Proof then"), _("Proof today")),
        *(_("PIN2 from"), _("Higher in the order, still waiting"), _("Waiting in all"), pgettext("rank", "Counted")),
        _("Finding"),
    )
    for one in checked:
        grounds, rule = one.grounds, one.grounds.rule
        invitation = grounds.invitation
        yield (
            *(str(grounds.pk), written(grounds.decided_at), site_of(one), way_of(one)),
            *((str(rule.group), written(rule.valid_from), rule.score) if rule else (None, None, None)),
            *(one.age, grounds.get_claim_state_display(), one.claim_now_words),
            written(invitation.issued_at) if invitation else None,
            *(grounds.ahead, grounds.waiting, written(grounds.counted_at) if grounds.counted_at else None),
            str(one.finding.label),
        )
