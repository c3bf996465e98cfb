"""A registration that was opened again: its doses are counted anew, for nobody counted them while it was ended."""

from typing import Any

from registration.applying import course
from registration.models import Registration
from registration.signals import registration_reopened
from vaccination.doses import numbering
from vaccination.models import Dose


def connect() -> None:
    """Listen to the room below; called once at start-up."""
    registration_reopened.connect(on_reopened, dispatch_uid="vaccination.registration_reopened")


def on_reopened(*, registration_id: int, **_more: Any) -> None:
    """Keep the course of the reopened registration, whose person is locked; a complete one is complete again."""
    person = Registration.objects.select_related("person").get(pk=registration_id).person
    doses = list(Dose.objects.valid().of(person).select_related("vaccine").order_by("given_at"))
    course.keep(registration_id=registration_id, received=len(doses), is_complete=numbering.is_complete(doses))
