"""What a dose sets going, in the transaction in which it is recorded, corrected or annulled."""

from typing import Any

from django.utils import timezone

from certificates.issuing import requests, truth
from vaccination.models import Dose
from vaccination.signals import dose_annulled, dose_corrected, dose_recorded


def connect() -> None:
    """Listen to vaccination; called once at start-up, and again does no harm."""
    dose_recorded.connect(on_recorded, dispatch_uid="certificates.recorded")
    dose_corrected.connect(on_changed, dispatch_uid="certificates.corrected")
    dose_annulled.connect(on_changed, dispatch_uid="certificates.annulled")


def on_recorded(*, dose: Dose, **_more: Any) -> None:
    """Request a certificate where the series is complete."""
    requests.request_for(dose)


def on_changed(*, dose: Dose, **_more: Any) -> None:
    """Keep all certificates of the person true; the operation sends this for each dose that it changed."""
    truth.keep_true(person_id=dose.person_id, now=timezone.now())
