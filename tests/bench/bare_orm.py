"""The second yardstick of a dose: the same writes by Django's ORM, as somebody would write a bare view with it.

It has no middleware and reads nothing. The history is kept by the triggers that CRS has, in one context (pghistory).
"""

from datetime import timedelta
from uuid import UUID

import pghistory
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone

from crs.models import SentForm
from logistics.models import StockBalance, StockDocument, StockMovement
from registration.models import Registration
from reservation.models import Appointment
from tests.bench import bare_form
from vaccination.models import Dose, VialSession, Visit


def give_dose(request: HttpRequest) -> HttpResponse:
    """POST the keys of all rows: the writes of a dose in one transaction, that of the session after it; a redirect."""
    told, now = request.POST, timezone.now()
    is_last = When(doses=F("given") + F("wasted") + 1, then=Value(now))
    ends = When(doses=F("given") + F("wasted") + 1, then=Value(VialSession.End.EMPTY.value))
    with transaction.atomic(), pghistory.context(user=told["by"], url=request.path, operation="vaccination.dose"):
        form = SentForm.objects.create(key=UUID(told["key"]), contents="0" * 64, outcome={}, sent_at=now)
        Registration.objects.filter(pk=told["registration"]).update(doses_received=F("doses_received") + 1)
        Appointment.objects.filter(pk=told["appointment"]).update(state=Appointment.State.FULFILLED)
        observed = {"state": Visit.State.OBSERVED, "observe_until": now + timedelta(minutes=30)}
        Visit.objects.filter(pk=told["visit"]).update(**observed)
        VialSession.objects.filter(pk=told["vial"]).update(
            given=F("given") + 1, ended_at=Case(is_last, default=None), end=Case(ends, default=Value(""))
        )
        document = StockDocument.objects.create(
            kind=StockDocument.Kind.CONSUMPTION,
            store_id=told["store"],
            happened_on=timezone.localdate(now),
            recorded_at=now,
            recorded_by_id=told["by"],
        )
        StockMovement.objects.create(document=document, item_id=told["item"], quantity=-1)
        balance = StockBalance.objects.filter(store=int(told["store"]), item=int(told["item"]))
        balance.update(quantity=F("quantity") - 1)
        dose = Dose.objects.create(
            person_id=told["person"],
            registration_id=told["registration"],
            number=1,
            vaccine_id="comirnaty",
            batch_id=told["batch"],
            site_id=told["site"],
            visit_id=told["visit"],
            vial_id=told["vial"],
            consumption=document,
            given_at=now,
            recorded_at=now,
            recorded_by_id=told["by"],
            where=Dose.Where.LEFT_ARM,
            is_dominant_side=False,
            given_by_id=told["doctor"],
            doctor_id=told["doctor"],
        )
        form.outcome = {"dose": str(dose.pk)}
        form.save(update_fields=["outcome"])
    session = Session.objects.filter(pk=told["session"])
    session.update(session_data=F("session_data"), expire_date=now + timedelta(days=1))
    return HttpResponseRedirect(f"/doses/{dose.pk}/")


def healthz(_request: HttpRequest) -> HttpResponse:
    """It answers."""
    return HttpResponse("ok")


urlpatterns = [path("dose/", give_dose), path("registration/", bare_form.register), path("healthz", healthz)]
