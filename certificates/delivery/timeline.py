"""The names of our messages on a person's timeline."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.delivery import sending, voiding
from certificates.models import Delivery
from vaccination.timeline import entries
from vaccination.timeline.entries import Rows

NAMES = {
    sending.CERTIFICATE: _("the vaccination certificate"),
    sending.PASSWORD: _("the password of the vaccination certificate"),
    sending.READY: _("that the vaccination certificate is ready"),
    voiding.VOID: _("that the vaccination certificate is not valid any more"),
}


def connect() -> None:
    """Add them; called once at start-up, and again does no harm."""
    entries.add_messages(NAMES, references_of)


def references_of(rows: Rows) -> Iterator[str]:
    """The deliveries of the people's certificates."""
    found = Delivery.objects.filter(
        Q(certificate__person__in=rows.people) | Q(certificate__dose__person__in=rows.people)
    )
    yield from (str(key) for key in found.values_list("pk", flat=True))
