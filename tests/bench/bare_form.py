"""The yardstick of a registration: a form view as one writes it in Django, with the writes that CRS makes.

It has no middleware, and asks for the fields alone: no rules of groups, no choice of sites, nothing about who is
registered already. The history is kept by the triggers that CRS has, in one context (pghistory).
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pghistory
from django import forms
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import Context, Engine
from django.utils import timezone

from crs.messaging.models import Message
from crs.models import SentForm
from registration.models import Person, Registration
from registration.people.insured_number import lookup_hash

_PAGE = Engine().from_string(
    """<!doctype html><html lang="en"><title>Registration</title><h1>Who is to be vaccinated</h1>
    <form method="post">{{ form.as_p }}<button>Register</button></form></html>"""
)


class _Form(forms.Form):
    default_renderer = DjangoTemplates

    first_name = forms.CharField(max_length=80)
    last_name = forms.CharField(max_length=80)
    insured_number = forms.RegexField(r"^\d{9,10}$")
    birth_date = forms.DateField(initial=date(1938, 5, 17))
    insurer = forms.ChoiceField(choices=Person.Insurer.choices)
    street = forms.CharField(max_length=120)
    city = forms.CharField(max_length=80)
    postcode = forms.CharField(max_length=5)
    email = forms.EmailField(required=False)
    consent = forms.BooleanField()


def register(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST it with the keys of the session and of the form: the rows of a registration; a redirect."""
    form = _Form(request.POST or None)
    if not form.is_valid():
        return HttpResponse(_PAGE.render(Context({"form": form})))
    number = _write(form.cleaned_data, request.POST)
    Session.objects.filter(pk=request.POST["session"]).update(
        session_data=F("session_data"), expire_date=timezone.now() + timedelta(hours=2)
    )
    return HttpResponseRedirect(f"/registrations/{number}/")


def _write(typed: dict[str, Any], told: Any) -> str:
    now, digits = timezone.now(), typed["insured_number"]
    with transaction.atomic(), pghistory.context(url="/registration/", operation="registration.register"):
        form = SentForm.objects.create(key=UUID(told["key"]), contents="0" * 64, outcome={}, sent_at=now)
        names = ("first_name", "last_name", "birth_date", "insurer", "street", "city", "postcode")
        person = Person.objects.create(
            insured_number=digits, insured_number_hash=lookup_hash(digits), **{name: typed[name] for name in names}
        )
        registration = Registration.objects.create(
            number=digits,
            person=person,
            phone=told["phone"],
            email=typed["email"],
            consented_at=now,
            created_at=now,
        )
        ways = {Message.Channel.SMS: told["phone"], Message.Channel.EMAIL: typed["email"]}
        Message.objects.bulk_create(
            Message(
                channel=channel,
                recipient=recipient,
                template="registration/registered",
                language="cs",
                text=f"You are registered under the number {digits}.",
                due_at=now,
            )
            for channel, recipient in ways.items()
        )
        form.outcome = {"registration": registration.pk}
        form.save(update_fields=["outcome"])
    return registration.number
