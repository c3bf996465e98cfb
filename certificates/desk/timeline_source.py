"""The certificates on a person's timeline: issued, revoked and why, sent, each by whom."""

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, Delivery, IssueRequest
from crs.users import name_of_user
from vaccination.timeline.entries import Entry, Kind, Rows

_PASSWORDS: dict[str, str | Promise] = {
    Delivery.PasswordWay.SMS: gettext_lazy("The certificate was sent by e-mail, its password by SMS"),
    Delivery.PasswordWay.PAPER: gettext_lazy("The certificate was sent by e-mail, its password on paper"),
    Delivery.PasswordWay.NONE: gettext_lazy("The person was told where the certificate can be had on paper"),
}


def certificates(rows: Rows) -> Iterator[Entry]:
    """Certificates issued and revoked, requests that the ministry rejected, and who sent one.

    What goes out by itself is told as the messages that it is.
    """
    yield from _certificates(rows)
    yield from _rejections(rows)
    yield from _deliveries(rows)


def _certificates(rows: Rows) -> Iterator[Entry]:
    found = Certificate.objects.filter(person__in=rows.people).select_related("issued_by", "revoked_by")
    for one in found.defer("text"):
        dose = {"dose": f"{one.dose_number}/{one.total_doses}"}
        text = _("Certificate %(dose)s issued: %(why)s") % (dose | {"why": one.get_cause_display()})
        yield Entry(one.issued_at, Kind.CERTIFICATE, text, by=name_of_user(one.issued_by))
        if one.revoked_at:
            text = _("Certificate %(dose)s revoked: %(why)s") % (dose | {"why": one.get_revocation_display()})
            by, reason = name_of_user(one.revoked_by), one.revocation_note
            yield Entry(one.revoked_at, Kind.CERTIFICATE, text, by=by, reason=reason)


def _rejections(rows: Rows) -> Iterator[Entry]:
    rejected = IssueRequest.objects.filter(dose__person__in=rows.people, state=IssueRequest.State.REJECTED)
    for one in rejected.exclude(decided_at=None).select_related("dose", "decided_by"):
        assert one.decided_at is not None  # noqa: S101 (for the type checker)
        day = date_format(one.dose.given_on, "j. n. Y")
        text = _("The ministry rejected the certificate of the dose of %(day)s") % {"day": day}
        by, reason = name_of_user(one.decided_by), one.decision_reason
        yield Entry(one.decided_at, Kind.CERTIFICATE, text, by=by, reason=reason)


def _deliveries(rows: Rows) -> Iterator[Entry]:
    deliveries = Delivery.objects.filter(certificate__person__in=rows.people).exclude(asked_by=None)
    for one in deliveries.select_related("asked_by").defer("password"):
        yield Entry(one.asked_at, Kind.CERTIFICATE, str(_PASSWORDS[one.password_way]), by=name_of_user(one.asked_by))
