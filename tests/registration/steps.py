"""The addresses of the steps of registering, and what is read there."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

PHONE, PIN, FORM = reverse("registration:phone"), reverse("registration:pin"), reverse("registration:form")
RESEND, DONE, EXISTING = reverse("registration:resend"), reverse("registration:done"), reverse("registration:mine")
FINISH = reverse("registration:finish")

Prove = Callable[[Client, str], Client]
KEY = "b94d27b9-934d-4e08-a52e-52d7da7dabfa"


def html_of(response: Any) -> str:
    return str(response.content.decode())
