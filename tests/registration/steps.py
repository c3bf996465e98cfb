"""The addresses of the steps of registering, and what is read there."""

from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.pages import form_key

PHONE, PIN, FORM = reverse("registration:phone"), reverse("registration:pin"), reverse("registration:form")
REVIEW = reverse("registration:review")
RESEND, DONE, EXISTING = reverse("registration:resend"), reverse("registration:done"), reverse("registration:mine")
FINISH = reverse("registration:finish")

Prove = Callable[[Client, str], Client]
KEY = "b94d27b9-934d-4e08-a52e-52d7da7dabfa"


def send(client: Client, form: Mapping[str, Any], *, follow: bool = False) -> Any:
    """Fill in the form, look it over and send it; the answer of the page at which one stays, or to the last click."""
    answer = client.post(FORM, form)
    if answer.headers.get("Location") != REVIEW:
        return client.get(answer.headers["Location"], follow=True) if follow and answer.status_code == 302 else answer
    page = client.get(REVIEW)
    if page.status_code != 200 or b'name="seen"' not in page.content:
        return page
    consents = {name: form[name] for name in ("consent", "guardian_consent") if name in form}
    seen = page.context["form"]["seen"].value()
    sent = {"seen": seen, "form_key": form.get("form_key", form_key(page)), **consents}
    return client.post(REVIEW, sent, follow=follow)


def html_of(response: Any) -> str:
    return str(response.content.decode())
