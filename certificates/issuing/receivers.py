"""What happens to a dose or a person sets certificates going, in the transaction in which it happens."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.utils import timezone

from certificates.issuing import requests, taken_away, truth, wakeup
from certificates.models import Certificate, SeriesCoding, VaccineCoding
from certificates.revocation.signals import certificates_revoked
from registration.signals import person_changed
from vaccination.models import Dose
from vaccination.signals import dose_annulled, dose_corrected, dose_recorded, doses_counted_anew


def connect() -> None:
    """Listen to the rooms below; called once at start-up, and again does no harm."""
    dose_recorded.connect(on_recorded, dispatch_uid="certificates.recorded")
    dose_corrected.connect(on_corrected, dispatch_uid="certificates.corrected")
    dose_annulled.connect(on_annulled, dispatch_uid="certificates.annulled")
    doses_counted_anew.connect(on_counted_anew, dispatch_uid="certificates.counted_anew")
    person_changed.connect(on_person_changed, dispatch_uid="certificates.person_changed")
    certificates_revoked.connect(on_revoked, dispatch_uid="certificates.drop_of_revoked")
    for coding in (VaccineCoding, SeriesCoding):
        post_save.connect(on_coded, sender=coding, dispatch_uid=f"certificates.coded.{coding.__name__}")


def on_recorded(*, dose: Dose, **_more: Any) -> None:
    """Request a certificate where the series is complete."""
    requests.request_for(dose)


def on_corrected(*, doses: Sequence[Dose], by: User | None, **_more: Any) -> None:
    """Keep all certificates of the person true."""
    truth.keep_true(person_id=doses[0].person_id, now=timezone.now(), by=by)


def on_annulled(*, dose: Dose, by: User | None, **_more: Any) -> None:
    """Keep all certificates of the person true, also those of the doses that have moved up."""
    truth.keep_true(person_id=dose.person_id, now=timezone.now(), by=by)


def on_counted_anew(*, person_id: int, now: datetime, **_more: Any) -> None:
    """Keep all certificates of the person true, also those that were made for a joined record of theirs."""
    truth.keep_true(person_id=person_id, now=now, why=Certificate.Revocation.PERSON_CORRECTED)


def on_person_changed(*, person_id: int, by: User | None, **_more: Any) -> None:
    """Keep all certificates of the person true, and let go on what waited for a name in Latin letters."""
    why = Certificate.Revocation.PERSON_CORRECTED
    truth.keep_true(person_id=person_id, now=timezone.now(), by=by, why=why)


def on_revoked(*, keys: Iterable[UUID], why: str, **_more: Any) -> None:
    """What was revoked by hand is not asked for any longer."""
    if why in Certificate.BY_HAND:
        taken_away.drop_requests(keys)


def on_coded(**_more: Any) -> None:
    """Look at once at what waits for a code."""
    wakeup.retry_on_commit()
